import type { ConversationKindName, RoleNumber } from '../http/conversations.js';
import type { CommitId, ConversationId, DeviceId, Seq, UserId } from '../ids.js';
import { limits } from '../limits.js';
import { constant, map } from './map.js';
import {
  conversationId,
  conversationKindShape,
  deviceId,
  hash,
  logHead,
  seq,
  userId,
  userIdOrder,
  uuid,
  type LogHead,
} from './parts.js';
import { array, bytes, numberAs, sortedArray, uint, type Shape } from './shape.js';
import { statement, type Statement } from './statement.js';
import { structureOf } from './structure.js';

export interface AddedDevice {
  userId: UserId;
  deviceId: DeviceId;
  /** RFC 9420 §5.2: as long as the suite's hash. */
  keyPackageRef: Uint8Array;
}

export interface RemovedDevice {
  userId: UserId;
  deviceId: DeviceId;
}

/** A user whose role the commit sets; 0: out. */
export interface UserChange {
  userId: UserId;
  role: RoleNumber | 0;
}

/** The authenticated data of a commit (protocol §4): what the server must know of it. */
export interface CommitInfo {
  commitId: CommitId;
  conversationId: ConversationId;
  /** From 1. */
  incarnation: number;
  convKind: ConversationKindName;
  /** The newest commit entry that the committer has seen, valid or not; 0 in the very first commit. */
  lastCommitSeq: Seq;
  /** The newest entry that the committer has seen; {0, 32 zeros} in the very first commit. */
  head: LogHead;
  /** Sorted by user, then device. */
  adds: AddedDevice[];
  /** Sorted by user, then device. */
  removes: RemovedDevice[];
  /** Sorted by user. */
  users: UserChange[];
  /** SHA-256 of `encodeMembers` of the members after the commit. */
  members: Uint8Array;
  evidence: Statement[];
}

const byDevice = (entry: RemovedDevice): string => `${userIdOrder(entry.userId)}/${entry.deviceId}`;
const MAX_EVIDENCE = 64;

const addedDevice: Shape<AddedDevice> = map({ userId, deviceId, keyPackageRef: bytes(64, 32) });
const removedDevice: Shape<RemovedDevice> = map({ userId, deviceId });
const userChange: Shape<UserChange> = map({ userId, role: numberAs<RoleNumber | 0>(uint(4)) });

export const commitInfo = structureOf<CommitInfo>(
  'CommitInfo',
  512 * 1024,
  map({
    v: constant(1, 'unknown-version'),
    kind: constant(2, 'wrong-kind'),
    commitId: uuid<CommitId>(),
    conversationId,
    incarnation: uint(0xffff_ffff, 1),
    convKind: conversationKindShape,
    lastCommitSeq: seq,
    head: logHead,
    adds: sortedArray(addedDevice, limits.addsPerCommit, byDevice),
    removes: sortedArray(removedDevice, limits.devicesPerGroup, byDevice),
    users: sortedArray(userChange, limits.usersPerGroup, (entry) => userIdOrder(entry.userId)),
    members: hash,
    evidence: array(statement.shape, MAX_EVIDENCE),
  }),
);
