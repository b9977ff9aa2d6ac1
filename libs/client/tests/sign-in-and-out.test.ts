import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSigningKey, signNextDeviceList } from '@wisp/e2ee';
import { encodeBase64url } from '@wisp/protocol';
import { accountEngine } from './account-engine.js';
import { AccountStage, ada, fails, PASSWORD, withPassword } from './account-stage.js';

let stage: AccountStage;

beforeEach(async () => {
  stage = await AccountStage.open();
});
afterEach(() => stage.close());

describe('a start', () => {
  test('needs no network and renews the session once there is one', async () => {
    await stage.settle();
    await stage.restart();
    stage.server.calls.length = 0;
    expect(await stage.engine.account.start()).toMatchObject({
      kind: 'signed-in',
      account: { username: 'ada' },
    });
    expect(stage.server.calls).toEqual([]);
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.server.calls).toEqual(['refreshSession', 'getDeviceLists', 'countKeyPackages']);
    await stage.restart();
    await stage.engine.account.start();
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.engine.account.signedIn()).not.toBeNull();
  });

  test('beside another engine answers store-busy', async () => {
    const other = accountEngine({ baseUrl: stage.server.baseUrl, folder: stage.folder, clock: stage.clock });
    expect(await other.account.start()).toEqual({ kind: 'store-busy' });
    await stage.engine.account.close();
    expect(await other.account.start()).toEqual({ kind: 'nobody' });
    await other.account.close();
  });

  test('whose session has ended locks the store', async () => {
    await stage.settle();
    await stage.restart();
    await stage.engine.account.start();
    stage.server.sessions.length = 0;
    await stage.engine.account.refresh({ conversations: 0 });
    await stage.engine.account.start();
    expect(stage.lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(stage.engine.events.map(({ type }) => type)).toContain('leaving');
    expect(await stage.engine.account.signIn(withPassword)).toMatchObject({ username: 'ada' });
  });

  test('shows devices that were added, once', async () => {
    await stage.settle();
    const { list, device } = await stage.nextList({ add: 'one' });
    stage.server.users.get('ada')?.lists.push(list);
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.engine.events).toContainEqual({ type: 'devicesAdded', devices: [device] });
    expect(stage.engine.account.signedIn()?.self.deviceList.version).toBe(2);
    stage.engine.events.length = 0;
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.engine.events).toEqual([]);
  });

  test('of a device that was revoked locks its store', async () => {
    await stage.settle();
    const { list } = await stage.nextList({ add: 'one', revoke: 'own' });
    stage.server.users.get('ada')?.lists.push(list);
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
  });

  test('refuses a list that somebody else signed', async () => {
    await stage.settle();
    const { secretKey } = await createSigningKey();
    const first = await stage.newestList();
    const forged = await signNextDeviceList({ identitySeed: secretKey, previous: first, issuedAt: 1 });
    stage.server.users.get('ada')?.lists.push(encodeBase64url(forged));
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.engine.events).toContainEqual({ type: 'ownListRefused', reason: 'wrong-user' });
    expect(stage.engine.account.signedIn()?.self.deviceList.version).toBe(1);
  });

  test('is not moved by an older list', async () => {
    await stage.settle();
    stage.server.mischief.set('getDeviceLists', {
      tamper: (answer: object) => ({ ...answer, newest: 0, deviceLists: [] }),
    });
    await stage.engine.account.refresh({ conversations: 0 });
    expect(stage.engine.events).toContainEqual({ type: 'ownListRefused', reason: 'old-list' });
  });
});

