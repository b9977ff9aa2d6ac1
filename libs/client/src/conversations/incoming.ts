import { unreachable, type ConversationId, type Seq, type UserId } from '@wisp/protocol';
import { inBackground } from '../in-background.js';
import type { ReceivedFrame } from '../transport/transport.js';
import { announceConversation, announceMessages } from './announce.js';
import type { Context } from './context.js';
import { receiveExpired } from './expiry.js';
import { orderOf } from './keys.js';
import type { MessageRecord } from './records.js';
import type { Room } from './room.js';
import type { LogSync } from './sync.js';

/** How far back a mark of a peer's device is shown. */
const MARK_BACK = 50;

type PayloadOf<Event extends ReceivedFrame['event']> = Extract<ReceivedFrame, { event: Event }>['payload'];

export interface IncomingParts {
  context: Context;
  rooms: ReadonlyMap<ConversationId, Room>;
  log: LogSync;
  join: () => Promise<void>;
  /** Connected and read up to the head: what waits may go. */
  resume: () => Promise<void>;
  /** Somebody asks to be let back in. */
  answer: () => Promise<void>;
  /** Syncs over HTTP, joins what waits, sends what waits. */
  catchUp: () => Promise<void>;
}

/** A frame of the gateway: a doorbell, or something that only the moment knows. */
export async function receiveFrame(parts: IncomingParts, frame: ReceivedFrame): Promise<void> {
  const { context, rooms, log } = parts;
  switch (frame.event) {
    case 'synced': {
      const outcome = await log.receiveConnected(frame.payload);
      await parts.join();
      return outcome === 'synced' ? parts.resume() : undefined;
    }
    case 'entries':
      return rooms.has(frame.payload.conversation)
        ? log.receiveEntries(frame.payload.conversation, frame.payload)
        : parts.join();
    case 'head':
      return log.receiveRing(frame.payload.conversation, frame.payload);
    case 'expired':
      return expireEntries(parts, frame.payload);
    case 'acked':
      return receiveMark(parts, frame.payload);
    case 'welcome':
      await parts.join();
      return parts.resume();
    case 'requests':
      return parts.answer();
    case 'devices':
      return devicesMoved(parts, frame.payload.user);
    case 'hint':
      context.clock.after(frame.payload.within * context.random(), () => inBackground(parts.catchUp()));
      return;
    case 'typing': {
      const { conversation, user, on } = frame.payload;
      return context.emit({ type: 'typingChanged', conversation, users: on ? [user] : [] });
    }
    case 'presence':
    case 'device-missing':
    case 'bye':
    case 'closing':
      return;
    default:
      return unreachable(frame);
  }
}

async function expireEntries(
  { context, rooms }: IncomingParts,
  expired: PayloadOf<'expired'>,
): Promise<void> {
  const room = rooms.get(expired.conversation);
  await room?.serial.run(async () => {
    const found: MessageRecord[] = [];
    for (const seq of expired.seqs) {
      const message = await context.store.message(room.id, orderOf(room.record, seq));
      if (message !== null) found.push(message);
    }
    await receiveExpired(context, room, found);
  });
}

/** A peer's device has stored everything up to there. */
async function receiveMark({ context, rooms }: IncomingParts, mark: PayloadOf<'acked'>): Promise<void> {
  const room = rooms.get(mark.conversation);
  if (room === undefined || mark.user === context.self.userId) return;
  await room.serial.run(async () => {
    const before = room.record.acked[mark.device] ?? (0 as Seq);
    if (mark.seq <= before) return;
    await room.save(context, {
      record: { ...room.record, acked: { ...room.record.acked, [mark.device]: mark.seq } },
    });
    const page = await context.store.page(room.id, { before: null, limit: MARK_BACK });
    const delivered = page.filter(({ own, seq }) => own && seq !== null && seq > before && seq <= mark.seq);
    await announceMessages(context, room, delivered);
  });
}

async function devicesMoved({ context, rooms, log }: IncomingParts, user: UserId): Promise<void> {
  await context.contacts.update(user);
  await log.sync();
  for (const room of rooms.values()) {
    if (room.record.users.includes(user)) await announceConversation(context, room);
  }
}
