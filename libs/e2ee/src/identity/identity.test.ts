import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  deviceCertificate,
  statement,
  uuidFromBytes,
  type ConversationId,
  type DeviceId,
  type ListedDevice,
  type ServerId,
  type UserId,
} from '@wisp/protocol';
import { hexToBytes } from '@noble/hashes/utils.js';
import { certifyDevice, verifyDeviceCertificate } from './device-certificate.js';
import { signDeviceStatement, verifyDeviceStatement } from './device-statements.js';
import { createSigningKey, signLabelled, signingKeyFromSeed, verifyLabelled } from './ed25519.js';
import { joinMac, verifyJoinMac } from './join-mac.js';
import { decodeOrNull } from './refused.js';
import { userIdOf } from './user-id.js';

const idOf = <T extends string>(byte: number): T => uuidFromBytes<T>(new Uint8Array(16).fill(byte));
const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const serverId = idOf<ServerId>(1);
const otherServer = idOf<ServerId>(2);
const conversationId = idOf<ConversationId>(3);
const suite = 0x004e;

const adaSeed = seedOf(10);
const mallorySeed = seedOf(11);
let ada: UserId;
let mallory: UserId;
let laptop: ListedDevice;
let phone: ListedDevice;

async function deviceOf(byte: number): Promise<ListedDevice> {
  const { publicKey } = await signingKeyFromSeed(seedOf(byte));
  return { deviceId: idOf<DeviceId>(byte), signatureKey: publicKey, addedAt: 1 };
}

async function userOf(seed: Uint8Array): Promise<UserId> {
  const { publicKey } = await signingKeyFromSeed(seed);
  return userIdOf({ alg: 'ed25519', key: publicKey });
}

beforeAll(async () => {
  ada = await userOf(adaSeed);
  mallory = await userOf(mallorySeed);
  laptop = await deviceOf(20);
  phone = await deviceOf(21);
});

const refusedFor = (reason: string) => ({ kind: 'refused', reason });

test('a fault is no refusal: only what a codec refuses is none', () => {
  const broken = {
    ...statement,
    decode: () => {
      throw new RangeError('a fault');
    },
  };
  expect(() => decodeOrNull(broken, new Uint8Array())).toThrow(RangeError);
  expect(decodeOrNull(statement, new Uint8Array())).toBeNull();
});

