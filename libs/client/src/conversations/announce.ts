import type { EngineEvent, MessageKey } from '../face.js';
import type { Context } from './context.js';
import { faceKey } from './keys.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';
import { viewConversation, viewMessages } from './views.js';

type GoneCause = Extract<EngineEvent, { type: 'messagesGone' }>['cause'];

/** Tells of messages that are stored as they are shown. */
export async function announceMessages(
  context: Context,
  room: Room,
  messages: readonly MessageRecord[],
): Promise<void> {
  if (messages.length > 0) {
    context.emit({
      type: 'messagesChanged',
      conversation: room.id,
      messages: await viewMessages(context, room, messages),
    });
  }
  await announceConversation(context, room);
}

export async function announceConversation(context: Context, room: Room): Promise<void> {
  context.emit({ type: 'conversationChanged', conversation: await viewConversation(context, room) });
}

/** Tells of messages that the store no longer has. */
export async function announceGone(
  context: Context,
  room: Room,
  gone: { messages: readonly MessageRecord[]; cause: GoneCause },
): Promise<void> {
  const keys: MessageKey[] = gone.messages.map(({ author, messageId }) => faceKey(author, messageId));
  context.emit({ type: 'messagesGone', conversation: room.id, keys, cause: gone.cause });
  await announceConversation(context, room);
}
