import { beginConversation, checkKeyPackage, type ListedDevices, type Person } from '@wisp/e2ee';
import {
  claimKeyPackages,
  decodeBase64url,
  encodeBase64url,
  type BodyOf,
  type ConversationId,
  type Seq,
  type UserId,
} from '@wisp/protocol';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { EngineError } from '../engine-error.js';
import type { Context } from './context.js';
import { listedDevices } from './listed-devices.js';
import { newConversationRecord } from './new-record.js';
import { pendingRecordOf } from './own-commit.js';
import { Room } from './room.js';

const OWNER = 4;
const ZEROS = new Uint8Array(32);

type ClaimBody = BodyOf<typeof claimKeyPackages>;

/**
 * A direct conversation with somebody, up to its stored first commit: claims a KeyPackage of each of their devices,
 * checks it against their device list, builds the group. `submitPending` sends it.
 */
export async function startDirect(context: Context, peer: UserId): Promise<Room> {
  const conversationId = uuidv7() as ConversationId;
  const claimed = await claimFor(context, { peer, conversationId });
  const [mine, theirs] = await Promise.all([
    listedDevices(context, context.self.userId),
    listedDevices(context, peer),
  ]);
  for (const keyPackage of claimed) {
    const verdict = await checkKeyPackage(keyPackage, {
      deviceList: theirs,
      serverId: context.self.serverId,
      now: context.time.now(),
    });
    if (verdict.kind === 'refused') throw new EngineError('identity-mismatch');
  }
  const now = context.time.now();
  const settings = {
    timer: { mode: 'none' as const, ttl: 0 },
    title: '',
    about: '',
    whoMayAdd: 4 as const,
    whoMayEdit: 4 as const,
    whoMayPost: 1 as const,
  };
  const outcome = await beginConversation({
    me: context.self,
    now,
    conversationId,
    incarnation: 1,
    kind: 'direct',
    people: [owner(context.self.userId, mine), owner(peer, theirs)],
    keyPackages: claimed,
    settings,
    lastCommitSeq: 0 as Seq,
    head: { seq: 0 as Seq, hash: ZEROS },
  });
  if (outcome.kind === 'refused') throw new EngineError('identity-mismatch');
  const room = new Room(
    newConversationRecord({
      conversationId,
      kind: 'direct',
      incarnation: 1,
      settings,
      state: 'creating',
      self: context.self.userId,
      users: [context.self.userId, peer],
      from: { seq: 0 as Seq, hash: encodeBase64url(ZEROS) },
      now,
    }),
  );
  const pending = pendingRecordOf(outcome.pending, { opens: 'create', attempts: 0 });
  await room.save(context, { record: room.record, changes: [context.store.putPending(room.id, pending)] });
  return room;
}

function owner(userId: UserId, deviceList: ListedDevices): Person {
  return { userId, role: OWNER, deviceList };
}

async function claimFor(
  context: Context,
  wish: { peer: UserId; conversationId: ConversationId },
): Promise<Uint8Array[]> {
  const body: ClaimBody = { claimId: uuidv4(), conversationId: wish.conversationId };
  const result = await context.http.call(claimKeyPackages, { params: { id: wish.peer }, body });
  if (result.kind === 'unreachable') throw new EngineError('offline');
  if (result.kind === 'problem') {
    const { code } = result.problem;
    if (code === 'no-key-packages' || code === 'not-found') throw new EngineError('unreachable-user');
    throw new EngineError(code === 'rate-limited' ? 'rate-limited' : 'server-unavailable');
  }
  return result.value.packages.map(({ keyPackage }) => decodeBase64url(keyPackage));
}
