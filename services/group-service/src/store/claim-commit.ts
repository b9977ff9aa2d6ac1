import { userIdToBytes, type ConversationId, type Seq, type UserId } from '@wisp/protocol';
import type { ClaimOutcome, PendingCommit } from '../domain/ports.js';
import { toStored, type Database, type Transaction } from './connect-database.js';

/** Commits of a conversation come 5 s apart, three at once at most; a plain member's ten an hour (protocol §4). */
const EVERY_SECONDS = 5;
const BURST = 3;
const PER_HOUR = 10;
const PLAIN_MEMBER = 2;

/** Stores the pending commit under the lock of its conversation's row. */
export function claimCommit(database: Database, commit: PendingCommit, judgedAt: Seq): Promise<ClaimOutcome> {
  return database.$transaction((tx) =>
    commit.delta.opens === 'create' ? claimNew(tx, commit) : claimExisting(tx, commit, judgedAt),
  );
}

async function claimNew(tx: Transaction, commit: PendingCommit): Promise<ClaimOutcome> {
  const { conversation, delta } = commit;
  const { kind } = delta;
  const created = await tx.conversation.createMany({
    data: { conversationId: conversation, kind },
    skipDuplicates: true,
  });
  if (created.count === 0) return { kind: 'conversation-exists' };
  if (kind !== 'group') {
    const pair = pairOf(delta.users.map(({ user }) => user));
    // Waits for another creator's transaction, and then sees its claim.
    const claimed = await tx.directPair.createMany({
      data: { ...pair, conversationId: conversation },
      skipDuplicates: true,
    });
    if (claimed.count === 0) {
      await tx.conversation.delete({ where: { conversationId: conversation } });
      const taken = await tx.directPair.findUnique({
        where: { lowUserId_highUserId: pair },
        include: { conversation: { select: { incarnation: true } } },
      });
      if (taken === null) return { kind: 'moved' };
      return {
        kind: 'pair-taken',
        conversation: taken.conversationId as ConversationId,
        isOpen: taken.conversation.incarnation > 0,
      };
    }
  }
  await insertPending(tx, commit);
  return { kind: 'claimed' };
}

/** Two users, or one user's own conversation with itself. */
function pairOf(users: readonly UserId[]) {
  const sorted = users.map((user) => toStored(userIdToBytes(user))).sort((a, b) => Buffer.compare(a, b));
  const [low] = sorted;
  const high = sorted.at(-1);
  if (low === undefined || high === undefined || sorted.length > 2)
    throw new RangeError('not a pair of users');
  return { lowUserId: low, highUserId: high };
}

async function claimExisting(tx: Transaction, commit: PendingCommit, judgedAt: Seq): Promise<ClaimOutcome> {
  const { conversation, delta } = commit;
  const [row] = await tx.$queryRaw<{ incarnation: number; newestCommitSeq: bigint; wait: number }[]>`
    SELECT incarnation, newest_commit_seq AS "newestCommitSeq",
      extract(epoch FROM next_commit_at - clock_timestamp())::float8 AS wait
    FROM groups.conversations WHERE conversation_id = ${conversation}::uuid FOR NO KEY UPDATE`;
  const incarnation = delta.opens === 'incarnation' ? delta.incarnation - 1 : delta.incarnation;
  if (row?.incarnation !== incarnation || Number(row.newestCommitSeq) !== judgedAt) return { kind: 'moved' };
  if ((await tx.pendingCommit.count({ where: { conversationId: conversation } })) > 0)
    return { kind: 'moved' };
  if (commit.isLimited) {
    const retryAfter = Math.max(row.wait - EVERY_SECONDS * (BURST - 1), await hourlyWait(tx, commit));
    if (retryAfter > 0) return { kind: 'rate-limited', retryAfter: Math.ceil(retryAfter) };
    await tx.$executeRaw`
      UPDATE groups.conversations
      SET next_commit_at = greatest(next_commit_at, clock_timestamp()) + make_interval(secs => ${EVERY_SECONDS})
      WHERE conversation_id = ${conversation}::uuid`;
  }
  await insertPending(tx, commit);
  return { kind: 'claimed' };
}

/** Seconds until a plain member's tenth newest commit is an hour old. */
async function hourlyWait(tx: Transaction, { conversation, caller }: PendingCommit): Promise<number> {
  const user = toStored(userIdToBytes(caller.user));
  const [tenth] = await tx.$queryRaw<{ wait: number }[]>`
    SELECT extract(epoch FROM k.accepted_at + interval '1 hour' - clock_timestamp())::float8 AS wait
    FROM groups.commits k
    JOIN groups.roster r ON r.conversation_id = k.conversation_id AND r.user_id = k.user_id
    WHERE k.conversation_id = ${conversation}::uuid AND k.user_id = ${user} AND k.is_limited
      AND r.role <= ${PLAIN_MEMBER}
    ORDER BY k.seq DESC OFFSET ${PER_HOUR - 1} LIMIT 1`;
  return tenth?.wait ?? 0;
}

async function insertPending(tx: Transaction, commit: PendingCommit): Promise<void> {
  await tx.pendingCommit.create({
    data: {
      conversationId: commit.conversation,
      commitId: commit.commitId,
      userId: toStored(userIdToBytes(commit.caller.user)),
      deviceId: commit.caller.device,
      lastCommitSeq: BigInt(commit.lastCommitSeq),
      body: toStored(commit.body),
      hash: toStored(commit.hash),
      delta: commit.delta,
      welcome: commit.welcome === null ? null : toStored(commit.welcome),
      isLimited: commit.isLimited,
    },
  });
}
