import type { ConversationId, ConversationKindName, DeviceId, RoleNumber, Seq, UserId } from '@wisp/protocol';

/** User and device of an access token. */
export interface Caller {
  readonly user: UserId;
  readonly device: DeviceId;
}

export interface ProjectedUser {
  readonly role: RoleNumber;
  /** The newest device list that a commit named; 0: none yet. */
  readonly listVersion: number;
  /** Asked to leave: served and accepted no more. */
  readonly hasLeft: boolean;
}

/** A conversation as the server sees it after the commit entry `newestCommitSeq`. */
export interface Projection {
  readonly conversation: ConversationId;
  readonly kind: ConversationKindName;
  /** 0 before the first commit. */
  readonly incarnation: number;
  readonly newestCommitSeq: Seq;
  readonly users: ReadonlyMap<UserId, ProjectedUser>;
  /** The member devices and whose they are. */
  readonly devices: ReadonlyMap<DeviceId, UserId>;
  /** Devices that were here before and aren't now. */
  readonly departed: ReadonlyMap<DeviceId, UserId>;
}

/** What a conversation is before its first commit. */
export function emptyProjection(conversation: ConversationId, kind: ConversationKindName): Projection {
  return {
    conversation,
    kind,
    incarnation: 0,
    newestCommitSeq: 0 as Seq,
    users: new Map(),
    devices: new Map(),
    departed: new Map(),
  };
}

/** Whether this user is served and may speak here. */
export function isMemberUser(projection: Projection, user: UserId): boolean {
  return projection.users.get(user)?.hasLeft === false;
}

/** Whether this very device is in the group and its user hasn't left. */
export function isMemberDevice(projection: Projection, caller: Caller): boolean {
  return isMemberUser(projection, caller.user) && projection.devices.get(caller.device) === caller.user;
}
