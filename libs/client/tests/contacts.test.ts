import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSigningKey,
  signFirstDeviceList,
  signNextDeviceList,
  userIdOf,
  verifyDeviceList,
  type VerifiedDeviceList,
} from '@wisp/e2ee';
import {
  deviceId,
  encodeBase64url,
  getParameters,
  serverId,
  username,
  type ServerId,
  type Username,
} from '@wisp/protocol';
import { openContacts, type OwnContacts } from '../src/account/contacts.js';
import type { Ground } from '../src/store/ground.js';
import { openIndexedDbGround } from '../src/store/indexeddb-ground.js';
import { openHome } from '../src/store/open-home.js';
import { put, type Store } from '../src/store/store.js';
import type { StoreHome } from '../src/store/store-home.js';
import { accessTokens } from '../src/transport/access-tokens.js';
import { httpClient } from '../src/transport/http-client.js';
import type { HttpClient } from '../src/transport/transport.js';
import { handClock } from './hand-clock.js';
import { sessionAnswerOf } from './session-answer.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

const bob = username.parse('bob');

let server: StandInAuth;
let id: ServerId;
let http: HttpClient;
let home: StoreHome;
let ground: Ground;
let store: Store;
let contacts: OwnContacts;
let ada: User;

interface User {
  name: Username;
  seed: Uint8Array;
  newest: VerifiedDeviceList;
}

beforeEach(async () => {
  server = await standInAuth();
  const clock = handClock(server.time);
  const line = { baseUrl: server.baseUrl, fetch, clock };
  const tokens = accessTokens(line, clock);
  http = httpClient(line, tokens);
  const parameters = await http.call(getParameters, { query: { username: bob } });
  if (parameters.kind !== 'ok') throw new Error('no parameters');
  id = serverId.parse(parameters.value.serverId);
  ada = await makeUser(username.parse('ada'));
  tokens.adopt(signIn('ada'));
  ground = await openIndexedDbGround(`wisp-${crypto.randomUUID()}`);
  home = openHome(ground);
  store = await home.create({ username: ada.name, deviceId: deviceId.parse(crypto.randomUUID()) });
  contacts = openContacts({ store, http, self: ada.newest, onOwnList: () => {}, onVerified: () => {} });
});
afterEach(async () => {
  await home.close();
  await server.close();
});

function signIn(name: string) {
  const user = server.users.get(name);
  if (!user) throw new Error('no such user');
  server.sessions.push({ id: 'token', user, device: undefined, refresh: '' });
  return sessionAnswerOf({ token: 'token', userId: user.userId });
}

async function makeUser(name: Username): Promise<User> {
  const identity = await createSigningKey();
  const userId = userIdOf({ alg: 'ed25519', key: identity.publicKey });
  const bytes = await signFirstDeviceList({
    identitySeed: identity.secretKey,
    serverId: id,
    username: name,
    issuedAt: 1,
    devices: [await makeDevice()],
  });
  const lists = [encodeBase64url(bytes)];
  server.users.set(name, {
    userId,
    username: name,
    authKeys: {},
    vault: '',
    vaultWrites: 0,
    lists,
    deleted: false,
  });
  return { name, seed: identity.secretKey, newest: await verified(bytes, userId) };
}

async function makeDevice() {
  const { publicKey } = await createSigningKey();
  return { deviceId: deviceId.parse(crypto.randomUUID()), signatureKey: publicKey, addedAt: 1 };
}

async function verified(
  bytes: Uint8Array,
  userId: VerifiedDeviceList['userId'],
): Promise<VerifiedDeviceList> {
  const verdict = await verifyDeviceList(bytes, { serverId: id, userId });
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.list;
}

/** The user adds a device. */
async function addDevice(user: User): Promise<string> {
  const device = await makeDevice();
  const add = [device];
  const bytes = await signNextDeviceList({
    identitySeed: user.seed,
    previous: user.newest,
    issuedAt: 2,
    add,
  });
  user.newest = await verified(bytes, user.newest.userId);
  server.users.get(user.name)?.lists.push(encodeBase64url(bytes));
  return device.deviceId;
}

