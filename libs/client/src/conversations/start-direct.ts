import { beginConversation, type ListedDevices, type Person } from '@wisp/e2ee';
import { encodeBase64url, type ConversationId, type Seq, type UserId } from '@wisp/protocol';
import { v7 as uuidv7 } from 'uuid';
import { EngineError } from '../engine-error.js';
import { claimFor } from './claim-key-packages.js';
import type { Context } from './context.js';
import { listedDevices } from './listed-devices.js';
import { newConversationRecord } from './new-record.js';
import { settingsOf } from './next-incarnation.js';
import { pendingRecordOf } from './own-commit.js';
import { Room } from './room.js';
import { tellStartedOver } from './started-over.js';

const OWNER = 4;
const ZEROS = new Uint8Array(32);

/**
 * A direct conversation with somebody, up to its stored first commit: claims a KeyPackage of each of their devices,
 * checks it against their device list, builds the group. `submitPending` sends it.
 */
export async function startDirect(context: Context, peer: UserId): Promise<Room> {
  const conversationId = uuidv7() as ConversationId;
  const claimed = await claimFor(context, { peer, conversationId });
  const mine = await listedDevices(context, context.self.userId);
  const now = context.time.now();
  const settings = settingsOf({ timer: { mode: 'none', ttl: 0 } });
  const outcome = await beginConversation({
    me: context.self,
    now,
    conversationId,
    incarnation: 1,
    kind: 'direct',
    people: [owner(context.self.userId, mine), owner(peer, claimed.deviceList)],
    keyPackages: claimed.keyPackages,
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
  const begun = await tellStartedOver(context, room.record);
  await room.save(context, {
    record: begun.record,
    changes: [context.store.putPending(room.id, pending), ...begun.changes],
  });
  return room;
}

function owner(userId: UserId, deviceList: ListedDevices): Person {
  return { userId, role: OWNER, deviceList };
}
