import { beginConversation, type ListedDevices } from '@wisp/e2ee';
import { decodeBase64url, getConversation, type ConversationSettings, type UserId } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { isAstray } from './astray.js';
import { claimFor } from './claim-key-packages.js';
import type { Context } from './context.js';
import { listedDevices } from './listed-devices.js';
import { pendingRecordOf } from './own-commit.js';
import type { ConversationRecord } from './records.js';
import type { Room } from './room.js';
import { knownEpoch } from './standing.js';

const OWNER = 4;
const SECOND = 1000;
const FIRST_PAUSE = 5 * SECOND;
const LONGEST_PAUSE = 10 * 60 * SECOND;

/**
 * The next incarnation of a direct conversation, up to its stored first commit (protocol §4): a new group of the same two
 * people that follows the newest epoch that this device knows. Answers whether there is a commit to send; the server
 * takes one of two that come at once, and the other engine adopts it.
 */
export async function startNextIncarnation(context: Context, room: Room): Promise<boolean> {
  const { peer } = room.record;
  if (!(await isDue(context, room)) || peer === null) return false;
  const summary = await context.http.call(getConversation, { params: { id: room.id } });
  if (summary.kind !== 'ok') return false;
  try {
    const claimed = await claimFor(context, { peer, conversationId: room.id });
    const mine = await listedDevices(context, context.self.userId);
    const incarnation = Math.max(summary.value.incarnation, room.record.incarnation) + 1;
    const people = [owner(context.self.userId, mine), owner(peer, claimed.deviceList)];
    const { keyPackages } = claimed;
    return await room.serial.run(() => build(context, room, { incarnation, people, keyPackages }));
  } catch (error) {
    // Nobody can be added now: offline, no KeyPackages, too many claims. It is tried again.
    if (error instanceof EngineError) return false;
    throw error;
  }
}

/** Whether it is wanted now; the next try is put off before this one begins. */
function isDue(context: Context, room: Room): Promise<boolean> {
  return room.serial.run(async () => {
    const { record } = room;
    const { renewal } = record;
    const now = context.time.now();
    if (renewal === null || renewal.nextAt > now || record.cursor < record.serverHead) return false;
    if (!renewal.isUrgent && (await context.store.outbox(room.id, 1)).length === 0) return false;
    const pending = await context.store.pending(room.id);
    // What may be in the log already has to be decided there first.
    if (pending !== null && (pending.opens !== null || (pending.isSent && !isAstray(record)))) return false;
    const pause = Math.min(FIRST_PAUSE * 2 ** renewal.attempts, LONGEST_PAUSE) * (1 + context.random());
    const next = { ...renewal, attempts: renewal.attempts + 1, nextAt: Math.ceil(now + pause) };
    await room.save(context, { record: { ...record, renewal: next } });
    // Somebody else's has come by: its Welcome has that pause to arrive.
    const isInvited = record.heardOf > record.incarnation;
    return !isInvited || renewal.attempts > 0;
  });
}

async function build(
  context: Context,
  room: Room,
  begin: { incarnation: number; people: ReturnType<typeof owner>[]; keyPackages: Uint8Array[] },
): Promise<boolean> {
  const { record } = room;
  // Meanwhile the peer's may have come.
  if (record.renewal === null || begin.incarnation <= record.incarnation) return false;
  if (record.heardOf >= begin.incarnation) return false;
  const known = knownEpoch(record);
  const outcome = await beginConversation({
    me: context.self,
    now: context.time.now(),
    conversationId: room.id,
    kind: record.kind,
    ...begin,
    settings: known?.state.settings ?? settingsOf(record),
    ...(known === null ? {} : { follows: known }),
    lastCommitSeq: record.lastCommitSeq,
    head: { seq: record.headSeq, hash: decodeBase64url(record.headHash) },
  });
  if (outcome.kind === 'refused') return false;
  const pending = pendingRecordOf(outcome.pending, { opens: 'incarnation', attempts: 0 });
  await room.save(context, { changes: [context.store.putPending(room.id, pending)] });
  return true;
}

function owner(userId: UserId, deviceList: ListedDevices) {
  return { userId, role: OWNER, deviceList } as const;
}

/** Those of a direct conversation. */
export function settingsOf({ timer }: Pick<ConversationRecord, 'timer'>): ConversationSettings {
  return { timer, title: '', about: '', whoMayAdd: 4, whoMayEdit: 4, whoMayPost: 1 };
}
