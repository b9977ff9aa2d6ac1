import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeBase64url } from '@wisp/protocol';
import { AccountStage, ada, fails, PASSWORD, withPassword } from './account-stage.js';

let stage: AccountStage;

beforeEach(async () => {
  stage = await AccountStage.open();
});
afterEach(() => stage.close());

describe('a registration', () => {
  test('makes a user, signs the device in and stocks KeyPackages', async () => {
    expect(await stage.engine.account.start()).toEqual({ kind: 'nobody' });
    expect(await stage.engine.account.checkUsername('ada')).toEqual({ free: true });
    const { words } = await stage.engine.account.register(ada);
    expect(words).toHaveLength(12);
    expect(await stage.engine.account.checkUsername('ada')).toEqual({ free: false });
    const here = stage.engine.account.signedIn();
    expect(here?.self.view).toEqual({
      username: 'ada',
      userId: stage.server.users.get('ada')?.userId,
      deviceId: stage.server.sessions[0]?.device,
      registeredAt: stage.server.time,
    });
    expect(here?.self.deviceList.version).toBe(1);
    expect(stage.lastStart()).toEqual({ kind: 'unproven', account: here?.self.view });
    expect(stage.server.keyPackages.get('ada')).toEqual({ count: 20, lastResort: true, uploads: 1 });
  });

  test('is proven by four of the words; the words leave the device with it', async () => {
    const { words } = await stage.engine.account.register(ada);
    const questions = await stage.engine.account.recoveryQuestions();
    expect(new Set(questions).size).toBe(4);
    expect(await stage.engine.account.recoveryQuestions()).toEqual(questions);
    expect(await stage.engine.account.recoveryWords()).toEqual({ words });

    const right = await stage.answers(words);
    const wrong = right.map((answer, i) => (i === 3 ? { ...answer, word: 'zoo' } : answer));
    await expect(stage.engine.account.proveRecoveryKey(wrong)).rejects.toMatchObject(fails('wrong-word'));
    await expect(stage.engine.account.proveRecoveryKey(right.slice(1))).rejects.toMatchObject(
      fails('wrong-word'),
    );
    const typed = right.map(({ index, word }) => ({ index, word: ` ${word.toUpperCase()} ` }));
    await stage.engine.account.proveRecoveryKey(typed);
    expect(stage.lastStart()).toMatchObject({ kind: 'signed-in' });
    await expect(stage.engine.account.recoveryWords()).rejects.toMatchObject(fails('not-allowed'));
  });

  test('stays unproven over a restart', async () => {
    const { words } = await stage.engine.account.register(ada);
    const questions = await stage.engine.account.recoveryQuestions();
    await stage.restart();
    expect(await stage.engine.account.start()).toMatchObject({
      kind: 'unproven',
      account: { username: 'ada' },
    });
    expect(await stage.engine.account.recoveryQuestions()).toEqual(questions);
    expect(await stage.engine.account.recoveryWords()).toEqual({ words });
  });

  test('never shows the server a password, words or a secret', async () => {
    const words = await stage.settle();
    const sent = stage.server.bodies.join('\n');
    expect(sent).not.toContain(PASSWORD);
    expect(words.some((word) => new RegExp(`\\b${word} `).test(sent))).toBe(false);
    const here = stage.engine.account.signedIn();
    expect(sent).not.toContain(encodeBase64url(here?.self.signatureKey.secretKey ?? new Uint8Array()));
  });

  test('leaves nothing readable on the disk', async () => {
    const { words } = await stage.engine.account.register(ada);
    await stage.engine.account.close();
    const entries = await readdir(stage.folder, { recursive: true, withFileTypes: true });
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
    stage.server.mischief.set('createAccount', mischief);
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails(code));
    expect(stage.engine.account.signedIn()).toBeNull();
    stage.server.mischief.clear();
    await stage.restart();
    expect(await stage.engine.account.start()).toEqual({ kind: 'nobody' });
    const { words } = await stage.engine.account.register(ada);
    expect(words).toHaveLength(12);
    expect(stage.server.users.size).toBe(1);
    expect(stage.engine.account.signedIn()?.self.userId).toBe(stage.server.users.get('ada')?.userId);
    await stage.engine.account.proveRecoveryKey(await stage.answers(words));
  });

  test('whose answer was lost can also be signed in to', async () => {
    stage.server.mischief.set('createAccount', { lose: true });
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('offline'));
    stage.server.mischief.clear();
    expect(await stage.engine.account.signIn(withPassword)).toMatchObject({ username: 'ada' });
    expect(stage.lastStart()).toMatchObject({ kind: 'unproven' });
  });

  test('that was given up makes room for another', async () => {
    stage.server.mischief.set('createAccount', { cut: true });
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('offline'));
    stage.server.mischief.clear();
    await stage.engine.account.register({ username: 'bob', password: PASSWORD });
    expect([...stage.server.users.keys()]).toEqual(['bob']);
  });

  test('of a taken name leaves nothing behind', async () => {
    stage.server.mischief.set('createAccount', { refuse: 'username-taken' });
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('username-taken'));
    await stage.restart();
    expect(await stage.engine.account.start()).toEqual({ kind: 'nobody' });
  });

  test('whose answer names somebody else is refused', async () => {
    stage.server.mischief.set('createAccount', {
      tamper: (answer: object) => ({ ...answer, userId: 'A'.repeat(43) }),
    });
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('server-refused'));
    expect(stage.engine.account.signedIn()).toBeNull();
  });

  test.each([
    ['too little memory', { m: 65_535 }],
    ['too few passes', { t: 2 }],
    ['more lanes than there are', { p: 2 }],
    ['more memory than a device has', { m: 4 * 1024 * 1024 }],
  ])('with %s is refused before anything is sent', async (_, weak) => {
    stage.server.kdf = { ...stage.server.kdf, ...weak };
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('weak-server'));
    expect(stage.server.calls).toEqual(['getParameters']);
  });

  test('at a server that speaks only a later protocol says so', async () => {
    stage.server.mischief.set('getParameters', {
      tamper: (answer: object) => ({ ...answer, protocol: { version: 9, oldest: 9 } }),
    });
    await expect(stage.engine.account.register(ada)).rejects.toMatchObject(fails('protocol-too-old'));
  });

  test('is not for somebody who is signed in or whose store sleeps here', async () => {
    await stage.settle();
    await expect(stage.engine.account.register({ ...ada, username: 'bob' })).rejects.toMatchObject(
      fails('not-allowed'),
    );
    await stage.engine.account.signOut({ store: 'keep' });
    await expect(stage.engine.account.register({ ...ada, username: 'bob' })).rejects.toMatchObject(
      fails('not-allowed'),
    );
    await stage.engine.account.signOut({ store: 'erase' });
    await stage.engine.account.register({ ...ada, username: 'bob' });
  });
});
