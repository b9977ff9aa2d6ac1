import type { Session } from '@wisp/e2ee';
import { encodeBase64url, type LogEntry, type Seq } from '@wisp/protocol';
import type { Change } from '../store/store.js';
import { announceMessages } from './announce.js';
import type { Context } from './context.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import { acceptedAfter, nowOf } from './retention.js';
import type { Room } from './room.js';

/** How many hashes of entries are kept, to compare heads with. */
const HELD_HASHES = 2000;

/** An entry of the log, decoded and hashed (SHA-256). */
export interface Place {
  entry: LogEntry;
  bytes: Uint8Array;
  hash: Uint8Array;
}

/** What an entry does to what is stored; nothing is shown before that is. */
export interface Effect {
  record: ConversationRecord;
  changes: Change[];
  shown: MessageRecord[];
}

export function noEffect(room: Room): Effect {
  return { record: room.record, changes: [], shown: [] };
}

/** One entry done: cursor, hash, ratchet and everything that came of it in one transaction; then it is shown. */
export async function finishEntry(
  context: Context,
  room: Room,
  done: { place: Place; effect: Effect; session?: Session | null },
): Promise<void> {
  const { place, effect } = done;
  const { seq } = place.entry;
  const record = {
    ...effect.record,
    cursor: seq,
    headSeq: seq,
    headHash: encodeBase64url(place.hash),
    acceptedOn: acceptedAfter(effect.record.acceptedOn, place.entry, nowOf(context)),
  };
  const changes: Change[] = [...effect.changes, context.store.putHash(room.id, { seq, hash: place.hash })];
  if (seq > HELD_HASHES) changes.push(context.store.removeHash(room.id, (seq - HELD_HASHES) as Seq));
  await room.save(context, {
    record,
    changes,
    ...(done.session === undefined ? {} : { session: done.session }),
  });
  await announceMessages(context, room, effect.shown);
}
