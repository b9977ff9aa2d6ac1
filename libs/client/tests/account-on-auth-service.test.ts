import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { username, type Username } from '@wisp/protocol';
import { systemClock } from '../src/clock.js';
import type { StartView } from '../src/face.js';
import { accountEngine, type AccountEngine } from './account-engine.js';
import { realAuth, type RealAuth } from './real-auth.js';

const PASSWORD = 'five plain words make sense';

let server: RealAuth;
let folder: string;
let engines: AccountEngine[];
let number = 0;

beforeAll(async () => {
  server = await realAuth();
});
afterAll(() => server.close());
beforeEach(async () => {
  engines = [];
  folder = await mkdtemp(join(tmpdir(), 'wisp-real-'));
});
afterEach(async () => {
  for (const { account } of engines) await account.close();
  await rm(folder, { recursive: true, force: true });
});

const newName = (name: string): Username => username.parse(`${name}-${++number}`);

async function startEngine(place: string, through: typeof fetch = fetch): Promise<AccountEngine> {
  const engine = accountEngine({
    baseUrl: server.baseUrl,
    folder: join(folder, place),
    clock: systemClock,
    fetch: through,
  });
  engines.push(engine);
  await engine.account.start();
  return engine;
}
async function restart(engine: AccountEngine, place: string): Promise<AccountEngine> {
  await engine.account.close();
  return startEngine(place);
}
const startOf = ({ account }: AccountEngine): Promise<StartView> => account.start();
function here({ account }: AccountEngine) {
  const signedIn = account.signedIn();
  if (!signedIn) throw new Error('nobody is signed in');
  return signedIn;
}
const byPassword = (name: string, text = PASSWORD) =>
  ({ username: name, secret: { kind: 'password', text } }) as const;

describe('on the real auth-service', () => {
  test('somebody registers, restarts, signs out and is the same device again', async () => {
    const ada = newName('ada');
    let engine = await startEngine('ada');
    expect(await engine.account.checkUsername(ada)).toEqual({ free: true });
    const { words } = await engine.account.register({ username: ada, password: PASSWORD });
    const device = here(engine).self.deviceId;
    const questions = await engine.account.recoveryQuestions();
    await engine.account.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
    await here(engine).store.commit([{ kind: 'put', collection: 'c', key: 'k', value: new Uint8Array([1]) }]);

    // Twice: the cookie rotates, and the store keeps each successor.
    for (let round = 0; round < 2; round++) {
      engine = await restart(engine, 'ada');
      expect(await startOf(engine)).toMatchObject({ kind: 'signed-in', account: { deviceId: device } });
      await engine.account.refresh({ conversations: 0 });
      expect(engine.tokens.current()).toMatchObject({ username: ada, deviceId: device });
    }
    await engine.account.signOut({ store: 'keep' });
    engine = await restart(engine, 'ada');
    expect(await startOf(engine)).toEqual({ kind: 'signed-out', username: ada });
    await expect(engine.account.signIn(byPassword(ada, 'not it'))).rejects.toMatchObject({
      code: 'wrong-credentials',
    });
    for (const secret of [
      { kind: 'password', text: PASSWORD },
      { kind: 'recovery', text: words.join(' ') },
    ] as const) {
      expect(await engine.account.signIn({ username: ada, secret })).toMatchObject({ deviceId: device });
      expect(await here(engine).store.get('c', 'k')).toEqual(new Uint8Array([1]));
      await engine.account.refresh({ conversations: 0 });
      await engine.account.signOut({ store: 'keep' });
    }
  });

  test('two people find each other and read the same safety number', async () => {
    const [ada, bob] = [newName('ada'), newName('bob')];
    const [hers, his] = [await startEngine('ada'), await startEngine('bob')];
    await hers.account.register({ username: ada, password: PASSWORD });
    await his.account.register({ username: bob, password: PASSWORD });
    const found = await here(hers).contacts.find(bob);
    expect(found).toMatchObject({
      kind: 'found',
      value: { userId: here(his).self.userId, listVersion: 1, verified: false, deletedAccount: false },
    });
    await here(his).contacts.find(ada);
    const number = await here(hers).contacts.safetyNumber(here(his).self.userId);
    expect(number).toMatch(/^\d{60}$/);
    expect(await here(his).contacts.safetyNumber(here(hers).self.userId)).toBe(number);
    expect(await here(hers).contacts.find(newName('nobody'))).toEqual({ kind: 'no-such-user' });

    await expect(his.account.deleteAccount({ password: 'not it' })).rejects.toMatchObject({
      code: 'wrong-credentials',
    });
    const bobId = here(his).self.userId;
    await his.account.deleteAccount({ password: PASSWORD });
    expect(await startOf(his)).toEqual({ kind: 'nobody' });
    expect(await here(hers).contacts.update(bobId)).toMatchObject({ value: { deletedAccount: true } });
  });

  test('the stock of KeyPackages is filled up', async () => {
    const engine = await startEngine('ada');
    await engine.account.register({ username: newName('ada'), password: PASSWORD });
    const device = here(engine).self.deviceId;
    const count = async () => {
      const rows = await server.query(
        `select last_resort, count(*)::int from auth.key_packages
         where device_id = '${device}' and spent_at is null group by 1 order by 1`,
      );
      return rows.map(({ count }) => count);
    };
    expect(await count()).toEqual([20, 1]);
    await engine.account.refresh({ conversations: 5 });
    expect(await count()).toEqual([25, 1]);
  });

  test('a registration whose answer was lost goes on with the same keys', async () => {
    const ada = newName('ada');
    let lost = 0;
    const lossy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!(input instanceof URL && input.pathname.endsWith('/accounts'))) return response;
      lost++;
      throw new TypeError('the connection was cut');
    };
    const first = await startEngine('ada', lossy);
    await expect(first.account.register({ username: ada, password: PASSWORD })).rejects.toMatchObject({
      code: 'offline',
    });
    expect(lost).toBe(1);
    const engine = await restart(first, 'ada');
    expect(await startOf(engine)).toEqual({ kind: 'nobody' });
    await engine.account.register({ username: ada, password: PASSWORD });
    expect(await startOf(engine)).toMatchObject({ kind: 'unproven', account: { username: ada } });
    expect(await engine.account.checkUsername(ada)).toEqual({ free: false });

    const other = await startEngine('other');
    await expect(other.account.register({ username: ada, password: PASSWORD })).rejects.toMatchObject({
      code: 'username-taken',
    });
    expect(await startOf(other)).toEqual({ kind: 'nobody' });
  });

  test('a session that the server has ended locks the store', async () => {
    const ada = newName('ada');
    const engine = await startEngine('ada');
    await engine.account.register({ username: ada, password: PASSWORD });
    await server.query(
      `delete from auth.sessions where session_id = '${engine.tokens.current()?.sessionId}'`,
    );
    await engine.account.refresh({ conversations: 0 });
    expect(await startOf(engine)).toEqual({ kind: 'signed-out', username: ada });
    await engine.account.signIn(byPassword(ada));
    expect(await startOf(engine)).toMatchObject({ kind: 'unproven' });
  });
});