describe('signing out and in', () => {
  test('keeps the store and is the same device again, by password or by words', async () => {
    const words = await stage.settle();
    const before = stage.engine.account.signedIn();
    const device = before?.self.deviceId;
    await before?.store.commit([{ kind: 'put', collection: 'c', key: 'k', value: new Uint8Array([1]) }]);
    await stage.engine.account.signOut({ store: 'keep' });
    expect(stage.lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(stage.engine.account.signedIn()).toBeNull();
    expect(stage.server.sessions).toEqual([]);
    await expect(before?.store.get('c', 'k')).rejects.toMatchObject({ name: 'StoreLost' });

    await stage.restart();
    expect(await stage.engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
    for (const secret of [
      { kind: 'password', text: PASSWORD },
      { kind: 'recovery', text: words.join('  ').toUpperCase() },
    ] as const) {
      expect(await stage.engine.account.signIn({ username: 'ada', secret })).toMatchObject({
        deviceId: device,
      });
      expect(await stage.engine.account.signedIn()?.store.get('c', 'k')).toEqual(new Uint8Array([1]));
      expect(stage.server.sessions.map((session) => session.device)).toEqual([device]);
      await stage.engine.account.signOut({ store: 'keep' });
    }
  });

  test('with a wrong secret says only that it is wrong', async () => {
    await stage.settle();
    await stage.engine.account.signOut({ store: 'keep' });
    for (const secret of [
      { kind: 'password', text: 'something else' },
      { kind: 'recovery', text: 'abandon abandon' },
      { kind: 'recovery', text: `${'abandon '.repeat(11)}about` },
    ] as const) {
      await expect(stage.engine.account.signIn({ username: 'ada', secret })).rejects.toMatchObject(
        fails('wrong-credentials'),
      );
    }
    expect(await stage.engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
  });

  test('as somebody without a store here is refused without asking', async () => {
    await expect(stage.engine.account.signIn(withPassword)).rejects.toMatchObject(fails('no-store-here'));
    await stage.settle();
    await stage.engine.account.signOut({ store: 'keep' });
    await expect(stage.engine.account.signIn({ ...withPassword, username: 'bob' })).rejects.toMatchObject(
      fails('no-store-here'),
    );
  });

  test('erased, nothing is left', async () => {
    await stage.settle();
    await stage.engine.account.signOut({ store: 'erase' });
    expect(stage.lastStart()).toEqual({ kind: 'nobody' });
    expect(stage.server.sessions).toEqual([]);
    await stage.restart();
    expect(await stage.engine.account.start()).toEqual({ kind: 'nobody' });
    expect(await readdir(stage.folder)).toEqual(['records']);
  });

  test('without a network locks all the same; the session is ended after the next sign-in', async () => {
    await stage.settle();
    stage.server.mischief.set('endSession', { cut: true });
    await stage.engine.account.signOut({ store: 'keep' });
    expect(stage.lastStart()).toEqual({ kind: 'signed-out', username: 'ada' });
    expect(stage.server.sessions).toHaveLength(1);
    stage.server.mischief.clear();
    await stage.restart();
    await stage.engine.account.start();
    await stage.engine.account.signIn(withPassword);
    expect(stage.server.sessions).toHaveLength(1);
    expect(stage.engine.tokens.current()?.sessionId).toBe(stage.server.sessions[0]?.id);
  });

  test('wants somebody to be signed in', async () => {
    await expect(stage.engine.account.signOut({ store: 'keep' })).rejects.toMatchObject(
      fails('not-signed-in'),
    );
    await expect(stage.engine.account.deleteAccount(ada)).rejects.toMatchObject(fails('not-signed-in'));
    await expect(stage.engine.account.recoveryQuestions()).rejects.toMatchObject(fails('not-signed-in'));
  });
});

describe('deleting the account', () => {
  test('wants the password, and erases', async () => {
    await stage.settle();
    await expect(stage.engine.account.deleteAccount({ password: 'not it' })).rejects.toMatchObject(
      fails('wrong-credentials'),
    );
    expect(stage.engine.account.signedIn()).not.toBeNull();
    await stage.engine.account.deleteAccount(ada);
    expect(stage.lastStart()).toEqual({ kind: 'nobody' });
    expect(stage.server.users.get('ada')?.deleted).toBe(true);
  });
});
