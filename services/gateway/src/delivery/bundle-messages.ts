import type { ConversationId, DeliveryItem } from '@wisp/protocol';

type Message = Extract<DeliveryItem, { kind: 'message' }>;

/** Messages of one device that follow each other in their conversation, under one commit: they share a frame. */
export interface MessageBundle extends Pick<Message, 'conversation' | 'newestCommitSeq' | 'device'> {
  readonly kind: 'messages';
  readonly messages: Message[];
}

export type DeliveryPart = Exclude<DeliveryItem, Message> | MessageBundle;

/** Of base64url; what is larger goes in a frame of its own. */
const BUNDLE_BYTES = 64_000;

/** One frame for several messages costs a socket one write. The order within each conversation stays. */
export function bundleMessages(items: readonly DeliveryItem[]): DeliveryPart[] {
  const parts: DeliveryPart[] = [];
  const open = new Map<ConversationId, { bundle: MessageBundle; bytes: number }>();
  for (const item of items) {
    const { conversation, newestCommitSeq } = item;
    if (item.kind !== 'message') {
      open.delete(conversation);
      parts.push(item);
      continue;
    }
    const { device, body } = item;
    const last = open.get(conversation);
    const joins =
      last?.bundle.device === device &&
      last.bundle.newestCommitSeq === newestCommitSeq &&
      last.bytes + body.length <= BUNDLE_BYTES;
    if (joins) {
      last.bundle.messages.push(item);
      last.bytes += body.length;
      continue;
    }
    const bundle: MessageBundle = {
      kind: 'messages',
      conversation,
      newestCommitSeq,
      device,
      messages: [item],
    };
    open.set(conversation, { bundle, bytes: body.length });
    parts.push(bundle);
  }
  return parts;
}
