import { viewGroup } from '@wisp/e2ee';
import { encodeBase64url, type ConversationId, type Seq } from '@wisp/protocol';
import { StoreDamaged } from '../store/store.js';
import { goAstray } from './astray.js';
import type { Context } from './context.js';
import { faceKey, isWaiting, shiftOf } from './keys.js';
import { newConversationRecord } from './new-record.js';
import { settingsOf } from './next-incarnation.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import { Room, storedSession } from './room.js';
import { isUnread } from './see.js';
import { standingOf } from './standing.js';
import { isHeldByIdentity } from './started-over.js';

const EVERYTHING = 2 ** 31 - 1;
const ZEROS = new Uint8Array(32);
/** So far back an entry may be missing below an own one that the server acknowledged before the walk came to it. */
const LOOK_BACK = 256;

type Basis = Pick<ConversationRecord, 'kind' | 'incarnation' | 'users' | 'timer' | 'standing'>;

/**
 * A conversation whose record is damaged, made again from what is stored beside it: who is in it from its MLS session or,
 * without one, from its messages; how far it was read from the hashes. The rest is for a repair to bring. Null: nothing
 * says who is in it; it stays shut, and what has a deadline still goes.
 */
export async function rebuildConversation(context: Context, id: ConversationId): Promise<Room | null> {
  const messages = await context.store.page(id, { before: null, limit: EVERYTHING });
  const basis = (await basisOfSession(context, id)) ?? basisOfMessages(context, messages);
  if (basis === null) return null;
  const begun = await begin(context, { id, basis });
  const told = { ...begun, ...(await spokenSoFar(context, begun, messages)) };
  const hold = (await isHeldByIdentity(context, told.peer)) ? identityHold(told) : null;
  const why = { badSeq: null, now: context.time.now(), random: context.random() };
  const record = goAstray({ ...told, hold }, { reason: 'store-damaged', ...why });
  const room = new Room(record);
  // The server's counts are needed, of a conversation that may not have moved since the last sync.
  await room.save(context, { record, changes: [context.store.forgetSync()] });
  return room;
}

async function basisOfSession(context: Context, id: ConversationId): Promise<Basis | null> {
  try {
    const session = await storedSession(context, id);
    if (session === null) return null;
    const { kind, incarnation, roster, settings } = viewGroup(session).state;
    const users = roster.map(({ userId }) => userId);
    return { kind, incarnation, users, timer: settings.timer, standing: standingOf(session) };
  } catch (error) {
    if (error instanceof StoreDamaged) return null;
    throw error;
  }
}

/** Enough for the next incarnation of a direct conversation, which follows nothing that this device would know. */
function basisOfMessages({ self }: Context, messages: readonly MessageRecord[]): Basis | null {
  const others = new Set(messages.filter(isSigned).map(({ author }) => author));
  const [peer] = others;
  if (peer === undefined || others.size > 1) return null;
  const users = [self.userId, peer];
  return { kind: 'direct', incarnation: 1, users, timer: { mode: 'none', ttl: 0 }, standing: null };
}

/** Somebody else's, under their own signature; who wrote what doesn't open, the server says. */
function isSigned({ own, content }: MessageRecord): boolean {
  return !own && (content.kind === 'text' || content.kind === 'deleted' || content.kind === 'unknown');
}

async function begin(
  context: Context,
  { id, basis }: { id: ConversationId; basis: Basis },
): Promise<ConversationRecord> {
  const cursor = readTo(await context.store.heldSeqs(id));
  const hash = await context.store.heldHash(id, cursor);
  const { kind, incarnation, users, timer, standing } = basis;
  return {
    ...newConversationRecord({
      conversationId: id,
      kind,
      incarnation,
      settings: settingsOf({ timer }),
      state: 'joined',
      self: context.self.userId,
      users,
      from: { seq: cursor, hash: encodeBase64url(hash ?? ZEROS) },
      now: context.time.now(),
    }),
    standing,
    // Unknown: the server's counts are those of this incarnation.
    beganAtSeq: 0 as Seq,
    ownCountLost: true,
    sawStart: false,
  };
}

/** Up to where the log was walked for sure: entries have their hashes, but own ones as soon as they are acknowledged. */
export function readTo(held: readonly Seq[]): Seq {
  const top = held.at(-1) ?? (0 as Seq);
  let cursor = top;
  for (let i = held.length - 1; i > 0; i -= 1) {
    const [seq, before] = [held[i]!, held[i - 1]!];
    if (top - seq > LOOK_BACK) break;
    if (before !== seq - 1) cursor = before;
  }
  return cursor;
}

/** What the timeline and the outbox tell. */
async function spokenSoFar(
  context: Context,
  { id, cursor, activeAt }: ConversationRecord,
  messages: readonly MessageRecord[],
): Promise<Partial<ConversationRecord>> {
  const placed = messages.filter(({ order }) => !isWaiting(order));
  const seen = placed.filter(({ own, seenAt }) => !own && seenAt !== null);
  const seenOrder = Math.max(0, ...seen.map(({ order }) => order));
  const unread = placed.filter((message) => isUnread(message, seenOrder));
  const waiting = await context.store.outbox(id, EVERYTHING);
  const newest = messages.at(-1);
  const first = unread[0];
  return {
    shift: Math.max(0, ...placed.map(({ order, seq }) => shiftOf({ order, seq: seq ?? cursor }))),
    seenOrder,
    toldSeenOrder: seenOrder,
    unread: unread.length,
    firstUnread: first === undefined ? null : faceKey(first.author, first.messageId),
    receiptsDue: receiptsDueFor(placed),
    spoken: messages.some(({ content }) => content.kind !== 'notice'),
    activeAt: newest === undefined ? activeAt : (newest.acceptedAt ?? newest.sentAt),
    ownN: Math.max(0, ...waiting.map(({ record }) => record.n ?? 0)),
  };
}

function receiptsDueFor(placed: readonly MessageRecord[]): ConversationRecord['receiptsDue'] {
  const due = placed.filter(
    ({ own, timer, expiresAt, readAt, content }) =>
      own && timer.mode !== 'none' && expiresAt !== null && readAt === null && content.kind === 'text',
  );
  const newest = due.at(-1);
  if (newest === undefined) return null;
  const until = Math.max(...due.map(({ expiresAt }) => expiresAt ?? 0));
  return { count: due.length, newest: newest.messageId, until };
}

function identityHold({ peer }: ConversationRecord): ConversationRecord['hold'] {
  return peer === null ? null : { kind: 'identity-changed', userId: peer };
}