describe('finding somebody', () => {
  test('checks and pins them', async () => {
    const { newest } = await makeUser(bob);
    const found = await contacts.find(bob);
    expect(found).toEqual({
      kind: 'found',
      value: {
        userId: newest.userId,
        username: 'bob',
        identityKey: newest.identityKey,
        listVersion: 1,
        listHash: newest.hash,
        verified: false,
        deletedAccount: false,
        replaces: null,
      },
    });
    expect(await contacts.get(newest.userId)).toEqual(found.kind === 'found' && found.value);
    expect(await contacts.deviceList(newest.userId, 1)).toEqual(newest.statement);
    expect(await contacts.deviceList(newest.userId, 2)).toBeNull();
    const again = openContacts({ store, http, self: ada.newest, onOwnList: () => {}, onVerified: () => {} });
    expect((await again.all()).map(({ username }) => username)).toEqual(['bob']);
  });

  test('keeps the whole chain of a new user', async () => {
    const user = await makeUser(bob);
    await addDevice(user);
    await addDevice(user);
    expect(await contacts.find(bob)).toMatchObject({ kind: 'found', value: { listVersion: 3 } });
    expect(await contacts.deviceList(user.newest.userId, 1)).not.toBeNull();
    expect(await contacts.deviceList(user.newest.userId, 2)).not.toBeNull();
  });

  test('nobody of that name, or no network', async () => {
    expect(await contacts.find(bob)).toEqual({ kind: 'no-such-user' });
    server.mischief.set('findUser', { cut: true });
    expect(await contacts.find(bob)).toEqual({ kind: 'unreachable' });
  });

  test('who started over under the same name names the one before', async () => {
    const first = await makeUser(bob);
    await contacts.find(bob);
    await contacts.setVerified(first.newest.userId, true);
    const second = await makeUser(bob);
    expect(await contacts.find(bob)).toMatchObject({
      kind: 'found',
      value: { userId: second.newest.userId, replaces: first.newest.userId, verified: false },
    });
    const third = await makeUser(bob);
    expect(await contacts.find(bob)).toMatchObject({
      value: { userId: third.newest.userId, replaces: second.newest.userId },
    });
  });
});

describe('following somebody', () => {
  let user: User;
  beforeEach(async () => {
    user = await makeUser(bob);
    await contacts.find(bob);
  });
  const update = () => contacts.update(user.newest.userId);

  test('moves over the chain and names what was added', async () => {
    const added = await addDevice(user);
    const followed = await contacts.follow(user.newest.userId);
    expect(followed.kind === 'found' && followed.value.added).toEqual([added]);
    expect(await contacts.get(user.newest.userId)).toMatchObject({
      listVersion: 2,
      listHash: user.newest.hash,
    });
  });

  test('does not ask for what it has', async () => {
    server.calls.length = 0;
    expect(await contacts.update(user.newest.userId, 1)).toMatchObject({ kind: 'found' });
    expect(server.calls).toEqual([]);
    await addDevice(user);
    expect(await contacts.update(user.newest.userId, 2)).toMatchObject({ value: { listVersion: 2 } });
  });

  test('once for all who ask at a time', async () => {
    server.calls.length = 0;
    await Promise.all([update(), update(), update()]);
    expect(server.calls).toEqual(['getDeviceLists']);
  });

  test('learns that the account was deleted', async () => {
    const stored = server.users.get('bob');
    if (stored) stored.deleted = true;
    expect(await update()).toMatchObject({ value: { deletedAccount: true } });
    expect(await contacts.get(user.newest.userId)).toMatchObject({ deletedAccount: true });
  });

  test('verification and the safety number outlive a new device', async () => {
    await contacts.setVerified(user.newest.userId, true);
    await contacts.update(ada.newest.userId);
    const digits = await contacts.safetyNumber(user.newest.userId);
    expect(digits).toMatch(/^\d{60}$/);
    await addDevice(user);
    expect(await update()).toMatchObject({ value: { verified: true } });
    expect(await contacts.safetyNumber(user.newest.userId)).toBe(digits);
    expect((await contacts.all()).map(({ username }) => username)).toEqual(['bob']);
  });

  test.each<[string, string, (user: User) => Promise<void> | void]>([
    [
      'a swapped key',
      'wrong-user',
      async () => void server.users.get('bob')?.lists.push(await listOfAnother()),
    ],
    [
      'a ghost device, signed by somebody else',
      'wrong-user',
      async (target) => {
        const { secretKey } = await createSigningKey();
        const add = [await makeDevice()];
        const bytes = await signNextDeviceList({
          identitySeed: secretKey,
          previous: target.newest,
          issuedAt: 2,
          add,
        });
        server.users.get('bob')?.lists.push(encodeBase64url(bytes));
      },
    ],
    [
      'a list left out',
      'version-gap',
      async (target) => {
        await addDevice(target);
        await addDevice(target);
        server.users.get('bob')?.lists.splice(1, 1);
      },
    ],
    [
      'an older list',
      'old-list',
      () =>
        void server.mischief.set('getDeviceLists', {
          tamper: (answer: object) => ({ ...answer, newest: 0 }),
        }),
    ],
    [
      'another user’s lists',
      'wrong-user',
      () =>
        void server.mischief.set('getDeviceLists', {
          tamper: (answer: object) => ({ ...answer, userId: ada.newest.userId }),
        }),
    ],
  ])('%s is refused and changes nothing', async (_, reason, lie) => {
    const before = await contacts.get(user.newest.userId);
    await lie(user);
    expect(await contacts.update(before?.userId ?? user.newest.userId)).toEqual({ kind: 'refused', reason });
    expect(await contacts.get(user.newest.userId)).toEqual(before);
  });

  test('a name that leads to somebody of another name is refused', async () => {
    server.mischief.set('findUser', {
      tamper: () => {
        const { userId, lists } = server.users.get('ada') ?? { userId: '', lists: [] };
        return { userId, username: 'bob', deviceList: lists[0] };
      },
    });
    expect(await contacts.find(bob)).toEqual({ kind: 'refused', reason: 'wrong-name' });
  });

  test('a name whose newest list the chain does not reach is refused', async () => {
    await addDevice(user);
    server.mischief.set('getDeviceLists', {
      tamper: (answer: object) => ({ ...answer, newest: 1, deviceLists: [] }),
    });
    expect(await contacts.find(bob)).toEqual({ kind: 'refused', reason: 'old-list' });
  });
});

