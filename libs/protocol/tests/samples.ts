import {
  conversationState,
  commitInfo,
  decodeMessageBody,
  deviceCertificate,
  deviceClaim,
  deviceList,
  encodeMessageBody,
  joinRequest,
  leaveRequest,
  messageHeader,
  profile,
  repairRequest,
  statement,
  userIdFromBytes,
  uuidFromBytes,
  vault,
  vaultBoxContext,
  vaultKeep,
  vaultRoot,
  type CommitId,
  type ConversationId,
  type DeviceId,
  type LogHead,
  type MessageBody,
  type MessageId,
  type SealedSlot,
  type Seq,
  type ServerId,
  type Statement,
  type Structure,
  type UserId,
  type Username,
} from '@wisp/protocol';

/** A value of a CBOR structure; every structure has one, with and without what is optional. */
export interface Sample {
  name: string;
  value: unknown;
  encoded: Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** Decodes and encodes again. */
  recode(bytes: Uint8Array): Uint8Array;
}

export const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const id = <T extends string>(byte: number): T => uuidFromBytes<T>(fill(16, byte));
export const sampleUser = (byte: number): UserId => userIdFromBytes(fill(32, byte));
export const at = 1_700_000_000_000;

const serverId = id<ServerId>(1);
const conversationId = id<ConversationId>(2);
const deviceId = id<DeviceId>(3);
const userId = sampleUser(4);
const identityKey = { alg: 'ed25519', key: fill(32, 5) } as const;
const head: LogHead = { seq: 7 as Seq, hash: fill(32, 8) };
export const messageTarget = { author: userId, messageId: id<MessageId>(9) };
export const profileStatement: Statement = { type: 'profile', body: fill(40, 1), sig: fill(64, 2) };
export const frame = { sentAt: at, head, kept: 3, listVersion: 1 };

interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

function sampleOf<T>(name: string, codec: Codec<T>, value: T): Sample {
  return {
    name,
    value,
    encoded: codec.encode(value),
    decode: (bytes) => codec.decode(bytes),
    recode: (bytes) => codec.encode(codec.decode(bytes)),
  };
}

function sample<T>(structure: Structure<T>, value: T, variant = ''): Sample {
  return sampleOf(structure.name + variant, structure, value);
}

const slot = (kind: SealedSlot['kind']): SealedSlot => ({
  kind,
  kdf: { alg: 'argon2id13', m: 131_072, t: 3, p: 1, salt: fill(16, 1) },
  nonce: fill(24, 2),
  box: fill(48, 3),
  commit: fill(32, 4),
});

const settings = {
  timer: { mode: 'after-read', ttl: 300 },
  title: 'Überlandfahrt 🚲',
  about: '',
  whoMayAdd: 3,
  whoMayEdit: 3,
  whoMayPost: 2,
} as const;
const rosterOf = (byte: number) =>
  ({ userId: sampleUser(byte), role: 4, since: 1, listVersion: 1, listHash: fill(32, byte) }) as const;

const firstList = {
  serverId,
  userId,
  identityKey,
  username: 'ada.l' as Username,
  version: 1,
  prev: fill(32, 0),
  issuedAt: at,
  vaultVersion: 1,
  devices: [{ deviceId, signatureKey: fill(32, 6), addedAt: at }],
};

export const bodies: readonly MessageBody[] = [
  { ...frame, type: 'text', content: { text: 'hi' } },
  { ...frame, type: 'text', content: { text: 'שלום', quote: { ...messageTarget, excerpt: 'so?' } } },
  { ...frame, type: 'edit', target: messageTarget, content: { text: 'hello' } },
  { ...frame, type: 'delete', target: messageTarget, content: {} },
  { ...frame, type: 'reaction', target: messageTarget, content: { emoji: '👍' } },
  { ...frame, type: 'reaction', target: messageTarget, content: {} },
  { ...frame, type: 'receipt', target: messageTarget, content: {} },
  { ...frame, type: 'joined', content: {} },
  { ...frame, type: 'profile', content: { profile: profileStatement } },
  {
    ...frame,
    type: 'file',
    content: {
      attachmentId: fill(16, 1),
      key: fill(32, 2),
      digest: fill(32, 3),
      size: 12_345,
      name: 'a.png',
      mediaType: 'image/png',
      caption: 'look',
      extent: { width: 640, height: 480, duration: 0 },
      preview: fill(50, 4),
    },
  },
  { ...frame, type: 'read-mark', content: { conversationId, shown: [{ ...messageTarget, at }] } },
  { ...frame, type: 'other', number: 10, content: fill(5, 0xff) },
  { ...frame, type: 'other', number: 64, target: messageTarget, content: new Uint8Array() },
];