describe('Ed25519', () => {
  test('a key or a signature of another length is none', async () => {
    const { publicKey, secretKey } = await createSigningKey();
    const body = Uint8Array.of(1);
    const sig = await signLabelled(secretKey, { label: 'profile', body });
    const signed = { label: 'profile' as const, body, sig };
    expect(await verifyLabelled(publicKey, signed)).toBe(true);
    expect(await verifyLabelled(publicKey.slice(1), signed)).toBe(false);
    expect(await verifyLabelled(publicKey, { ...signed, sig: sig.slice(1) })).toBe(false);
  });

  test('is that of RFC 8032 (§7.1, test 1)', async () => {
    const key = await signingKeyFromSeed(
      hexToBytes('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
    );
    expect(key.publicKey).toEqual(
      hexToBytes('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
    );
  });

  test('a signature under one label is none under another', async () => {
    const key = await createSigningKey();
    const body = new Uint8Array(3);
    const sig = await signLabelled(key.secretKey, { label: 'leave-request', body });
    expect(await verifyLabelled(key.publicKey, { label: 'leave-request', body, sig })).toBe(true);
    expect(await verifyLabelled(key.publicKey, { label: 'repair-request', body, sig })).toBe(false);
  });
});

describe('a user id', () => {
  test('is the hash of the identity key, for ever the same', () => {
    expect(userIdOf({ alg: 'ed25519', key: seedOf(7) })).toBe('jA74DnLc56BwWB5WOg14UImuyftIFfhJCh6ixsDNpY8');
  });
});

describe('a device certificate', () => {
  const leaf = () => ({ serverId, leafSignatureKey: laptop.signatureKey, suite });
  const certificate = () => certifyDevice({ ...leaf(), identitySeed: adaSeed, deviceId: laptop.deviceId });

  test('names user and device of the leaf that it was made for', async () => {
    expect(await verifyDeviceCertificate(await certificate(), leaf())).toMatchObject({
      kind: 'ok',
      userId: ada,
      deviceId: laptop.deviceId,
    });
  });

  test.each([
    ['another leaf key', () => ({ ...leaf(), leafSignatureKey: phone.signatureKey }), 'signature'],
    ['another server', () => ({ ...leaf(), serverId: otherServer }), 'signature'],
    ['another suite', () => ({ ...leaf(), suite: 1 }), 'signature'],
    [
      'a leaf key of another algorithm',
      () => ({ ...leaf(), leafSignatureKey: new Uint8Array(65) }),
      'malformed',
    ],
  ])('is refused for %s', async (_what, other, reason) => {
    expect(await verifyDeviceCertificate(await certificate(), other())).toEqual(refusedFor(reason));
  });

  test('is refused with the key of somebody else under a known user id', async () => {
    const forged = deviceCertificate.decode(
      await certifyDevice({ ...leaf(), identitySeed: mallorySeed, deviceId: laptop.deviceId }),
    );
    const swapped = deviceCertificate.encode({ ...forged, userId: ada });
    expect(await verifyDeviceCertificate(swapped, leaf())).toEqual(refusedFor('user-id'));
  });

  test('is refused for another device id', async () => {
    const honest = deviceCertificate.decode(await certificate());
    const renamed = deviceCertificate.encode({ ...honest, deviceId: phone.deviceId });
    expect(await verifyDeviceCertificate(renamed, leaf())).toEqual(refusedFor('signature'));
  });

  test('is refused when it is something else', async () => {
    expect(await verifyDeviceCertificate(new Uint8Array(8), leaf())).toEqual(refusedFor('malformed'));
  });
});

describe('a statement of a device', () => {
  const deviceSeed = seedOf(20);
  const leave = () => ({ serverId, conversationId, userId: ada, since: 4 });
  const signed = () => signDeviceStatement({ type: 'leave-request', body: leave(), secretKey: deviceSeed });
  const expectation = () => ({
    type: 'leave-request' as const,
    serverId,
    signatureKeys: [phone.signatureKey, laptop.signatureKey],
  });

  test('is taken from any of the named devices', async () => {
    expect(await verifyDeviceStatement(await signed(), expectation())).toEqual({
      kind: 'ok',
      body: leave(),
      signedBy: laptop.signatureKey,
    });
  });

  test.each([
    ['from another device', { signatureKeys: [] as Uint8Array[] }, 'signature'],
    ['from another server', { serverId: otherServer }, 'wrong-server'],
    ['as another statement', { type: 'join-request' as const }, 'wrong-type'],
  ])('is refused %s', async (_what, change, reason) => {
    expect(await verifyDeviceStatement(await signed(), { ...expectation(), ...change })).toEqual(
      refusedFor(reason),
    );
  });

  test('is refused when its type alone was changed', async () => {
    const { body, sig } = statement.decode(await signed());
    const disguised = statement.encode({ type: 'profile', body, sig });
    expect(await verifyDeviceStatement(disguised, { ...expectation(), type: 'profile' })).toEqual(
      refusedFor('malformed'),
    );
    expect(await verifyDeviceStatement(new Uint8Array(9), expectation())).toEqual(refusedFor('malformed'));
  });

  test('each kind can be signed and read', async () => {
    const keys = { serverId, signatureKeys: [laptop.signatureKey] };
    const profile = { serverId, userId: ada, version: 1, displayName: 'Ada' };
    const join = {
      ...{ serverId, conversationId, userId: ada, at: 5 },
      linkId: new Uint8Array(16),
      mac: new Uint8Array(32),
    };
    const repair = {
      ...{ serverId, conversationId, deviceId: laptop.deviceId, at: 5 },
      groupId: new Uint8Array(16),
      leafHash: new Uint8Array(32),
      reason: 'store-damaged' as const,
      keyPackage: new Uint8Array(9),
    };
    const secretKey = deviceSeed;
    const verdicts = await Promise.all([
      signDeviceStatement({ type: 'profile', body: profile, secretKey }).then((bytes) =>
        verifyDeviceStatement(bytes, { ...keys, type: 'profile' }),
      ),
      signDeviceStatement({ type: 'join-request', body: join, secretKey }).then((bytes) =>
        verifyDeviceStatement(bytes, { ...keys, type: 'join-request' }),
      ),
      signDeviceStatement({ type: 'repair-request', body: repair, secretKey }).then((bytes) =>
        verifyDeviceStatement(bytes, { ...keys, type: 'repair-request' }),
      ),
    ]);
    expect(verdicts.map((verdict) => (verdict.kind === 'ok' ? verdict.body : verdict))).toEqual([
      profile,
      join,
      repair,
    ]);
  });
});

describe("a join request's mac", () => {
  test('holds for this link, user and conversation only', async () => {
    const input = { linkSecret: seedOf(1), userId: ada, conversationId };
    const mac = joinMac(input);
    expect(await verifyJoinMac(mac, input)).toBe(true);
    expect(await verifyJoinMac(mac, { ...input, userId: mallory })).toBe(false);
    expect(await verifyJoinMac(mac, { ...input, linkSecret: seedOf(2) })).toBe(false);
    expect(await verifyJoinMac(mac, { ...input, conversationId: idOf<ConversationId>(9) })).toBe(false);
    expect(await verifyJoinMac(mac.subarray(1), input)).toBe(false);
  });
});
