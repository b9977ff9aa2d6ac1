import type { DeviceId, RoleNumber, Seq, UserId } from '@wisp/protocol';
import type { CommitDelta } from './commit-delta.js';
import type { Projection } from './projection.js';

export interface LogMember {
  readonly user: UserId;
  readonly role: RoleNumber;
}

/** The log's member devices after its commit entry `newestCommitSeq`; 0: the log doesn't know the conversation. */
export interface MemberTable {
  readonly newestCommitSeq: Seq;
  readonly members: ReadonlyMap<DeviceId, LogMember>;
}

/** The log's member table as it has to be where the log has lost nothing. */
export function projectedTable({ newestCommitSeq, devices, users }: Projection): MemberTable {
  const members = new Map<DeviceId, LogMember>();
  for (const [device, user] of devices) {
    const role = users.get(user)?.role;
    if (role !== undefined) members.set(device, { user, role });
  }
  return { newestCommitSeq, members };
}

/**
 * Whether the commit brings the conversation into the log: its very first one, or a next incarnation's where the log
 * was restored to a time before it.
 */
export function opensLog(commit: {
  readonly delta: Pick<CommitDelta, 'opens'>;
  readonly lastCommitSeq: Seq;
}): boolean {
  return commit.delta.opens !== undefined && commit.lastCommitSeq === 0;
}
