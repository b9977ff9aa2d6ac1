import { sealMessage } from '@wisp/e2ee';
import {
  appendFrame,
  decodeBase64url,
  encodeBase64url,
  limits,
  type AppendResult,
  type LogEntry,
  type MessageMatter,
} from '@wisp/protocol';
import { announceMessages } from './announce.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import { dropDead, isDead } from './drop-dead.js';
import { giveUp } from './give-up.js';
import { isSendingOpen, setHold } from './holds.js';
import { acceptOwn } from './own-entry.js';
import type { ConversationRecord, OutboxRecord } from './records.js';
import type { Room } from './room.js';
import { sha256 } from './sha256.js';
import { soundSession } from './sound-session.js';
import { excerptOf } from './views.js';

const DAY = 24 * 60 * 60 * 1000;
const SECOND = 1000;
const OUTBOX_WINDOW = 1000;

/** What became of one round: `again` at once, `resync` first, `later` on the next connect or retry, or `idle`. */
export type DrainOutcome = 'again' | 'resync' | 'later' | 'idle';

/** Entries of this device's own, as the acknowledgement places them: gateways don't push them to their sender. */
export type ReceiveOwn = (own: { entries: LogEntry[]; timeline: number }) => Promise<void>;

/**
 * Sends what waits in a conversation, in order. Messages are encrypted only now, connected and synced; bytes that went
 * out once go out again unchanged until the server has answered. Call it within the room's `line`.
 */
export async function drainOutbox(
  context: Context,
  room: Room,
  receiveOwn: ReceiveOwn,
): Promise<DrainOutcome> {
  if (!isSendingOpen(room.record) || context.realtime.state.kind !== 'online') return 'idle';
  const items = await room.serial.run(async () => {
    await soundSession(context, room);
    const batch = isSendingOpen(room.record) ? await nextBatch(context, room) : [];
    return batch.length === 0 ? [] : sealBatch(context, room, batch);
  });
  if (items.length === 0) return 'idle';
  const messages = items.flatMap(({ record }) => (record.sealed === null ? [] : [record.sealed]));
  const answer = await context.realtime.send(appendFrame, { conversation: room.id, messages });
  if (answer.kind !== 'ok') return 'later';
  const { results, timeline } = answer.value;
  // Restored since the last sync: what seqs mean has to be known first.
  if (room.record.timeline > 0 && timeline > room.record.timeline) return 'resync';
  const outcome = await room.serial.run(() => settle(context, room, { items, results }));
  const entries = ownEntries(context, { items, results });
  if (entries.length > 0) await receiveOwn({ entries, timeline });
  return outcome;
}

function ownEntries(
  context: Context,
  { items, results }: { items: readonly NumberedOutboxRecord[]; results: readonly AppendResult[] },
): LogEntry[] {
  const { userId: user, deviceId: device } = context.self;
  return items.flatMap(({ record }, i) => {
    const result = results[i];
    if (result?.status !== 'stored' || record.sealed === null) return [];
    const { seq, acceptedAt } = result;
    return [{ kind: 'message', seq, user, device, acceptedAt, body: record.sealed }];
  });
}

async function nextBatch(context: Context, room: Room): Promise<NumberedOutboxRecord[]> {
  await dropDead(context, room);
  const waiting = await context.store.outbox(room.id, limits.messagesPerAppend);
  const batch: NumberedOutboxRecord[] = [];
  for (const item of waiting) {
    // The server has it by its word; a delete that follows needs to know where.
    if (item.record.confirmed) break;
    const asked = await askFirst(context, room, item);
    if (asked) break;
    batch.push(item);
  }
  return batch;
}

/** A message that waited for a day, or that somebody new would read: the person decides (protocol §5–6). */
async function askFirst(context: Context, room: Room, item: NumberedOutboxRecord): Promise<boolean> {
  const { record } = item;
  if (record.asks !== null) return true;
  if (record.n !== null || record.say.type !== 'text' || record.isReleased) return false;
  const hasJoined = room.record.users.some((user) => !record.users.includes(user));
  const asks = hasJoined
    ? 'somebody-joined'
    : context.time.now() - record.enteredAt > DAY
      ? 'waited-a-day'
      : null;
  if (asks === null) return false;
  await room.save(context, {
    changes: [context.store.putOutbox(room.id, { ...item, record: { ...record, asks } })],
  });
  await announceWaiting(context, room, record);
  return true;
}

async function announceWaiting(context: Context, room: Room, record: OutboxRecord): Promise<void> {
  const message = await context.store.findMessage(room.id, context.self.userId, record.messageId);
  await announceMessages(context, room, message === null ? [] : [message]);
}

/** Encrypts what has no bytes yet. State and bytes are stored together, before anything is sent. */
async function sealBatch(
  context: Context,
  room: Room,
  batch: NumberedOutboxRecord[],
): Promise<NumberedOutboxRecord[]> {
  let session = await room.requireSession(context);
  let record = room.record;
  const done: NumberedOutboxRecord[] = [];
  for (const item of batch) {
    if (item.record.sealed !== null) {
      done.push(item);
      continue;
    }
    const living = livingSay(context, item.record);
    const n = living.n ?? record.ownN + 1;
    const isPermanent = living.timer.mode === 'none';
    const kept = living.kept ?? record.ownKept + (isPermanent ? 1 : 0);
    const sealed = await sealMessage(session, {
      header: {
        n,
        messageId: living.messageId,
        lastCommitSeq: record.lastCommitSeq,
        ...livingTimer(context, living),
        wake: living.say.type === 'text',
      },
      body: {
        sentAt: context.time.now(),
        head: { seq: record.headSeq, hash: decodeBase64url(record.headHash) },
        kept,
        listVersion: context.self.deviceList.version,
        ...(await matterOf(context, room, living)),
      },
    });
    const hash = encodeBase64url(await sha256(sealed.bytes));
    session = sealed.session;
    record = {
      ...record,
      ownN: Math.max(record.ownN, n),
      ownKept: Math.max(record.ownKept, kept),
      sentSinceHealing: record.sentSinceHealing + 1,
    };
    done.push({
      ...item,
      record: {
        ...living,
        n,
        kept,
        sealedAt: living.sealedAt ?? context.time.now(),
        sealed: encodeBase64url(sealed.bytes),
        hashes: [...living.hashes, hash],
      },
    });
  }
  if (record !== room.record)
    await room.save(context, {
      record,
      session,
      changes: done.map((item) => context.store.putOutbox(room.id, item)),
    });
  return done;
}

