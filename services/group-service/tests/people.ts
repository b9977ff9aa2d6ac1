import {
  deviceId,
  deviceList,
  encodeBase64url,
  joinRequest,
  leaveRequest,
  repairRequest,
  serverId,
  statement,
  username,
  userIdFromBytes,
  type ConversationId,
  type DeviceId,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign, type KeyObject } from 'node:crypto';

export const SERVER = serverId.parse('00000000-0000-4000-8000-0000000000aa');

export interface TestDevice {
  readonly id: DeviceId;
  readonly publicKey: Uint8Array;
  readonly privateKey: KeyObject;
}

/** A user as auth-service would know them: devices, and the newest device list. */
export interface Person {
  readonly user: UserId;
  devices: TestDevice[];
  version: number;
  deleted: boolean;
}

export function makeDevice(): TestDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { id: deviceId.parse(randomUUID()), publicKey: Buffer.from(x, 'base64url'), privateKey };
}

export function makePerson(devices = 1): Person {
  return {
    user: userIdFromBytes(randomBytes(32)),
    devices: Array.from({ length: devices }, makeDevice),
    version: 1,
    deleted: false,
  };
}

export function firstDevice({ devices }: Person): TestDevice {
  const [first] = devices;
  if (first === undefined) throw new Error('a person without a device');
  return first;
}

/** The newest device list. Its signature is auth-service's to judge; group-service compares hashes. */
export function listStatement({ user, devices, version }: Person): Statement {
  const body = deviceList.encode({
    serverId: SERVER,
    userId: user,
    identityKey: { alg: 'ed25519', key: new Uint8Array(32).fill(7) },
    username: username.parse('somebody'),
    version,
    prev: new Uint8Array(32).fill(version === 1 ? 0 : 9),
    issuedAt: 1_700_000_000_000,
    vaultVersion: 1,
    devices: devices
      .map(({ id, publicKey }) => ({ deviceId: id, signatureKey: publicKey, addedAt: 1_700_000_000_000 }))
      .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1)),
  });
  return { type: 'device-list', body, sig: new Uint8Array(64) };
}

export function listHash(person: Person): string {
  return encodeBase64url(
    createHash('sha256')
      .update(statement.encode(listStatement(person)))
      .digest(),
  );
}

const labels = {
  'leave-request': 'wisp/leave/1',
  'repair-request': 'wisp/repair/1',
  'join-request': 'wisp/join/1',
} as const;

function signed(type: keyof typeof labels, body: Uint8Array, key: KeyObject): Statement {
  return { type, body, sig: sign(null, Buffer.concat([Buffer.from(labels[type]), body]), key) };
}

interface Signer {
  person: Person;
  device?: TestDevice;
  conversation: ConversationId;
}

export function leaveStatement({ person, device = firstDevice(person), conversation }: Signer): Statement {
  const about = { serverId: SERVER, conversationId: conversation, userId: person.user, since: 1 };
  return signed('leave-request', leaveRequest.encode(about), device.privateKey);
}

export function joinStatement({ person, device = firstDevice(person), conversation }: Signer): Statement {
  const body = joinRequest.encode({
    serverId: SERVER,
    conversationId: conversation,
    userId: person.user,
    linkId: new Uint8Array(16).fill(1),
    mac: new Uint8Array(32).fill(2),
    at: 1_700_000_000_000,
  });
  return signed('join-request', body, device.privateKey);
}

export function repairStatement({ person, device = firstDevice(person), conversation }: Signer): Statement {
  const body = repairRequest.encode({
    serverId: SERVER,
    conversationId: conversation,
    groupId: new Uint8Array(32).fill(3),
    deviceId: device.id,
    leafHash: new Uint8Array(32).fill(4),
    reason: 'commit-unreadable',
    keyPackage: randomBytes(64),
    at: 1_700_000_000_000,
  });
  return signed('repair-request', body, device.privateKey);
}
