import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSigningKey,
  openVault,
  signNextDeviceList,
  stretchSecret,
  verifyDeviceList,
  type VerifiedDeviceList,
} from '@wisp/e2ee';
import { decodeBase64url, deviceId, encodeBase64url, vault, type DeviceId } from '@wisp/protocol';
import type { EngineErrorCode } from '../src/face.js';
import { accountEngine, type AccountEngine } from './account-engine.js';
import { handClock, type HandClock } from './hand-clock.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

const PASSWORD = 'five plain words make sense';
const ada = { username: 'ada', password: PASSWORD };
const withPassword = { username: 'ada', secret: { kind: 'password', text: PASSWORD } } as const;

let server: StandInAuth;
let clock: HandClock;
let folder: string;
let engine: AccountEngine;

beforeEach(async () => {
  server = await standInAuth();
  clock = handClock(server.time);
  folder = await mkdtemp(join(tmpdir(), 'wisp-account-'));
  engine = accountEngine({ baseUrl: server.baseUrl, folder, clock });
  await engine.account.start();
});
afterEach(async () => {
  await engine.account.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  await engine.account.close();
  engine = accountEngine({ baseUrl: server.baseUrl, folder, clock });
}
const fails = (code: EngineErrorCode) => ({ name: 'EngineError', code });
function lastStart() {
  return engine.events.flatMap((event) => (event.type === 'startChanged' ? [event.start] : [])).at(-1);
}
async function answers(words: string[]) {
  const questions = await engine.account.recoveryQuestions();
  return questions.map((index) => ({ index, word: words[index] ?? '' }));
}
/** Registers and proves. */
async function settle(): Promise<string[]> {
  const { words } = await engine.account.register(ada);
  await engine.account.proveRecoveryKey(await answers(words));
  return words;
}

async function newestList(): Promise<VerifiedDeviceList> {
  const statement = decodeBase64url(server.users.get('ada')?.lists.at(-1) ?? '');
  const self = engine.account.signedIn()?.self;
  if (!self) throw new Error('nobody is signed in');
  const verdict = await verifyDeviceList(statement, self);
  if (verdict.kind === 'refused') throw new Error(verdict.reason);
  return verdict.list;
}

/** What the user's other device does: opens the vault, signs the next list. */
async function nextList(
  given: { add?: 'one'; revoke?: 'own'; vaultVersion?: number } = {},
): Promise<{ list: string; device: DeviceId }> {
  const previous = await newestList();
  const stretched = await stretchSecret({
    secret: PASSWORD,
    kdf: server.kdf,
    serverSalt: decodeBase64url('A'.repeat(43)),
    serverId: previous.serverId,
    username: previous.username,
  });
  if (stretched.kind === 'refused') throw new Error(stretched.reason);
  const opened = await openVault(decodeBase64url(server.users.get('ada')?.vault ?? ''), {
    userId: previous.userId,
    slot: 'password',
    keys: stretched.keys,
    atLeastVersion: 1,
  });
  if (opened.kind === 'refused') throw new Error(opened.reason);
  const device = deviceId.parse(crypto.randomUUID());
  const { publicKey } = await createSigningKey();
  const list = await signNextDeviceList({
    identitySeed: opened.content.identitySeed,
    previous,
    issuedAt: server.time,
    ...(given.add ? { add: [{ deviceId: device, signatureKey: publicKey, addedAt: server.time }] } : {}),
    ...(given.revoke ? { revoke: previous.devices.map((each) => each.deviceId) } : {}),
    ...(given.vaultVersion ? { vaultVersion: given.vaultVersion } : {}),
  });
  return { list: encodeBase64url(list), device };
}

describe('a registration', () => {
  test('makes a user, signs the device in and stocks KeyPackages', async () => {
    expect(await engine.account.start()).toEqual({ kind: 'nobody' });
    expect(await engine.account.checkUsername('ada')).toEqual({ free: true });
    const { words } = await engine.account.register(ada);
    expect(words).toHaveLength(12);
    expect(await engine.account.checkUsername('ada')).toEqual({ free: false });
    const here = engine.account.signedIn();
    expect(here?.self.view).toEqual({
      username: 'ada',
      userId: server.users.get('ada')?.userId,
      deviceId: server.sessions[0]?.device,
      registeredAt: server.time,
    });
    expect(here?.self.deviceList.version).toBe(1);
    expect(lastStart()).toEqual({ kind: 'unproven', account: here?.self.view });
    expect(server.keyPackages.get('ada')).toEqual({ count: 20, lastResort: true, uploads: 1 });
  });

  test('is proven by four of the words; the words leave the device with it', async () => {
    const { words } = await engine.account.register(ada);
    const questions = await engine.account.recoveryQuestions();
    expect(new Set(questions).size).toBe(4);
    expect(await engine.account.recoveryQuestions()).toEqual(questions);
    expect(await engine.account.recoveryWords()).toEqual({ words });

    const right = await answers(words);
    const wrong = right.map((answer, i) => (i === 3 ? { ...answer, word: 'zoo' } : answer));
    await expect(engine.account.proveRecoveryKey(wrong)).rejects.toMatchObject(fails('wrong-word'));
    await expect(engine.account.proveRecoveryKey(right.slice(1))).rejects.toMatchObject(fails('wrong-word'));
    const typed = right.map(({ index, word }) => ({ index, word: ` ${word.toUpperCase()} ` }));
    await engine.account.proveRecoveryKey(typed);
    expect(lastStart()).toMatchObject({ kind: 'signed-in' });
    await expect(engine.account.recoveryWords()).rejects.toMatchObject(fails('not-allowed'));
  });

  test('stays unproven over a restart', async () => {
    const { words } = await engine.account.register(ada);
    const questions = await engine.account.recoveryQuestions();
    await restart();
    expect(await engine.account.start()).toMatchObject({ kind: 'unproven', account: { username: 'ada' } });
    expect(await engine.account.recoveryQuestions()).toEqual(questions);
    expect(await engine.account.recoveryWords()).toEqual({ words });
  });

  test('never shows the server a password, words or a secret', async () => {
    const words = await settle();
    const sent = server.bodies.join('\n');
    expect(sent).not.toContain(PASSWORD);
    expect(words.some((word) => new RegExp(`\\b${word} `).test(sent))).toBe(false);
    const here = engine.account.signedIn();
    expect(sent).not.toContain(encodeBase64url(here?.self.signatureKey.secretKey ?? new Uint8Array()));
  });

  test('leaves nothing readable on the disk', async () => {
    const { words } = await engine.account.register(ada);
    await engine.account.close();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const texts = await Promise.all(
      files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
    );
    for (const word of [PASSWORD, words.join(' '), `"${words[0]}","${words[1]}"`, 'refresh=', '"ada"']) {
      expect(texts.filter((text) => text.includes(word))).toEqual([]);
    }
  });

  test.each([
    ['whose answer was lost', { lose: true }, 'offline'],
    ['that never arrived', { cut: true }, 'offline'],
    ['at a busy server', { refuse: 'overloaded' }, 'server-unavailable'],
  ] as const)('%s goes on with the same keys', async (_, mischief, code) => {
    server.mischief.set('createAccount', mischief);
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails(code));
    expect(engine.account.signedIn()).toBeNull();
    server.mischief.clear();
    await restart();
    expect(await engine.account.start()).toEqual({ kind: 'nobody' });
    const { words } = await engine.account.register(ada);
    expect(words).toHaveLength(12);
    expect(server.users.size).toBe(1);
    expect(engine.account.signedIn()?.self.userId).toBe(server.users.get('ada')?.userId);
    await engine.account.proveRecoveryKey(await answers(words));
  });

  test('whose answer was lost can also be signed in to', async () => {
    server.mischief.set('createAccount', { lose: true });
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('offline'));
    server.mischief.clear();
    expect(await engine.account.signIn(withPassword)).toMatchObject({ username: 'ada' });
    expect(lastStart()).toMatchObject({ kind: 'unproven' });
  });

  test('that was given up makes room for another', async () => {
    server.mischief.set('createAccount', { cut: true });
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('offline'));
    server.mischief.clear();
    await engine.account.register({ username: 'bob', password: PASSWORD });
    expect([...server.users.keys()]).toEqual(['bob']);
  });

  test('of a taken name leaves nothing behind', async () => {
    server.mischief.set('createAccount', { refuse: 'username-taken' });
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('username-taken'));
    await restart();
    expect(await engine.account.start()).toEqual({ kind: 'nobody' });
  });

  test('whose answer names somebody else is refused', async () => {
    server.mischief.set('createAccount', {
      tamper: (answer: object) => ({ ...answer, userId: 'A'.repeat(43) }),
    });
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('server-refused'));
    expect(engine.account.signedIn()).toBeNull();
  });

  test.each([
    ['too little memory', { m: 65_535 }],
    ['too few passes', { t: 2 }],
    ['more lanes than there are', { p: 2 }],
    ['more memory than a device has', { m: 4 * 1024 * 1024 }],
  ])('with %s is refused before anything is sent', async (_, weak) => {
    server.kdf = { ...server.kdf, ...weak };
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('weak-server'));
    expect(server.calls).toEqual(['getParameters']);
  });

  test('at a server that speaks only a later protocol says so', async () => {
    server.mischief.set('getParameters', {
      tamper: (answer: object) => ({ ...answer, protocol: { version: 9, oldest: 9 } }),
    });
    await expect(engine.account.register(ada)).rejects.toMatchObject(fails('protocol-too-old'));
  });

  test('is not for somebody who is signed in or whose store sleeps here', async () => {
    await settle();
    await expect(engine.account.register({ ...ada, username: 'bob' })).rejects.toMatchObject(
      fails('not-allowed'),
    );
    await engine.account.signOut({ store: 'keep' });
    await expect(engine.account.register({ ...ada, username: 'bob' })).rejects.toMatchObject(
      fails('not-allowed'),
    );
    await engine.account.signOut({ store: 'erase' });
    await engine.account.register({ ...ada, username: 'bob' });
  });
});

