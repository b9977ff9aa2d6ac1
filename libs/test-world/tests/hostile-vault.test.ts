import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSession, encodeBase64url, getDeviceLists, getParameters, getVault } from '@wisp/protocol';
import type { Person } from '../src/index.js';
import { ownerOf } from './hostile/owner.js';
import { openStage, type Stage } from './hostile/stage.js';

/* A server that wants the password of somebody who signs in, or gives them a vault that isn't theirs, or isn't of now. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

describe('signing in', () => {
  const signIn = (person: Person, text = person.password) =>
    person.engine.signIn({ username: person.name, secret: { kind: 'password', text } });

  async function signedOut(name: string) {
    const victim = await stage.victim(name);
    await victim.person.engine.signOut({ store: 'keep' });
    return victim;
  }

  test('with weak parameters: no proof of the password leaves the device', async () => {
    const { person: alice, proxy } = await signedOut('alice');
    for (const weak of [{ m: 8 * 1024 }, { m: 64 * 1024 - 1 }, { t: 1 }, { t: 2 }]) {
      const stop = proxy.onAnswer(getParameters, (answer) => ({
        ...answer,
        kdf: { ...answer.kdf, ...weak },
      }));
      let sent = 0;
      const stopCounting = proxy.onRequest(createSession, () => {
        sent += 1;
        return undefined;
      });
      await expect(signIn(alice)).rejects.toMatchObject({ code: 'weak-server' });
      expect(sent).toBe(0);
      stop();
      stopCounting();
    }
    expect(await alice.engine.start()).toMatchObject({ kind: 'signed-out' });
  }, 120_000);

  test('to the vault of somebody else, or to bytes that are none', async () => {
    const { person: alice, proxy } = await signedOut('alice');
    const mallory = await signedOut('mallory');
    await signIn(mallory.person);
    const foreign = mallory.proxy.answersOf(getVault).at(-1)?.answer.vault ?? '';
    for (const vault of [foreign, encodeBase64url(new Uint8Array(300).fill(7))]) {
      const stop = proxy.onAnswer(getVault, (answer) => ({ ...answer, vault }));
      await expect(signIn(alice)).rejects.toMatchObject({ code: 'server-refused' });
      expect(await alice.engine.start()).toMatchObject({ kind: 'signed-out' });
      stop();
    }
  }, 120_000);

  test('to the vault of before a change of password, with the old password', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const owner = await ownerOf(alice, stage.world.url);
    const { vault: old } = owner;
    const { deviceId } = await accountOf(alice);
    const next = 'another battery staple canyon horse';
    await owner.changePassword(next, alice.recoveryWords);
    await alice.reload();
    await alice.waitFor(
      async () => ((await alice.engine.start()).kind === 'signed-out' ? true : undefined),
      'the end of the session',
    );
    await signIn(alice, next);
    await alice.waitFor(
      () =>
        Promise.resolve(
          proxy.answersOf(getDeviceLists).some(({ answer }) => answer.newest === 2) || undefined,
        ),
      'the list that names the new vault',
    );
    await alice.engine.signOut({ store: 'keep' });
    const session = await owner.openSession(deviceId);
    proxy.onRequest(createSession, () => ({
      kind: 'text',
      status: 201,
      contentType: 'application/json',
      text: JSON.stringify(session),
    }));
    proxy.onAnswer(getVault, (answer) => ({ ...answer, vault: old }));
    await expect(signIn(alice)).rejects.toMatchObject({ code: 'server-refused', cause: 'old-vault' });
    expect(await alice.engine.start()).toMatchObject({ kind: 'signed-out' });
    proxy.repent();
    await expect(signIn(alice, next)).resolves.toMatchObject({ username: alice.name });
  }, 120_000);
});

async function accountOf(person: Person) {
  const start = await person.engine.start();
  if (start.kind !== 'signed-in') throw new Error(`${person.name} is ${start.kind}`);
  return start.account;
}
