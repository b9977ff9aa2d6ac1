import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSigningKey, signNextDeviceList } from '@wisp/e2ee';
import {
  claimKeyPackages,
  createConversation,
  createSession,
  deviceId as deviceIdSchema,
  deviceList as deviceListCodec,
  devicesFrame,
  encodeBase64url,
  findUser,
  getDeviceLists,
  getParameters,
  statement,
  username as usernameSchema,
  type ListedDevice,
  type ServerId,
} from '@wisp/protocol';
import type { EngineEvent } from '@wisp/client';
import type { HostileProxy, Person } from '../src/index.js';
import { installImpostor, makeImpostor, packageOf, type Impostor } from './hostile/impostor.js';
import { ownerOf } from './hostile/owner.js';
import { openStage, type Stage } from './hostile/stage.js';

/* A server that lies about who somebody is, which devices they have, and what lies in their vault. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
}, 120_000);

afterAll(() => stage.close());

/** Asked when the person registered. */
function serverIdOf(proxy: HostileProxy): ServerId {
  const [first] = proxy.answersOf(getParameters);
  if (first === undefined) throw new Error('nobody has registered');
  return first.answer.serverId;
}

const impostorOf = (proxy: HostileProxy, person: Person) =>
  makeImpostor(serverIdOf(proxy), usernameSchema.parse(person.name));

async function ghost(): Promise<ListedDevice> {
  const { publicKey } = await createSigningKey();
  return { deviceId: deviceIdSchema.parse(crypto.randomUUID()), signatureKey: publicKey, addedAt: 2 };
}

const chats = (person: Person) => person.engine.conversations();

describe('swapped keys', () => {
  test('before anybody was met: another person, whose safety number isn’t the one that Bob reads', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const bob = await stage.friend('bob');
    const impostor = await impostorOf(proxy, bob);
    installImpostor(proxy, impostor);
    const found = await alice.engine.findUser(bob.name);
    expect(found).toMatchObject({ userId: impostor.userId, verified: false });
    const { userId: aliceId } = await bob.engine.findUser(alice.name);
    const { digits: read } = await bob.engine.safetyNumber(aliceId);
    expect((await alice.engine.safetyNumber(found.userId)).digits).not.toBe(read);

    // Once the server tells the truth, it is somebody else who has the name, and the number agrees.
    proxy.repent();
    const real = await alice.engine.findUser(bob.name);
    expect(real).toMatchObject({ userId: await bob.userId(), verified: false });
    expect((await alice.engine.safetyNumber(real.userId)).digits).toBe(read);
  }, 120_000);

  test('of somebody who is known: refused under their id, a stranger under another', async () => {
    const { bob, alice, proxy, conversation } = await stage.pair();
    const impostor = await impostorOf(proxy, alice);
    const aliceId = await alice.userId();
    await bob.engine.setVerified({ userId: aliceId, verified: true });
    const { digits } = await bob.engine.safetyNumber(aliceId);

    const deviceList = encodeBase64url(impostor.deviceList);
    proxy.onAnswer(findUser, (answer) => ({ ...answer, deviceList }));
    proxy.onAnswer(getDeviceLists, (answer) => ({ ...answer, newest: 2, deviceLists: [deviceList] }));
    await expect(bob.engine.findUser(alice.name)).rejects.toMatchObject({ code: 'identity-mismatch' });
    proxy.push(devicesFrame, { user: aliceId });
    await expect(bob.engine.findUser(alice.name)).rejects.toMatchObject({ code: 'identity-mismatch' });

    proxy.repent();
    installImpostor(proxy, impostor);
    const stranger = await bob.engine.findUser(alice.name);
    expect(stranger).toMatchObject({ userId: impostor.userId, verified: false });
    expect((await bob.engine.safetyNumber(aliceId)).digits).toBe(digits);

    // The chat is with whom it was.
    const [chat] = await chats(bob);
    expect(chat).toMatchObject({ id: conversation, peer: { userId: aliceId, verified: true } });
    await bob.says('for alice only');
    await alice.sees('for alice only');
  }, 120_000);

  test('in a KeyPackage: no chat begins, and the right one still does', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const bob = await stage.friend('bob');
    const impostor = await impostorOf(proxy, bob);
    const { userId } = await alice.engine.findUser(bob.name);
    const forged = await packageOf(impostor);
    const stop = proxy.onAnswer(claimKeyPackages, (answer) => ({
      ...answer,
      packages: answer.packages.map((each) => ({ ...forged, deviceId: each.deviceId })),
    }));
    await expect(alice.engine.startDirect(userId)).rejects.toMatchObject({ code: 'identity-mismatch' });
    expect(proxy.answersOf(createConversation)).toEqual([]);
    expect(await chats(alice)).toEqual([]);
    stop();
    await alice.engine.startDirect(userId);
    await bob.hearsFrom(alice);
  }, 120_000);

  test('of the own account: its name leads elsewhere, and nothing of its secrets goes there', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const mallory = await stage.friend('mallory');
    const malloryId = await mallory.userId();
    await alice.engine.signOut({ store: 'keep' });
    proxy.onAnswer(createSession, (answer) => ({ ...answer, userId: malloryId }));
    const signIn = () =>
      alice.engine.signIn({ username: alice.name, secret: { kind: 'password', text: alice.password } });
    await expect(signIn()).rejects.toMatchObject({ code: 'identity-mismatch' });
    expect(await alice.engine.start()).toMatchObject({ kind: 'signed-out' });
    proxy.repent();
    await expect(signIn()).resolves.toMatchObject({ username: alice.name });
  }, 120_000);
});

