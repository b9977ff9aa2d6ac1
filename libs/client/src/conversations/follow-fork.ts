import { encodeBase64url, type MessageId, type Seq, type SyncedConversation } from '@wisp/protocol';
import { v4 as uuidv4 } from 'uuid';
import { announceConversation, announceMessages } from './announce.js';
import { wantRenewal } from './astray.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { orderOfWaiting, placeOf } from './keys.js';
import type { MessageRecord, OutboxRecord } from './records.js';
import type { Room } from './room.js';

const EVERYTHING = 2 ** 31 - 1;
const ZEROS = new Uint8Array(32);

/**
 * The server was restored and has lost what this log held above `fork` (server §7): the cursor goes back, what this
 * device holds stays, own messages that were lost wait to be sent again, and the conversation needs its next incarnation.
 * Call it within the serial; it changes nothing a second time.
 */
export async function followFork(
  context: Context,
  room: Room,
  moved: {
    timeline: number;
    fork: Seq;
    synced: Pick<SyncedConversation, 'head' | 'newestCommitSeq' | 'lastN'>;
  },
): Promise<void> {
  const { timeline, fork, synced } = moved;
  const { record, id } = room;
  const messages = await context.store.page(id, { before: null, limit: EVERYTHING });
  const lost = messages.filter(({ seq }) => seq !== null && seq > fork);
  const own = lost.filter(({ own: isOwn, content }) => isOwn && content.kind === 'text');
  const others = lost.filter((message) => !own.includes(message));
  const top = Math.max(record.cursor, fork, ...lost.map(({ seq }) => seq ?? 0));
  const isUrgent = top > fork || record.ownN > synced.lastN;
  const held = await context.store.heldHash(id, fork);
  const cursor = Math.min(record.cursor, fork) as Seq;
  const isCut = record.cursor > fork;
  // A newer one above the fork comes by in the walk.
  const lastCommitSeq =
    record.lastCommitSeq > fork ? (Math.min(synced.newestCommitSeq, fork) as Seq) : record.lastCommitSeq;
  // Whatever was taken back may have come to life again with the copy.
  const takenBack = messages.filter(({ own: isOwn, content }) => isOwn && content.kind === 'deleted');
  const queue = await requeue(context, room, [...own, ...takenBack]);
  const pending = await context.store.pending(id);
  // It follows an entry that the log has lost; another one will stand at that seq.
  const isGroundless = pending !== null && pending.lastCommitSeq > fork;
  await room.save(context, {
    record: {
      ...wantRenewal(record, isUrgent ? 'urgent' : 'lazy'),
      timeline,
      cursor,
      serverHead: synced.head,
      ...(isCut ? { headSeq: cursor, lastCommitSeq } : {}),
      ...(isCut ? { headHash: encodeBase64url(held ?? ZEROS) } : {}),
      shift: placeOf(record.shift + top - fork),
      // A Welcome to what was lost never comes.
      heardOf: record.incarnation,
      acked: Object.fromEntries(
        Object.entries(record.acked).map(([device, seq]) => [device, Math.min(seq, fork) as Seq]),
      ),
    },
    changes: [
      ...(await context.store.forgetSeqsAbove(id, fork)),
      ...(isGroundless ? [context.store.removePending(id)] : []),
      // Places of what the server no longer knows: the seqs will be others'.
      ...others.flatMap((before) =>
        context.store.replaceMessage(id, { before, after: { ...before, seq: null } }),
      ),
      ...queue.changes,
    ],
  });
  room.early.clear();
  if (isGroundless) await announceConversation(context, room);
  await announceMessages(context, room, queue.shown);
}

/** Lost messages wait again before all that waits; their counters are the next incarnation's to give. */
async function requeue(context: Context, room: Room, lost: readonly MessageRecord[]) {
  const { store } = context;
  const waiting = await store.outbox(room.id, EVERYTHING);
  const known = new Set(
    waiting.map(({ record: { say, messageId } }) =>
      say.type === 'delete' ? say.target.messageId : messageId,
    ),
  );
  const again = lost.filter(({ messageId }) => !known.has(messageId));
  if (again.length === 0) return { changes: [], shown: [] };
  let number = await store.nextOutboxNumber(room.id);
  const changes = waiting.map((item) => store.removeOutbox(room.id, item.number));
  const shown: MessageRecord[] = [];
  const queue = [
    ...again.map((message) => outboxRecordOf(room, message)),
    ...waiting.map(({ record }) => record),
  ];
  for (const record of queue) {
    const item: NumberedOutboxRecord = { number, record };
    changes.push(store.putOutbox(room.id, item));
    const before = await store.findMessage(room.id, context.self.userId, record.messageId);
    if (before !== null && record.say.type === 'text') {
      const after = {
        ...before,
        content: settled(before.content),
        order: orderOfWaiting(number),
        seq: null,
        acceptedAt: null,
        readAt: null,
      };
      changes.push(...store.replaceMessage(room.id, { before, after }));
      shown.push(after);
    }
    number += 1;
  }
  return { changes, shown };
}

/** It goes out anew with the words that it has now: no earlier ones can come back. */
function settled(content: MessageRecord['content']): MessageRecord['content'] {
  return content.kind === 'text' ? { ...content, accepted: null } : content;
}

/** A text again; of what was taken back, the delete, so that a restored copy of it goes as well. */
export function outboxRecordOf(room: Room, message: MessageRecord): OutboxRecord {
  const { author, content, messageId, timer } = message;
  const common = {
    enteredAt: message.sentAt,
    users: room.record.users,
    n: null,
    kept: null,
    sealedAt: null,
    sealed: null,
    hashes: [],
    asks: null,
    isReleased: true,
    confirmed: false,
  };
  if (content.kind === 'text') {
    const say = { type: 'text', text: content.text, quote: content.quote } as const;
    // Its clock has begun: it gets no second life.
    return {
      ...common,
      messageId,
      say,
      timer,
      diesAt: timer.mode === 'after-send' ? message.deadline : null,
    };
  }
  const say = { type: 'delete', target: { author, messageId } } as const;
  return { ...common, messageId: uuidv4() as MessageId, say, timer: { mode: 'none', ttl: 0 }, diesAt: null };
}
