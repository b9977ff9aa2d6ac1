import { userIdToBytes, type UserId } from '@wisp/protocol';
import { opensLog } from '../domain/member-table.js';
import type { CommitRecord, LogPlace, PendingCommit } from '../domain/ports.js';
import { toStored, type Database, type Transaction } from './connect-database.js';

interface Step {
  readonly tx: Transaction;
  readonly commit: PendingCommit;
  readonly conversationId: string;
}

/** Moves the projection to the commit's place in the log, all in one transaction; null if it stands there already. */
export function applyCommit(
  database: Database,
  commit: PendingCommit,
  { seq, acceptedAt }: LogPlace,
): Promise<CommitRecord | null> {
  const { conversation, commitId, caller, hash, delta } = commit;
  return database.$transaction(async (tx) => {
    const step: Step = { tx, commit, conversationId: conversation };
    await tx.$queryRaw`
      SELECT 1 FROM groups.conversations WHERE conversation_id = ${conversation}::uuid FOR NO KEY UPDATE`;
    const gone = await tx.pendingCommit.deleteMany({ where: { conversationId: conversation, commitId } });
    if (gone.count === 0) return null;
    if (seq <= commit.lastCommitSeq) throw new Error('the log went backwards');

    // Of a restored log: it has lost what came after, and gives those seqs to others.
    await tx.commit.deleteMany({
      where: { conversationId: conversation, seq: { gt: BigInt(commit.lastCommitSeq) } },
    });
    await tx.conversation.update({
      where: { conversationId: conversation },
      data: { incarnation: delta.incarnation, newestCommitSeq: BigInt(seq) },
    });
    await tx.commit.create({
      data: {
        conversationId: conversation,
        commitId,
        seq: BigInt(seq),
        userId: stored(caller.user),
        deviceId: caller.device,
        hash: toStored(hash),
        acceptedAt: new Date(acceptedAt),
        isLimited: commit.isLimited,
      },
    });
    await moveRoster(step);
    await moveDevices(step);
    await closeRequests(step);
    await releaseWelcome(step);
    return { conversation, commitId, caller, hash, seq, acceptedAt };
  });
}

async function moveRoster({ tx, commit, conversationId }: Step): Promise<void> {
  const { users } = commit.delta;
  const out = users.filter(({ role }) => role === 0).map(({ user }) => stored(user));
  if (out.length > 0) await tx.rosterEntry.deleteMany({ where: { conversationId, userId: { in: out } } });
  const rows = users
    .filter(({ role }) => role !== 0)
    .map(({ user, role, listVersion }) => ({
      userId: stored(user),
      role,
      ...(listVersion !== undefined && { listVersion }),
    }));
  if (rows.length === 0) return;
  const { count } = await tx.rosterEntry.createMany({
    data: rows.map((row) => ({ conversationId, ...row })),
    skipDuplicates: true,
  });
  if (count === rows.length) return;
  for (const { userId, ...changed } of rows) {
    await tx.rosterEntry.update({
      where: { conversationId_userId: { conversationId, userId } },
      data: changed,
    });
  }
}

async function moveDevices({ tx, commit, conversationId }: Step): Promise<void> {
  const { adds, removes } = commit.delta;
  const creator = opensLog(commit) ? [commit.caller] : [];
  const rows = [...creator, ...adds].map(({ user, device }) => ({
    conversationId,
    deviceId: device,
    userId: stored(user),
    isMember: true,
  }));
  if (removes.length > 0) {
    await tx.device.updateMany({
      where: { conversationId, deviceId: { in: removes } },
      data: { isMember: false },
    });
    // A Welcome to a group that the device is no longer in would only be refused.
    await tx.welcome.deleteMany({ where: { conversationId, deviceId: { in: removes } } });
    await tx.welcomeBody.deleteMany({ where: { conversationId, welcomes: { none: {} } } });
  }
  if (rows.length === 0) return;
  await tx.device.deleteMany({
    where: { conversationId, deviceId: { in: rows.map((row) => row.deviceId) } },
  });
  await tx.device.createMany({ data: rows });
  // A commit that was on its way may have brought in a device of somebody who has left: the log is told again.
  await tx.rosterEntry.updateMany({
    where: { conversationId, leftTold: true, userId: { in: rows.map((row) => row.userId) } },
    data: { leftTold: false },
  });
}

/** What was asked for has been done, or can't be done any more. */
async function closeRequests({ tx, commit, conversationId }: Step): Promise<void> {
  const { users, adds, removes } = commit.delta;
  const moved = users.map(({ user }) => stored(user));
  const devices = [...adds.map(({ device }) => device), ...removes];
  const out = users.filter(({ role }) => role === 0).map(({ user }) => stored(user));
  await tx.request.deleteMany({
    where: {
      conversationId,
      OR: [
        { kind: 'join', userId: { in: moved } },
        { kind: 'repair', deviceId: { in: devices } },
        { userId: { in: out } },
      ],
    },
  });
}

async function releaseWelcome({ tx, commit, conversationId }: Step): Promise<void> {
  const { welcome, commitId, delta } = commit;
  if (welcome === null) return;
  await tx.welcomeBody.create({ data: { conversationId, commitId, body: toStored(welcome) } });
  await tx.welcome.createMany({
    data: delta.welcomed.map(({ user, device }) => ({
      conversationId,
      commitId,
      deviceId: device,
      userId: stored(user),
    })),
  });
}

function stored(user: UserId): Uint8Array<ArrayBuffer> {
  return toStored(userIdToBytes(user));
}
