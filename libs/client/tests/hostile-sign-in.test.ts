import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { decodeBase64url, encodeBase64url, vault } from '@wisp/protocol';
import type { EngineErrorCode } from '../src/face.js';
import { accountEngine } from './account-engine.js';
import { AccountStage, fails, PASSWORD, withPassword } from './account-stage.js';

let stage: AccountStage;

beforeEach(async () => {
  stage = await AccountStage.open();
});
afterEach(() => stage.close());

describe('signing in at a hostile server', () => {
  const stored = () => stage.server.users.get('ada');

  beforeEach(async () => {
    await stage.settle();
    await stage.engine.account.signOut({ store: 'keep' });
  });
  async function isRefused(code: EngineErrorCode): Promise<void> {
    await expect(stage.engine.account.signIn(withPassword)).rejects.toMatchObject(fails(code));
    expect(stage.engine.account.signedIn()).toBeNull();
    stage.server.mischief.clear();
    await stage.restart();
    expect(await stage.engine.account.start()).toEqual({ kind: 'signed-out', username: 'ada' });
  }

  test('another user under the name', async () => {
    stage.server.mischief.set('createSession', {
      tamper: (answer: object) => ({ ...answer, userId: 'A'.repeat(43) }),
    });
    await isRefused('identity-mismatch');
  });

  test('a vault of somebody else', async () => {
    const other = accountEngine({
      baseUrl: stage.server.baseUrl,
      folder: join(stage.folder, 'other'),
      clock: stage.clock,
    });
    await other.account.start();
    await other.account.register({ username: 'bob', password: PASSWORD });
    await other.account.close();
    const mine = stored()?.vault;
    if (stored()) Object.assign(stored() ?? {}, { vault: stage.server.users.get('bob')?.vault });
    await isRefused('server-refused');
    Object.assign(stored() ?? {}, { vault: mine });
    await stage.engine.account.signIn(withPassword);
  });

  test('a vault with weak parameters', async () => {
    const decoded = vault.decode(decodeBase64url(stored()?.vault ?? ''));
    const slots = decoded.slots.map((slot) => ({ ...slot, kdf: { ...slot.kdf, m: 1024 } }));
    Object.assign(stored() ?? {}, { vault: encodeBase64url(vault.encode({ ...decoded, slots })) });
    await isRefused('weak-server');
  });

  test('an older vault than the device list names', async () => {
    await stage.engine.account.signIn(withPassword);
    const { list } = await stage.nextList({ vaultVersion: 2 });
    stored()?.lists.push(list);
    await stage.engine.account.refresh({ conversations: 0 });
    await stage.engine.account.signOut({ store: 'keep' });
    await isRefused('server-refused');
  });

  test('a damaged vault', async () => {
    const bytes = decodeBase64url(stored()?.vault ?? '');
    bytes[bytes.length - 1]! ^= 1;
    Object.assign(stored() ?? {}, { vault: encodeBase64url(bytes) });
    await isRefused('server-refused');
  });

  test('another server id', async () => {
    stage.server.mischief.set('getParameters', {
      tamper: (answer: object) => ({ ...answer, serverId: crypto.randomUUID() }),
    });
    // The salt is bound to it, so the secret doesn't even stretch to the same keys.
    await isRefused('wrong-credentials');
  });

  test('a lost vault leaves the store locked', async () => {
    stage.server.mischief.set('getVault', { cut: true });
    await isRefused('offline');
    await stage.engine.account.signIn(withPassword);
  });
});