describe('a damaged record', () => {
  let user: User;
  beforeEach(async () => {
    user = await makeUser(bob);
    await addDevice(user);
    await contacts.find(bob);
  });

  test('of a contact: they are pinned anew', async () => {
    const before = await contacts.get(user.newest.userId);
    await spoil('contacts', (key) => key === user.newest.userId);
    expect(await contacts.get(user.newest.userId)).toBeNull();
    expect(await contacts.update(user.newest.userId)).toEqual({ kind: 'found', value: before });
    expect(await contacts.get(user.newest.userId)).toEqual(before);
  });

  test.each([1, 2])('of device list %i: the chain is fetched anew, and adds nobody', async (version) => {
    await spoil('device-lists', (key) => key.startsWith(user.newest.userId) && key.endsWith(`${version}`));
    expect(await contacts.deviceList(user.newest.userId, version)).toBeNull();
    const followed = await contacts.follow(user.newest.userId);
    expect(followed.kind === 'found' && followed.value.added).toEqual([]);
    expect(await contacts.deviceList(user.newest.userId, version)).not.toBeNull();
  });

  test('a chain that ends before what was checked is refused all the same', async () => {
    await spoil('device-lists', (key) => key.startsWith(user.newest.userId));
    const before = await contacts.get(user.newest.userId);
    server.users.get('bob')?.lists.pop();
    expect(await contacts.update(user.newest.userId)).toEqual({ kind: 'refused', reason: 'old-list' });
    expect(await contacts.get(user.newest.userId)).toEqual(before);
  });
});

/** One bit of each of these. */
async function spoil(collection: string, isChosen: (key: string) => boolean): Promise<void> {
  const chosen = (await ground.records.range(collection)).filter(({ key }) => isChosen(key));
  expect(chosen).not.toEqual([]);
  await ground.records.commit(
    chosen.map(({ key, value }) =>
      put(
        collection,
        key,
        value.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
      ),
    ),
  );
}

async function listOfAnother(): Promise<string> {
  const before = server.users.get('bob');
  const other = await makeUser(bob);
  if (before) server.users.set('bob', before);
  return encodeBase64url(other.newest.statement);
}
