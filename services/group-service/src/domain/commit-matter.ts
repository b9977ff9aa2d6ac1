import {
  limits,
  type CommitInfo,
  type ConversationKindName,
  type DeviceId,
  type RoleNumber,
  type ServerId,
  type UserId,
} from '@wisp/protocol';
import type { Opening } from './commit-delta.js';
import type { CommitRefusal } from './commit-refusal.js';
import type { CurrentDeviceList, Evidence } from './evidence.js';
import type { MemberTable } from './member-table.js';
import type { Caller, Projection } from './projection.js';

/** What auth-service and the stored requests say about a commit. */
export interface CommitFacts {
  readonly serverId: ServerId;
  /** The newest lists of all users whom the commit or its evidence names, and of the caller. */
  readonly lists: ReadonlyMap<UserId, CurrentDeviceList>;
  /** Devices of `adds` whose KeyPackage was claimed by the caller for this conversation. */
  readonly claimed: ReadonlySet<DeviceId>;
  /** Hashes of the statements that were handed in here and verified then. */
  readonly storedStatements: ReadonlySet<string>;
}

export interface CommitContext {
  readonly caller: Caller;
  readonly opens: Opening | undefined;
  /** What the commit builds on in the log. A next incarnation takes the log's own word, everything else the projection's. */
  readonly table: MemberTable;
  readonly hasWelcome: boolean;
  readonly facts: CommitFacts;
}

/** Users with their roles, and the member devices with their users. */
export interface Membership {
  readonly users: ReadonlyMap<UserId, RoleNumber>;
  readonly devices: ReadonlyMap<DeviceId, UserId>;
}

/** All that the single rules look at. */
export interface CommitMatter {
  readonly kind: ConversationKindName;
  readonly projection: Projection;
  readonly info: CommitInfo;
  readonly context: CommitContext;
  readonly evidence: Evidence;
  /** The group that the commit works on: a new group holds its creator's device alone. */
  readonly before: Membership;
  readonly after: Membership;
}

export const OWNER = 4;
export const ADMIN = 3;
export const MEMBER = 2;

/** The group before the commit's proposals. */
export function membershipBefore(projection: Projection, context: CommitContext): Membership {
  const { caller, opens } = context;
  if (opens === undefined) {
    const users = [...projection.users].map(([user, { role }]) => [user, role] as const);
    return { users: new Map(users), devices: projection.devices };
  }
  const role = projection.users.get(caller.user)?.role ?? OWNER;
  return { users: new Map([[caller.user, role]]), devices: new Map([[caller.device, caller.user]]) };
}

/** The group after them, or what makes them no change of this group. */
export function membershipAfter(
  before: Membership,
  { info, context, projection }: { info: CommitInfo; context: CommitContext; projection: Projection },
): Membership | CommitRefusal {
  const users = new Map(before.users);
  const devices = new Map(before.devices);
  for (const { userId, deviceId } of info.removes) {
    if (devices.get(deviceId) !== userId || deviceId === context.caller.device) return 'info-removes';
    devices.delete(deviceId);
  }
  for (const { userId, deviceId } of info.adds) {
    const owner = projection.devices.get(deviceId) ?? projection.departed.get(deviceId);
    if (devices.has(deviceId) || (owner !== undefined && owner !== userId)) return 'duplicate-device';
    devices.set(deviceId, userId);
  }
  for (const { userId, role } of info.users) {
    const isOpener = context.opens !== undefined && userId === context.caller.user;
    if (!isOpener && (users.get(userId) ?? 0) === role) return 'info-users';
    if (role !== 0) users.set(userId, role);
    else if (userId === context.caller.user) return 'info-users';
    else users.delete(userId);
  }
  const perUser = new Map<UserId, number>();
  for (const user of devices.values()) {
    if (!users.has(user)) return 'leaf-without-user';
    perUser.set(user, (perUser.get(user) ?? 0) + 1);
  }
  const isTooLarge =
    info.adds.length > limits.addsPerCommit ||
    users.size > limits.usersPerGroup ||
    devices.size > limits.devicesPerGroup ||
    Math.max(0, ...perUser.values()) > limits.devicesPerUser;
  return isTooLarge ? 'limits' : { users, devices };
}
