import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  deviceList,
  statement,
  uuidFromBytes,
  type DeviceId,
  type DeviceList,
  type ListedDevice,
  type ServerId,
  type UserId,
  type Username,
} from '@wisp/protocol';
import { signLabelled, signingKeyFromSeed } from './ed25519.js';
import { signFirstDeviceList, signNextDeviceList } from './sign-device-list.js';
import { userIdOf } from './user-id.js';
import { verifyDeviceList, type VerifiedDeviceList } from './verify-device-list.js';
import { verifyDeviceListChain } from './verify-device-list-chain.js';

const idOf = <T extends string>(byte: number): T => uuidFromBytes<T>(new Uint8Array(16).fill(byte));
const seedOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const serverId = idOf<ServerId>(1);
const otherServer = idOf<ServerId>(2);
const username = 'ada' as Username;

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

const owner = () => ({ serverId, userId: ada });
const firstList = () =>
  signFirstDeviceList({ identitySeed: adaSeed, serverId, username, issuedAt: 1, devices: [laptop] });

async function verified(bytes: Uint8Array): Promise<VerifiedDeviceList> {
  const verdict = await verifyDeviceList(bytes, owner());
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.list;
}

/** Signs whatever list it is told to: what a hostile server can make with a key of its own, or Ada by mistake. */
async function signAny(list: DeviceList, seed: Uint8Array): Promise<Uint8Array> {
  const body = deviceList.encode(list);
  const sig = await signLabelled(seed, { label: 'device-list', body });
  return statement.encode({ type: 'device-list', body, sig });
}

describe('a device list', () => {
  test('is taken from its owner', async () => {
    const list = await verified(await firstList());
    expect(list).toMatchObject({ userId: ada, version: 1, vaultVersion: 1, username, devices: [laptop] });
  });

  test('is refused from another server, and for another user', async () => {
    const bytes = await firstList();
    expect(await verifyDeviceList(bytes, { serverId: otherServer, userId: ada })).toEqual(
      refusedFor('wrong-server'),
    );
    expect(await verifyDeviceList(bytes, { serverId, userId: mallory })).toEqual(refusedFor('wrong-user'));
  });

  test('is refused with a swapped identity key', async () => {
    const { publicKey } = await signingKeyFromSeed(mallorySeed);
    const swapped = {
      ...(await verified(await firstList())),
      identityKey: { alg: 'ed25519', key: publicKey },
    };
    const bytes = await signAny({ ...swapped, devices: [phone] } as DeviceList, mallorySeed);
    expect(await verifyDeviceList(bytes, owner())).toEqual(refusedFor('identity-key'));
  });

  test('is refused with a ghost device that its owner did not sign', async () => {
    const list = await verified(await firstList());
    const ghost = await signAny({ ...list, devices: [laptop, phone] }, mallorySeed);
    expect(await verifyDeviceList(ghost, owner())).toEqual(refusedFor('signature'));
  });

  test('is refused with one key for two devices', async () => {
    const list = await verified(await firstList());
    const twin = { ...laptop, deviceId: phone.deviceId };
    expect(
      await verifyDeviceList(await signAny({ ...list, devices: [laptop, twin] }, adaSeed), owner()),
    ).toEqual(refusedFor('device-key-twice'));
  });

  test('is refused as another statement, and as noise', async () => {
    const { body, sig } = statement.decode(await firstList());
    const leave = statement.encode({ type: 'leave-request', body, sig });
    expect(await verifyDeviceList(leave, owner())).toEqual(refusedFor('wrong-type'));
    expect(await verifyDeviceList(new Uint8Array(4), owner())).toEqual(refusedFor('malformed'));
    const hollow = statement.encode({ type: 'device-list', body: new Uint8Array(4), sig });
    expect(await verifyDeviceList(hollow, owner())).toEqual(refusedFor('malformed'));
  });
});

describe('a chain of device lists', () => {
  const next = async (
    bytes: Uint8Array,
    change: { add?: ListedDevice[]; revoke?: DeviceId[]; vaultVersion?: number },
  ) => signNextDeviceList({ identitySeed: adaSeed, previous: await verified(bytes), issuedAt: 2, ...change });
  const follow = (known: VerifiedDeviceList | null, statements: Uint8Array[]) =>
    verifyDeviceListChain({ ...owner(), known, statements });

  test('is followed from the known list, and what came and went is named', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    const three = await next(two, { revoke: [laptop.deviceId], vaultVersion: 2 });
    const verdict = await follow(await verified(one), [two, three]);
    expect(verdict).toMatchObject({
      kind: 'ok',
      newest: { version: 3, vaultVersion: 2 },
      added: [phone],
      revoked: [laptop.deviceId],
    });
    expect(await follow(await verified(two), [three])).toMatchObject({
      added: [],
      revoked: [laptop.deviceId],
    });
  });

  test('of a new user may begin anywhere; all devices are new', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    expect(await follow(null, [two])).toMatchObject({
      kind: 'ok',
      newest: { version: 2 },
      added: [laptop, phone],
    });
    expect(await follow(null, [])).toEqual(refusedFor('no-list'));
  });

  test('may repeat the known list, and may bring nothing', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    expect(await follow(await verified(one), [])).toMatchObject({ kind: 'ok', newest: null, added: [] });
    expect(await follow(await verified(one), [one])).toMatchObject({ kind: 'ok', newest: null, added: [] });
    expect(await follow(await verified(one), [one, two])).toMatchObject({ kind: 'ok', added: [phone] });
  });

  test('of a bare pin takes the devices from the repeated list', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    const { version, hash } = await verified(one);
    const verdict = await verifyDeviceListChain({
      ...owner(),
      known: { version, hash },
      statements: [one, two],
    });
    expect(verdict).toMatchObject({ kind: 'ok', added: [phone] });
  });

  test('is refused with an older list, a gap, a list out of order', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    const three = await next(two, { revoke: [laptop.deviceId] });
    expect(await follow(await verified(two), [one])).toEqual(refusedFor('old-list'));
    expect(await follow(await verified(one), [three])).toEqual(refusedFor('version-gap'));
    expect(await follow(await verified(one), [three, two])).toEqual(refusedFor('version-gap'));
  });

  test('is refused when the owner signed two histories', async () => {
    const one = await firstList();
    const two = await next(one, { add: [phone] });
    const otherTwo = await next(one, { add: [await deviceOf(22)] });
    const otherThree = await next(otherTwo, { vaultVersion: 2 });
    expect(await follow(await verified(two), [otherTwo])).toEqual(refusedFor('forked'));
    expect(await follow(await verified(two), [otherThree])).toEqual(refusedFor('broken-chain'));
  });

  test('is refused with a vault version that falls', async () => {
    const one = await firstList();
    const two = await next(one, { vaultVersion: 5 });
    const three = await next(two, { vaultVersion: 4 });
    expect(await follow(await verified(two), [three])).toEqual(refusedFor('vault-version-fell'));
  });

  test('is refused when a device gets another key', async () => {
    const one = await firstList();
    const changed = { ...laptop, signatureKey: phone.signatureKey };
    const two = await next(one, { revoke: [laptop.deviceId], add: [changed] });
    expect(await follow(await verified(one), [two])).toEqual(refusedFor('device-changed'));
  });

  test('is refused with the list of another user or server in it', async () => {
    const one = await firstList();
    const foreign = await signFirstDeviceList({
      identitySeed: mallorySeed,
      serverId,
      username,
      issuedAt: 1,
      devices: [phone],
    });
    expect(await follow(await verified(one), [foreign])).toEqual(refusedFor('wrong-user'));
  });
});
