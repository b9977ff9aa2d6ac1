import {
  commitId,
  commitInfo,
  conversationId,
  encodeMembers,
  seq,
  userIdOrder,
  type CommitInfo,
  type ConversationId,
  type ConversationKindName,
  type DeviceId,
  type RoleNumber,
  type Seq,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { firstDevice, listStatement, type Person, type TestDevice } from './people.js';

export interface Member {
  person: Person;
  device: TestDevice;
}

/** A group as its members would see it, from which honest commits are made. */
export interface Group {
  conversation: ConversationId;
  kind: ConversationKindName;
  incarnation: number;
  lastCommitSeq: Seq;
  roles: Map<UserId, RoleNumber>;
  members: Member[];
}

export interface Change {
  adds?: Member[];
  removes?: Member[];
  users?: { userId: UserId; role: RoleNumber | 0 }[];
  evidence?: Statement[];
  /** What a hostile engine says instead. */
  info?: Partial<CommitInfo>;
}

export interface TestCommit {
  readonly bytes: Uint8Array;
  readonly info: CommitInfo;
  readonly welcome: Uint8Array | null;
  readonly after: Group;
}

export function newConversationId(): ConversationId {
  return conversationId.parse(randomUUID());
}

export function keyPackageRef(device: DeviceId): Uint8Array {
  return createHash('sha384').update(device).digest();
}

/** The group that `opener` starts, and its first commit that brings everybody else in. */
export function firstCommit(options: {
  kind: ConversationKindName;
  opener: Person;
  others: { person: Person; role: RoleNumber }[];
  conversation?: ConversationId;
  incarnation?: number;
  lastCommitSeq?: Seq;
  change?: Change;
}): TestCommit {
  const { kind, opener, others, conversation = newConversationId(), incarnation = 1 } = options;
  const people = [{ person: opener, role: 4 as RoleNumber }, ...others];
  const start: Group = {
    conversation,
    kind,
    incarnation,
    lastCommitSeq: options.lastCommitSeq ?? seq.parse(0),
    roles: new Map([[opener.user, 4]]),
    members: [{ person: opener, device: firstDevice(opener) }],
  };
  const everybody = people.flatMap(({ person }) => person.devices.map((device) => ({ person, device })));
  return makeCommit(start, {
    adds: everybody.filter(({ device }) => device !== firstDevice(opener)),
    users: people.map(({ person, role }) => ({ userId: person.user, role })),
    evidence: people.map(({ person }) => listStatement(person)),
    ...options.change,
  });
}

export function makeCommit(group: Group, change: Change = {}): TestCommit {
  const { adds = [], removes = [], users = [], evidence = [] } = change;
  const gone = new Set(removes.map(({ device }) => device.id));
  const roles = new Map(group.roles);
  for (const { userId, role } of users) {
    if (role === 0) roles.delete(userId);
    else roles.set(userId, role);
  }
  const members = [...group.members.filter(({ device }) => !gone.has(device.id)), ...adds];
  const info: CommitInfo = {
    commitId: commitId.parse(randomUUID()),
    conversationId: group.conversation,
    incarnation: group.incarnation,
    convKind: group.kind,
    lastCommitSeq: group.lastCommitSeq,
    head: {
      seq: group.lastCommitSeq,
      hash: group.lastCommitSeq === 0 ? new Uint8Array(32) : new Uint8Array(32).fill(1),
    },
    adds: sortDevices(adds).map(({ person, device }) => ({
      userId: person.user,
      deviceId: device.id,
      keyPackageRef: keyPackageRef(device.id),
    })),
    removes: sortDevices(removes).map(({ person, device }) => ({ userId: person.user, deviceId: device.id })),
    users: [...users].sort((a, b) => (userIdOrder(a.userId) < userIdOrder(b.userId) ? -1 : 1)),
    members: membersHash(members, roles),
    evidence,
    ...change.info,
  };
  return {
    bytes: frame(commitInfo.encode(info)),
    info,
    welcome: adds.length > 0 ? randomBytes(200) : null,
    after: { ...group, roles, members },
  };
}

function membersHash(members: Member[], roles: Map<UserId, RoleNumber>): Uint8Array {
  const rows = members.flatMap(({ person, device }) => {
    const role = roles.get(person.user);
    return role === undefined ? [] : [{ userId: person.user, deviceId: device.id, role }];
  });
  return createHash('sha256').update(encodeMembers(rows)).digest();
}

function sortDevices(members: Member[]): Member[] {
  const key = ({ person, device }: Member) => `${userIdOrder(person.user)}/${device.id}`;
  return [...members].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** An MLSMessage with a PrivateMessage of a commit (RFC 9420 §6.3) around the authenticated data. */
export function frame(authenticatedData: Uint8Array, { contentType = 3, ciphertext = 100 } = {}): Uint8Array {
  const epoch = Buffer.alloc(8);
  return Buffer.concat([
    Buffer.from([0, 1, 0, 2]),
    vector(randomBytes(32)),
    epoch,
    Buffer.from([contentType]),
    vector(authenticatedData),
    vector(randomBytes(28)),
    vector(randomBytes(ciphertext)),
  ]);
}

function vector(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head =
    length < 64
      ? Buffer.from([length])
      : length < 16_384
        ? Buffer.from([0x40 | (length >> 8), length & 0xff])
        : Buffer.from([0x80 | (length >>> 24), (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff]);
  return Buffer.concat([head, bytes]);
}
