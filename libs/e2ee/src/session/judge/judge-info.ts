import { sha256 } from '@noble/hashes/sha2.js';
import {
  commitInfo,
  encodeMembers,
  equalBytes,
  limits,
  type CommitInfo,
  type UserChange,
} from '@wisp/protocol';
import type { JudgeRefusal } from '../reasons.js';
import type { GroupView } from '../types.js';
import type { GroupChange } from './compare-groups.js';
import type { Matter } from './matter.js';

/** CommitInfo is what the server went by: it has to equal the transition, and to stand at the log's newest commit. */
export function judgeInfo({ after, commit, change }: Matter): JudgeRefusal | null {
  const { info } = commit;
  const { state } = after;
  if (info.lastCommitSeq !== commit.newestCommitSeq) return 'stale-commit-seq';
  if (info.conversationId !== state.conversationId) return 'info-conversation';
  if (info.incarnation !== state.incarnation) return 'info-incarnation';
  if (info.convKind !== state.kind) return 'info-kind';
  if (change.added.length > limits.addsPerCommit) return 'limits';
  const told = { ...info, ...describeChange(change), members: hashMembers(after) };
  const sameBut = (key: 'adds' | 'removes' | 'users' | 'members'): boolean =>
    equalBytes(commitInfo.encode({ ...info, [key]: told[key] }), commitInfo.encode(info));
  if (!sameBut('adds')) return 'info-adds';
  if (!sameBut('removes')) return 'info-removes';
  if (!sameBut('users')) return 'info-users';
  if (!sameBut('members')) return 'info-members';
  return null;
}

/** The part of CommitInfo that follows from the change. */
function describeChange(change: GroupChange): Pick<CommitInfo, 'adds' | 'removes' | 'users'> {
  const users: UserChange[] = [
    ...change.usersIn.map(({ userId, role }) => ({ userId, role })),
    ...change.usersOut.map(({ userId }) => ({ userId, role: 0 as const })),
    ...change.roleChanges.map(({ now: { userId, role } }) => ({ userId, role })),
  ];
  return {
    adds: change.added.map(({ leaf, keyPackageRef }) => ({
      userId: leaf.userId,
      deviceId: leaf.deviceId,
      keyPackageRef,
    })),
    removes: change.removed.map(({ userId, deviceId }) => ({ userId, deviceId })),
    users,
  };
}

/** `CommitInfo.members`: SHA-256 of the member table after the commit. Every leaf's user stands in the roster. */
function hashMembers({ state, leaves }: GroupView): Uint8Array {
  const roles = new Map(state.roster.map((entry) => [entry.userId, entry.role]));
  const members = leaves.flatMap(({ userId, deviceId }) => {
    const role = roles.get(userId);
    return role === undefined ? [] : [{ userId, deviceId, role }];
  });
  return sha256(encodeMembers(members));
}
