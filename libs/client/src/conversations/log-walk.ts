import { forgetPastEpochs, openMessage, type MessageOutcome } from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, type LogEntry, type Seq } from '@wisp/protocol';
import { announceConversation } from './announce.js';
import { goAstray, isAstray } from './astray.js';
import type { Context } from './context.js';
import { finishEntry, noEffect, type Place } from './entry.js';
import { judgeUnseen, noteGone, passAbsent } from './gone-while-away.js';
import { holdSending } from './holds.js';
import { checkHead, countSender, countUnopened, sameBytes } from './integrity.js';
import { orderOf, placeholderId } from './keys.js';
import { recogniseOwn } from './own-entry.js';
import { readHeader } from './read-header.js';
import { countUnread, receiveBody } from './receive-body.js';
import type { ConversationRecord } from './records.js';
import { acceptedAfter, nowOf } from './retention.js';
import type { Room } from './room.js';
import { sha256 } from './sha256.js';
import { soundSession } from './sound-session.js';
import { liftPlaceholder, showUnopened } from './unopened.js';
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
  await soundSession(context, room);
  for (const entry of page.entries) {
    if (room.record.state === 'left') return;
    if (entry.seq <= room.record.cursor) continue;
    await passAbsent(context, room, (entry.seq - 1) as Seq);
    await walkEntry(context, room, entry);
  }
  await passAbsent(context, room, page.through);
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
  else if (room.record.ownCountLost && (await wasWalked(context, room, { place, promised })))
    await finishEntry(context, room, { place, effect: noEffect(room) });
  else if (entry.device === context.self.deviceId) await recogniseOwn(context, room, place);
  else await walkMessage(context, room, place);
  if (promised !== null && !sameBytes(promised, hash))
    await holdSending(context, room, `entry ${entry.seq} isn't the one that was acknowledged`);
}

/** Where the walk stood went with a damaged record: it begins somewhat before, and keeps what it did then. */
async function wasWalked(
  context: Context,
  room: Room,
  { place, promised }: { place: Place; promised: Uint8Array | null },
): Promise<boolean> {
  if (promised !== null) return sameBytes(promised, place.hash);
  const stands = await context.store.message(room.id, orderOf(room.record, place.entry.seq));
  return stands?.hash === encodeBase64url(place.hash);
}

async function walkMessage(context: Context, room: Room, place: Place): Promise<void> {
  const { entry, bytes, hash } = place;
  await liftPlaceholder(context, room, entry.seq);
  const current = await room.currentSession(context);
  if (current === null) return storeUnopened(context, room, { ...place, outcome: 'no-session' });
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
  const { absent } = room.record;
  const itsStart = sawStart(room.record);
  const { sender: counted, swept } = countSender(sender, traces, { itsStart, absent });
  const record = swept > 0 ? noteGone(room.record, entry.seq) : room.record;
  const effect = await receiveBody(context, {
    room,
    record: {
      ...record,
      senders: { ...record.senders, [entry.device]: counted },
      acceptedOn: acceptedAfter(record.acceptedOn, body, nowOf(context)),
    },
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
  { outcome, ...place }: Place & { outcome: Closed },
): Promise<void> {
  const { entry } = place;
  const reason = reasonOf(room.record, outcome);
  // Not authenticated: the id names the placeholder only.
  const messageId = placeholderId(entry.seq);
  const effect = showUnopened(context, room, { place, messageId, reason });
  const isAhead = outcome === 'future-epoch' && entry.user === room.record.peer;
  const counted = {
    ...explainUnopened(room.record, place),
    activeAt: entry.acceptedAt,
    spoken: true,
    aheadSeq: isAhead ? (room.record.aheadSeq ?? entry.seq) : room.record.aheadSeq,
  };
  const record = effect.shown.reduce(countUnread, counted);
  await finishEntry(context, room, { place, effect: { ...effect, record } });
}

type Closed = 'refused' | 'no-session' | Extract<MessageOutcome, { kind: 'undecryptable' }>['reason'];

/** `waiting`: keys for it may be on their way. */
function reasonOf(record: ConversationRecord, outcome: Closed): 'refused' | 'waiting' | 'key-gone' {
  if (outcome === 'refused') return 'refused';
  const isExpected = isAstray(record) || record.heardOf > record.incarnation;
  if (outcome === 'future-epoch') return 'waiting';
  return isExpected && (outcome === 'not-ours' || outcome === 'no-session') ? 'waiting' : 'key-gone';
}

/** A permanent message that came but doesn't open is accounted for: it isn't missing. */
function explainUnopened(record: ConversationRecord, { entry, bytes }: Place): ConversationRecord {
  const header = readHeader(bytes);
  const sender = record.senders[entry.device];
  const counted =
    header && countUnopened(sender, header, { user: entry.user, sawItsStart: sawStart(record) });
  return counted ? { ...record, senders: { ...record.senders, [entry.device]: counted } } : record;
}

/** In a direct conversation everybody's first message was there to be seen. */
function sawStart({ kind, sawStart: saw }: ConversationRecord): boolean {
  return kind === 'direct' && saw;
}

/** At the head everything that could explain a gap, or a newer epoch, has been read (protocol §4–5). */
export async function judgeAtHead(context: Context, room: Room): Promise<void> {
  const { aheadSeq } = room.record;
  if (aheadSeq !== null && !isAstray(room.record)) {
    const why = { badSeq: aheadSeq, now: context.time.now(), random: context.random() };
    await room.save(context, { record: goAstray(room.record, { reason: 'epoch-behind', ...why }) });
    await announceConversation(context, room);
  }
  for (const [device, sender] of Object.entries(room.record.senders)) {
    if (sender.missing > 0)
      await holdSending(
        context,
        room,
        `${sender.missing} kept messages missing of ${device} at ${room.record.cursor}`,
      );
  }
  await judgeUnseen(context, room);
}
