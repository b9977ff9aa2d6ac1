import { forgetPastEpochs, openMessage } from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, type LogEntry, type MessageId, type Seq } from '@wisp/protocol';
import type { Context } from './context.js';
import { finishEntry, type Place } from './entry.js';
import { holdSending, isFrozen } from './holds.js';
import { checkHead, countSender, countUnopened, sameBytes } from './integrity.js';
import { orderOf, placeOf } from './keys.js';
import { recogniseOwn } from './own-entry.js';
import { readHeader } from './read-header.js';
import { countUnread, receiveBody } from './receive-body.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import type { Room } from './room.js';
import { sha256 } from './sha256.js';
import { walkCommit } from './walk-commit.js';

const DAY = 24 * 60 * 60 * 1000;

export interface LogPage {
  entries: readonly LogEntry[];
  /** The page is complete up to here: what is absent from it is gone. */
  through: Seq;
}

/**
 * Walks a page of the log by seq: first valid commit, strict FIFO, each entry stored with what came of it before
 * anything is shown. Entries at or below the cursor were walked before. Call it within the room's serial.
 */
export async function walkLog(context: Context, room: Room, page: LogPage): Promise<void> {
  for (const entry of page.entries) {
    if (isFrozen(room.record)) return;
    if (entry.seq > room.record.cursor) await walkEntry(context, room, entry);
  }
  if (page.through > room.record.cursor) {
    await room.save(context, { record: { ...room.record, cursor: page.through } });
  }
  if (room.record.cursor >= room.record.serverHead) await judgeAtHead(context, room);
}

async function walkEntry(context: Context, room: Room, given: LogEntry): Promise<void> {
  // No clock is wrong by more than this in earnest, and what is reckoned from it has to stay a time.
  const entry = { ...given, acceptedAt: Math.min(given.acceptedAt, context.time.now() + DAY) };
  const bytes = decodeBase64url(entry.body);
  const hash = await sha256(bytes);
  const place = { entry, bytes, hash };
  // Set before the entry came by when the server acknowledged a message of ours as this one.
  const promised = await context.store.heldHash(room.id, entry.seq);
  if (entry.kind === 'commit') await walkCommit(context, room, place);
  else if (entry.device === context.self.deviceId) await recogniseOwn(context, room, place);
  else await walkMessage(context, room, place);
  if (promised !== null && !sameBytes(promised, hash))
    await holdSending(context, room, `entry ${entry.seq} isn't the one that was acknowledged`);
}

async function walkMessage(context: Context, room: Room, place: Place): Promise<void> {
  const { entry, bytes, hash } = place;
  const current = await room.currentSession(context);
  if (current === null) return storeUnopened(context, room, { ...place, outcome: 'refused' });
  const session = forgetPastEpochs(current, entry.acceptedAt);
  const sender = room.record.senders[entry.device];
  const outcome = await openMessage(session, bytes, { uploader: entry.device, lastN: sender?.n ?? 0 });
  if (outcome.kind !== 'opened')
    return storeUnopened(context, room, {
      ...place,
      outcome: outcome.kind === 'refused' ? 'refused' : outcome.reason,
    });

  const { header, body, author } = outcome;
  const traces = { user: author.userId, n: header.n, kept: body.kept, mode: header.mode, head: body.head };
  const head = checkHead(body.head, entry.seq, await context.store.heldHash(room.id, body.head.seq));
  // Counted first: a delete may be what explains the gap that it shows itself.
  const counted = countSender(sender, traces, room.record.kind === 'direct');
  const effect = await receiveBody(context, {
    room,
    record: { ...room.record, senders: { ...room.record.senders, [entry.device]: counted } },
    entry,
    hash: encodeBase64url(hash),
    author,
    header,
    body,
  });
  await finishEntry(context, room, { place, effect, session: outcome.session });
  if (head.kind === 'differs')
    await holdSending(context, room, `head ${head.why} at ${entry.seq} by ${entry.device}`);
}

async function storeUnopened(
  context: Context,
  room: Room,
  place: Place & { outcome: string },
): Promise<void> {
  const { entry } = place;
  const reason =
    place.outcome === 'refused' ? 'refused' : place.outcome === 'future-epoch' ? 'waiting' : 'key-gone';
  const message: MessageRecord = {
    author: entry.user,
    device: entry.device,
    // Not authenticated: it names the placeholder only.
    messageId: placeholderId(entry.seq),
    own: false,
    order: orderOf(entry.seq),
    seq: entry.seq,
    content: { kind: 'undecryptable', reason },
    hash: encodeBase64url(place.hash),
    timer: { mode: 'none', ttl: 0 },
    sentAt: entry.acceptedAt,
    acceptedAt: entry.acceptedAt,
    expiresAt: entry.expiresAt ?? null,
    receivedAt: context.time.now(),
    seenAt: null,
    deadline: entry.expiresAt ?? null,
    readAt: null,
    failed: null,
  };
  const record = countUnread(
    { ...explainUnopened(room.record, place), activeAt: entry.acceptedAt, spoken: true },
    message,
  );
  await finishEntry(context, room, {
    place,
    effect: { record, changes: context.store.putMessage(room.id, message), shown: [message] },
  });
}

/** A permanent message that came but doesn't open is accounted for: it isn't missing. */
function explainUnopened(record: ConversationRecord, { entry, bytes }: Place): ConversationRecord {
  const header = readHeader(bytes);
  const sender = record.senders[entry.device];
  const counted = header && countUnopened(sender, header, { user: entry.user, kind: record.kind });
  return counted ? { ...record, senders: { ...record.senders, [entry.device]: counted } } : record;
}

/** The id under which something stands that has none of its own. */
function placeholderId(seq: Seq): MessageId {
  return `00000000-0000-4000-8000-${placeOf(seq).toString(16).padStart(12, '0')}` as MessageId;
}

/** At the head everything that could explain a gap has been read (protocol §5). */
export async function judgeAtHead(context: Context, room: Room): Promise<void> {
  for (const [device, sender] of Object.entries(room.record.senders)) {
    if (sender.missing > 0)
      await holdSending(
        context,
        room,
        `${sender.missing} kept messages missing of ${device} at ${room.record.cursor}`,
      );
  }
}