describe('a start', () => {
  test('needs no network and renews the session once there is one', async () => {
    await settle();
    await restart();
    server.calls.length = 0;
    expect(await engine.account.start()).toMatchObject({ kind: 'signed-in', account: { username: 'ada' } });
    expect(server.calls).toEqual([]);
    await engine.account.refresh({ conversations: 0 });
    expect(server.calls).toEqual(['refreshSession', 'getDeviceLists', 'countKeyPackages']);
    await restart();
    await engine.account.start();
    await engine.account.refresh({ conversations: 0 });
    expect(engine.account.signedIn()).not.toBeNull();
  });

  test('beside another engine answers store-busy', async () => {
    const other = accountEngine({ baseUrl: server.baseUrl, folder, clock });
    expect(await other.account.start()).toEqual({ kind: 'store-busy' });
    await engine.account.close();
    expect(await other.account.start()).toEqual({ kind: 'nobody' });
    await other.account.close();
  });

  test('whose session has ended locks the store', async () => {
    await settle();
    await restart();
    await engine.account.start();
    server.sessions.length = 0;
    await engine.account.refresh({ conversations: 0 });
    await engine.account.start();
    expect(lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(engine.events.map(({ type }) => type)).toContain('leaving');
    expect(await engine.account.signIn(withPassword)).toMatchObject({ username: 'ada' });
  });

  test('shows devices that were added, once', async () => {
    await settle();
    const { list, device } = await nextList({ add: 'one' });
    server.users.get('ada')?.lists.push(list);
    await engine.account.refresh({ conversations: 0 });
    expect(engine.events).toContainEqual({ type: 'devicesAdded', devices: [device] });
    expect(engine.account.signedIn()?.self.deviceList.version).toBe(2);
    engine.events.length = 0;
    await engine.account.refresh({ conversations: 0 });
    expect(engine.events).toEqual([]);
  });

  test('of a device that was revoked locks its store', async () => {
    await settle();
    const { list } = await nextList({ add: 'one', revoke: 'own' });
    server.users.get('ada')?.lists.push(list);
    await engine.account.refresh({ conversations: 0 });
    expect(lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
  });

  test('refuses a list that somebody else signed', async () => {
    await settle();
    const { secretKey } = await createSigningKey();
    const first = await newestList();
    const forged = await signNextDeviceList({ identitySeed: secretKey, previous: first, issuedAt: 1 });
    server.users.get('ada')?.lists.push(encodeBase64url(forged));
    await engine.account.refresh({ conversations: 0 });
    expect(engine.events).toContainEqual({ type: 'ownListRefused', reason: 'wrong-user' });
    expect(engine.account.signedIn()?.self.deviceList.version).toBe(1);
  });

  test('is not moved by an older list', async () => {
    await settle();
    server.mischief.set('getDeviceLists', {
      tamper: (answer: object) => ({ ...answer, newest: 0, deviceLists: [] }),
    });
    await engine.account.refresh({ conversations: 0 });
    expect(engine.events).toContainEqual({ type: 'ownListRefused', reason: 'old-list' });
  });
});

describe('signing out and in', () => {
  test('keeps the store and is the same device again, by password or by words', async () => {
    const words = await settle();
    const before = engine.account.signedIn();
    const device = before?.self.deviceId;
    await before?.store.commit([{ kind: 'put', collection: 'c', key: 'k', value: new Uint8Array([1]) }]);
    await engine.account.signOut({ store: 'keep' });
    expect(lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(engine.account.signedIn()).toBeNull();
    expect(server.sessions).toEqual([]);
    await expect(before?.store.get('c', 'k')).rejects.toMatchObject({ name: 'StoreLost' });

    await restart();
    expect(await engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
    for (const secret of [
      { kind: 'password', text: PASSWORD },
      { kind: 'recovery', text: words.join('  ').toUpperCase() },
    ] as const) {
      expect(await engine.account.signIn({ username: 'ada', secret })).toMatchObject({ deviceId: device });
      expect(await engine.account.signedIn()?.store.get('c', 'k')).toEqual(new Uint8Array([1]));
      expect(server.sessions.map((session) => session.device)).toEqual([device]);
      await engine.account.signOut({ store: 'keep' });
    }
  });

  test('with a wrong secret says only that it is wrong', async () => {
    await settle();
    await engine.account.signOut({ store: 'keep' });
    for (const secret of [
      { kind: 'password', text: 'something else' },
      { kind: 'recovery', text: 'abandon abandon' },
      { kind: 'recovery', text: `${'abandon '.repeat(11)}about` },
    ] as const) {
      await expect(engine.account.signIn({ username: 'ada', secret })).rejects.toMatchObject(
        fails('wrong-credentials'),
      );
    }
    expect(await engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
  });

  test('as somebody without a store here is refused without asking', async () => {
    await expect(engine.account.signIn(withPassword)).rejects.toMatchObject(fails('no-store-here'));
    await settle();
    await engine.account.signOut({ store: 'keep' });
    await expect(engine.account.signIn({ ...withPassword, username: 'bob' })).rejects.toMatchObject(
      fails('no-store-here'),
    );
  });

  test('erased, nothing is left', async () => {
    await settle();
    await engine.account.signOut({ store: 'erase' });
    expect(lastStart()).toEqual({ kind: 'nobody' });
    expect(server.sessions).toEqual([]);
    await restart();
    expect(await engine.account.start()).toEqual({ kind: 'nobody' });
    expect(await readdir(folder)).toEqual(['records']);
  });

  test('without a network locks all the same; the session is ended after the next sign-in', async () => {
    await settle();
    server.mischief.set('endSession', { cut: true });
    await engine.account.signOut({ store: 'keep' });
    expect(lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(server.sessions).toHaveLength(1);
    server.mischief.clear();
    await restart();
    await engine.account.start();
    await engine.account.signIn(withPassword);
    expect(server.sessions).toHaveLength(1);
    expect(engine.tokens.current()?.sessionId).toBe(server.sessions[0]?.id);
  });

  test('wants somebody to be signed in', async () => {
    await expect(engine.account.signOut({ store: 'keep' })).rejects.toMatchObject(fails('not-signed-in'));
    await expect(engine.account.deleteAccount(ada)).rejects.toMatchObject(fails('not-signed-in'));
    await expect(engine.account.recoveryQuestions()).rejects.toMatchObject(fails('not-signed-in'));
  });
});

describe('signing in at a hostile server', () => {
  const stored = () => server.users.get('ada');

  beforeEach(async () => {
    await settle();
    await engine.account.signOut({ store: 'keep' });
  });
  async function isRefused(code: EngineErrorCode): Promise<void> {
    await expect(engine.account.signIn(withPassword)).rejects.toMatchObject(fails(code));
    expect(engine.account.signedIn()).toBeNull();
    server.mischief.clear();
    await restart();
    expect(await engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
  }

  test('another user under the name', async () => {
    server.mischief.set('createSession', {
      tamper: (answer: object) => ({ ...answer, userId: 'A'.repeat(43) }),
    });
    await isRefused('identity-mismatch');
  });

  test('a vault of somebody else', async () => {
    const other = accountEngine({ baseUrl: server.baseUrl, folder: join(folder, 'other'), clock });
    await other.account.start();
    await other.account.register({ username: 'bob', password: PASSWORD });
    await other.account.close();
    const mine = stored()?.vault;
    if (stored()) Object.assign(stored() ?? {}, { vault: server.users.get('bob')?.vault });
    await isRefused('server-refused');
    Object.assign(stored() ?? {}, { vault: mine });
    await engine.account.signIn(withPassword);
  });

  test('a vault with weak parameters', async () => {
    const decoded = vault.decode(decodeBase64url(stored()?.vault ?? ''));
    const slots = decoded.slots.map((slot) => ({ ...slot, kdf: { ...slot.kdf, m: 1024 } }));
    Object.assign(stored() ?? {}, { vault: encodeBase64url(vault.encode({ ...decoded, slots })) });
    await isRefused('weak-server');
  });

  test('an older vault than the device list names', async () => {
    await engine.account.signIn(withPassword);
    const { list } = await nextList({ vaultVersion: 2 });
    stored()?.lists.push(list);
    await engine.account.refresh({ conversations: 0 });
    await engine.account.signOut({ store: 'keep' });
    await isRefused('server-refused');
  });

  test('a damaged vault', async () => {
    const bytes = decodeBase64url(stored()?.vault ?? '');
    bytes[bytes.length - 1]! ^= 1;
    Object.assign(stored() ?? {}, { vault: encodeBase64url(bytes) });
    await isRefused('server-refused');
  });

  test('another server id', async () => {
    server.mischief.set('getParameters', {
      tamper: (answer: object) => ({ ...answer, serverId: crypto.randomUUID() }),
    });
    // The salt is bound to it, so the secret doesn't even stretch to the same keys.
    await isRefused('wrong-credentials');
  });

  test('a lost vault leaves the store locked', async () => {
    server.mischief.set('getVault', { cut: true });
    await isRefused('offline');
    await engine.account.signIn(withPassword);
  });
});

describe('deleting the account', () => {
  test('wants the password, and erases', async () => {
    await settle();
    await expect(engine.account.deleteAccount({ password: 'not it' })).rejects.toMatchObject(
      fails('wrong-credentials'),
    );
    expect(engine.account.signedIn()).not.toBeNull();
    await engine.account.deleteAccount(ada);
    expect(lastStart()).toEqual({ kind: 'nobody' });
    expect(server.users.get('ada')?.deleted).toBe(true);
  });
});