describe('device lists', () => {
  /** Bob's next list with a device more, as the server could make it: signed by a key that isn't Bob's. */
  async function ghostList(impostor: Impostor, bob: Person, added: ListedDevice) {
    const owner = await ownerOf(bob, stage.world.url);
    const previous = await owner.newest();
    const { userId } = previous;
    const signed = statement.decode(
      await signNextDeviceList({
        identitySeed: impostor.identitySeed,
        previous,
        issuedAt: Date.now(),
        add: [added],
      }),
    );
    const list = deviceListCodec.decode(signed.body);
    const body = deviceListCodec.encode({ ...list, userId, identityKey: previous.identityKey });
    return encodeBase64url(statement.encode({ ...signed, body }));
  }

  test('a ghost device beside Bob’s own: its list is refused, and so is its KeyPackage', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const bob = await stage.friend('bob');
    const { userId } = await alice.engine.findUser(bob.name);
    const impostor = await impostorOf(proxy, bob);
    const forged = await ghostList(impostor, bob, impostor.listed);
    const ghostPackage = await packageOf(impostor);
    const stopList = proxy.onAnswer(getDeviceLists, (answer) => ({
      ...answer,
      newest: 2,
      deviceLists: [forged],
    }));
    proxy.onAnswer(claimKeyPackages, (answer) => ({
      deviceList: forged,
      packages: [...answer.packages, ghostPackage],
    }));
    await expect(alice.engine.findUser(bob.name)).rejects.toMatchObject({ code: 'identity-mismatch' });
    await expect(alice.engine.startDirect(userId)).rejects.toMatchObject({ code: 'identity-mismatch' });
    stopList();
    await expect(alice.engine.startDirect(userId)).rejects.toMatchObject({ code: 'identity-mismatch' });
    expect(proxy.answersOf(createConversation)).toEqual([]);
    proxy.repent();
    await alice.engine.startDirect(userId);
    await bob.hearsFrom(alice);
  }, 120_000);

  test('a ghost device in the own account is not believed; a device that its owner added is shown', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const shown: string[] = [];
    const watch = (event: EngineEvent) => {
      if (event.type === 'devicesAdded') shown.push(...event.devices);
    };
    const forged = await ghostList(await impostorOf(proxy, alice), alice, await ghost());
    const stop = proxy.onAnswer(getDeviceLists, (answer) => ({
      ...answer,
      newest: 2,
      deviceLists: [forged],
    }));
    await alice.reload();
    alice.engine.on(watch);
    const before = proxy.answersOf(getDeviceLists).length;
    await alice.engine.findUser((await stage.friend('bob')).name).catch(() => undefined);
    expect(proxy.answersOf(getDeviceLists).length).toBeGreaterThan(before);
    expect(shown).toEqual([]);
    stop();

    const tablet = await ghost();
    const owner = await ownerOf(alice, stage.world.url);
    await owner.publish(
      await signNextDeviceList({
        identitySeed: owner.identitySeed,
        previous: await owner.newest(),
        issuedAt: Date.now(),
        add: [tablet],
      }),
    );
    await alice.reload();
    alice.engine.on(watch);
    await alice.waitFor(() => Promise.resolve(shown.length > 0 ? true : undefined), 'the new device');
    expect(shown).toEqual([tablet.deviceId]);
  }, 120_000);

  test('an older list, another one of the same version, and one that doesn’t follow are refused', async () => {
    const { person: alice, proxy } = await stage.victim('alice');
    const bob = await stage.friend('bob');
    const owner = await ownerOf(bob, stage.world.url);
    const first = await owner.newest();
    const next = async (previous: typeof first) =>
      signNextDeviceList({
        identitySeed: owner.identitySeed,
        previous,
        issuedAt: Date.now(),
        add: [await ghost()],
      });
    // Bob himself has signed both: only one of them stands in the chain.
    const [second, other] = [await next(first), await next(first)];
    await owner.publish(second);
    await alice.engine.findUser(bob.name);
    const otherText = encodeBase64url(other);
    const third = encodeBase64url(await next({ ...first, version: 2, hash: new Uint8Array(32).fill(7) }));

    proxy.onAnswer(findUser, (answer) => ({ ...answer, deviceList: encodeBase64url(first.statement) }));
    const lies = [
      { newest: 1, deviceLists: [] },
      { newest: 2, deviceLists: [encodeBase64url(first.statement)] },
      { newest: 2, deviceLists: [otherText] },
      { newest: 3, deviceLists: [third] },
      { newest: 3, deviceLists: [otherText, third] },
    ];
    for (const lie of lies) {
      const stop = proxy.onAnswer(getDeviceLists, (answer) => ({ ...answer, ...lie }));
      await expect(alice.engine.findUser(bob.name)).rejects.toMatchObject({ code: 'identity-mismatch' });
      stop();
    }
    proxy.repent();
    await expect(alice.engine.findUser(bob.name)).resolves.toMatchObject({ userId: first.userId });
  }, 120_000);
});