export const samples: readonly Sample[] = [
  sample(statement, profileStatement),
  sample(deviceCertificate, { userId, deviceId, identityKey, sig: fill(64, 9) }),
  sample(deviceClaim, { serverId, userId, deviceId, leafSignatureKey: fill(32, 6), suite: 0x004e }),
  sample(deviceList, firstList),
  sample(
    deviceList,
    {
      ...firstList,
      version: 2,
      prev: fill(32, 7),
      devices: [...firstList.devices, { deviceId: id<DeviceId>(4), signatureKey: fill(32, 7), addedAt: at }],
    },
    ' of two devices',
  ),
  sample(leaveRequest, { serverId, conversationId, userId, since: 1 }),
  sample(repairRequest, {
    serverId,
    conversationId,
    groupId: fill(16, 1),
    deviceId,
    leafHash: fill(32, 1),
    reason: 'commit-unreadable',
    badSeq: 17 as Seq,
    keyPackage: fill(60, 1),
    at,
  }),
  sample(joinRequest, { serverId, conversationId, userId, linkId: fill(16, 1), mac: fill(32, 1), at }),
  sample(profile, { serverId, userId, version: 1, displayName: 'Ada', about: 'counts', avatar: fill(9, 9) }),
  sample(vault, {
    version: 1,
    slots: [slot('password'), slot('recovery')],
    root: { nonce: fill(24, 1), box: fill(90, 1) },
    keep: { nonce: fill(24, 1), box: fill(90, 2) },
  }),
  sample(vaultRoot, { identitySeed: fill(32, 1), keepKey: fill(32, 2) }),
  sample(vaultKeep, {
    version: 3,
    pins: [{ userId, username: ('bo' + 'b') as Username, listVersion: 1, listHash: fill(32, 1) }],
    verifications: [{ userId, verifiedAt: at }],
    selfConversationId: conversationId,
    archiveKey: fill(32, 3),
  }),
  sample(vaultBoxContext, { userId, place: 'root', version: 1 }),
  sample(conversationState, {
    version: 1,
    conversationId,
    kind: 'direct',
    incarnation: 1,
    roster: [rosterOf(1), rosterOf(2)],
    settings: { ...settings, timer: { mode: 'none', ttl: 0 }, title: '' },
    banned: [],
    links: [],
  }),
  sample(
    conversationState,
    {
      version: 9,
      conversationId,
      kind: 'group',
      incarnation: 2,
      parent: { groupId: fill(16, 1), epoch: 300, transcriptHash: fill(48, 1) },
      roster: [rosterOf(1), rosterOf(200)],
      settings,
      banned: [sampleUser(9)],
      links: [{ linkId: fill(16, 1), secret: fill(32, 1), role: 2 }],
    },
    ' of a group',
  ),
  sample(commitInfo, {
    commitId: id<CommitId>(1),
    conversationId,
    incarnation: 1,
    convKind: 'direct',
    lastCommitSeq: 0 as Seq,
    head: { seq: 0 as Seq, hash: fill(32, 0) },
    adds: [{ userId, deviceId, keyPackageRef: fill(48, 1) }],
    removes: [{ userId, deviceId }],
    users: [
      { userId, role: 4 },
      { userId: sampleUser(5), role: 0 },
    ],
    members: fill(32, 1),
    evidence: [profileStatement],
  }),
  sample(messageHeader, {
    n: 1,
    gen: 0,
    messageId: messageTarget.messageId,
    lastCommitSeq: 1 as Seq,
    mode: 'after-send',
    ttl: 5,
    wake: true,
  }),
  ...bodies.map((value, index) =>
    sampleOf(
      `MessageBody ${index} ${value.type}`,
      { encode: encodeMessageBody, decode: decodeMessageBody },
      value,
    ),
  ),
];