/** One whose target died later says nothing either, but its counter, once given, still has to be used. */
function livingSay(context: Context, record: OutboxRecord): OutboxRecord {
  return isDead(context, record)
    ? { ...record, say: { type: 'joined' }, timer: { mode: 'after-send', ttl: 1 }, diesAt: null }
    : record;
}

/** Derived messages live at most as long as their target. */
function livingTimer(context: Context, record: OutboxRecord): OutboxRecord['timer'] {
  if (record.diesAt === null) return record.timer;
  const left = Math.floor((record.diesAt - context.time.now()) / SECOND);
  return { mode: 'after-send', ttl: Math.min(Math.max(left, limits.ttlMin), limits.ttlMax) };
}

async function matterOf(context: Context, room: Room, record: OutboxRecord): Promise<MessageMatter> {
  const { say } = record;
  switch (say.type) {
    case 'text': {
      if (say.quote === null) return { type: 'text', content: { text: say.text } };
      const target = await context.store.findMessage(room.id, say.quote.author, say.quote.messageId);
      if (target?.content.kind !== 'text') return { type: 'text', content: { text: say.text } };
      // What dies takes its quotes along: an excerpt on the wire would outlive it.
      if (target.timer.mode !== 'none')
        return { type: 'text', content: { text: say.text, quote: { ...say.quote, excerpt: '' } } };
      return {
        type: 'text',
        content: { text: say.text, quote: { ...say.quote, excerpt: excerptOf(target.content.text) } },
      };
    }
    case 'edit':
      return { type: 'edit', target: say.target, content: { text: say.text } };
    case 'delete':
      return { type: 'delete', target: say.target, content: {} };
    case 'receipt':
      return { type: 'receipt', target: say.newestRead, content: {} };
    case 'joined':
      return { type: 'joined', content: {} };
  }
}

async function settle(
  context: Context,
  room: Room,
  answered: { items: NumberedOutboxRecord[]; results: AppendResult[] },
): Promise<DrainOutcome> {
  for (const [i, item] of answered.items.entries()) {
    const result = answered.results[i];
    if (result === undefined) return 'later';
    const outcome = await settleOne(context, room, { item, result });
    if (outcome !== 'again') return outcome;
  }
  return 'again';
}

async function settleOne(
  context: Context,
  room: Room,
  one: { item: NumberedOutboxRecord; result: AppendResult },
): Promise<DrainOutcome> {
  const { item, result } = one;
  // Its entry came by before the answer did: that settled it.
  const current = await context.store.outboxItem(room.id, item.number);
  if (current?.messageId !== item.record.messageId) return 'again';
  // Meanwhile it has to be sealed anew: what became of the old bytes, the log says.
  if (current.sealed !== item.record.sealed) return 'resync';
  switch (result.status) {
    case 'stored': {
      const effect = await acceptOwn(context, room, { item, seq: result.seq, acceptedAt: result.acceptedAt });
      // What the walk has to find there; where it has been already, it compares.
      const hash = decodeBase64url(item.record.hashes.at(-1) ?? '');
      const held = await context.store.heldHash(room.id, result.seq);
      await room.save(context, {
        record: effect.record,
        changes: [
          ...effect.changes,
          ...(held === null ? [context.store.putHash(room.id, { seq: result.seq, hash })] : []),
        ],
      });
      await announceMessages(context, room, effect.shown);
      return 'again';
    }
    case 'duplicate':
      await room.save(context, {
        changes: [context.store.putOutbox(room.id, { ...item, record: { ...item.record, confirmed: true } })],
      });
      return 'resync';
    case 'stale':
      await unseal(context, room);
      return 'resync';
    case 'gap':
      return 'resync';
    case 'not-member':
      await setHold(context, room, { kind: 'left' });
      return 'idle';
    case 'malformed':
    case 'too-large':
      await giveUp(context, room, { item, reason: result.status === 'too-large' ? 'too-large' : 'refused' });
      return item.record.say.type === 'delete' ? 'later' : 'again';
    case 'unavailable':
    case 'overloaded':
      return 'later';
  }
}

/** Made under a commit that is too old: everything that waits is encrypted anew, with the same n and messageId. */
async function unseal(context: Context, room: Room): Promise<void> {
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  const changes = waiting
    .filter(({ record }) => record.sealed !== null && !record.confirmed)
    .map((item) => context.store.putOutbox(room.id, { ...item, record: { ...item.record, sealed: null } }));
  await room.save(context, { changes });
}

/** How many generations the outbox has used since the last healing, and whether it is time (protocol §4). */
export function wantsHealing(record: ConversationRecord, now: number): boolean {
  const HEAL_AFTER_MESSAGES = 256;
  return (
    record.sentSinceHealing >= HEAL_AFTER_MESSAGES ||
    (record.sentSinceHealing > 0 && now - record.healedAt > DAY)
  );
}
