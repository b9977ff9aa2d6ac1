import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  adoptPending,
  checkKeyPackage,
  createKeyPackage,
  decodePendingCommit,
  decodeSession,
  encodePendingCommit,
  encodeSession,
  forgetPastEpochs,
  openMessage,
  viewGroup,
  type Intent,
} from '../src/index.js';
import { openSession } from '../src/session/session-data.js';
import { asPerson, deviceOf, human, makeDevice, NOW, packageOf, serverId } from './people.js';
import {
  append,
  authenticators,
  build,
  built,
  commit,
  deliver,
  hear,
  placeOf,
  say,
  startWorld,
  wordsOf,
  type Place,
  type World,
} from './world.js';

let world: World;
let alice: Place, bob: Place;

beforeEach(async () => {
  world = await startWorld({ alice: 4, bob: 2 });
  alice = placeOf(world, 'alice');
  bob = placeOf(world, 'bob');
});

const rename = (title: string): Intent => ({ kind: 'settings', change: { title } });

describe('our own commits', () => {
  test('that lost the race are built again from the intent; sending went on under the old epoch', async () => {
    const lost = await built(world, bob, { kind: 'self-update' });
    const said = await say(world, bob, 'meanwhile');
    await commit(world, alice, rename('won'));
    expect(wordsOf(await hear(alice, said.bytes, bob.device))).toBe('meanwhile');
    const { intent } = decodePendingCommit(encodePendingCommit(lost));
    await commit(world, bob, intent);
    expect(authenticators(world).size).toBe(1);
    expect(viewGroup(bob.session).epoch).toBe(3);
  });

  test('keep what was heard while they were under way', async () => {
    const pending = await built(world, bob, { kind: 'self-update' });
    const first = await say(world, alice, 'one');
    const second = await say(world, alice, 'two');
    await hear(bob, first.bytes, alice.device);
    await deliver(world, bob, pending);
    expect(wordsOf(await hear(bob, second.bytes, alice.device))).toBe('two');
    const again = await openMessage(bob.session, first.bytes, { uploader: alice.device.deviceId, lastN: 0 });
    expect(again).toEqual({ kind: 'undecryptable', reason: 'key-gone' });
  });

  test('are adopted only onto the session that they were built on', async () => {
    const pending = await built(world, bob, { kind: 'self-update' });
    await commit(world, alice, rename('won'));
    expect(() => adoptPending(pending, { current: bob.session, acceptedAt: NOW })).toThrow('out of turn');
    expect(() => adoptPending(pending, { current: null, acceptedAt: NOW })).toThrow('out of turn');
  });

  test('survive their storage with any intent', async () => {
    const zoe = await human('zoe');
    const bundle = await packageOf(deviceOf(zoe));
    const pending = await built(world, alice, {
      kind: 'add',
      people: [asPerson(zoe, 2)],
      keyPackages: [bundle.keyPackage],
    });
    const stored = encodePendingCommit(pending);
    const loaded = decodePendingCommit(stored);
    expect(loaded.bytes).toEqual(pending.bytes);
    expect(loaded.commitInfo).toEqual(pending.commitInfo);
    expect(loaded.intent).toMatchObject({ kind: 'add', keyPackages: [bundle.keyPackage] });
    await deliver(world, alice, loaded);
    expect(authenticators(world).size).toBe(1);
    expect(() => decodePendingCommit(stored.slice(0, -1))).toThrow();
    expect(() => decodePendingCommit(Uint8Array.of(...stored, 0))).toThrow();
  });

  test('are not built for what is so already, or is not allowed', async () => {
    const refused = (reason: string) => ({ kind: 'refused', reason });
    expect(await build(world, alice, rename(''))).toEqual(refused('nothing-to-do'));
    expect(await build(world, bob, rename('mine'))).toEqual(refused('role-settings'));
    expect(await build(world, alice, { kind: 'remove', users: [alice.human.userId] })).toEqual(
      refused('role-remove'),
    );
    expect(await build(world, alice, { kind: 'leave', requests: [new Uint8Array(3)] })).toEqual(
      refused('nothing-to-do'),
    );
    expect(await build(world, alice, { kind: 'repair', request: new Uint8Array(3) })).toEqual(
      refused('repair-evidence'),
    );
    const zoe = await human('zoe');
    const stale = await createKeyPackage({
      me: deviceOf(zoe),
      now: NOW - 40 * 86_400_000,
      lastResort: false,
    });
    const people = [asPerson(zoe, 2)];
    expect(await build(world, alice, { kind: 'add', people, keyPackages: [stale.keyPackage] })).toEqual(
      refused('key-package'),
    );
  });

  test('change nothing about the session that they are built on', async () => {
    const before = encodeSession(bob.session);
    await built(world, bob, { kind: 'self-update' });
    expect(encodeSession(bob.session)).toEqual(before);
  });
});

describe('past epochs', () => {
  test('are heard until 2 min 10 s after the commit that ended them', async () => {
    const said = await say(world, bob, 'just before');
    await commit(world, alice, rename('next'));
    const ended = world.now;
    expect(forgetPastEpochs(alice.session, ended + 129_999)).toBe(alice.session);
    const later = { ...alice, session: forgetPastEpochs(alice.session, ended + 130_000) };
    expect(await hear(later, said.bytes, bob.device)).toEqual({
      kind: 'undecryptable',
      reason: 'epoch-gone',
    });
    expect(wordsOf(await hear(alice, said.bytes, bob.device))).toBe('just before');
  });

  test('go at the third newer commit', async () => {
    const said = await say(world, bob, 'long ago');
    await commit(world, alice, rename('1'));
    await commit(world, alice, rename('2'));
    const second = { ...alice };
    await commit(world, alice, rename('3'));
    expect(wordsOf(await hear(second, said.bytes, bob.device))).toBe('long ago');
    expect(await hear(alice, said.bytes, bob.device)).toEqual({
      kind: 'undecryptable',
      reason: 'epoch-gone',
    });
  });

  test('leave no key of a blanked node behind', async () => {
    const wide = await startWorld({ alice: 4, bob: 2, carol: 2, dave: 2 });
    for (const name of ['alice', 'bob', 'carol', 'dave']) {
      await commit(wide, placeOf(wide, name), { kind: 'self-update' });
    }
    await commit(wide, placeOf(wide, 'alice'), {
      kind: 'remove',
      users: [placeOf(wide, 'dave').human.userId],
    });
    for (const place of wide.places) {
      const { privatePath, ratchetTree } = openSession(place.session).mls;
      for (const index of Object.keys(privatePath.privateKeys))
        expect(ratchetTree[Number(index)]).toBeDefined();
    }
  });
});

describe('a stored session', () => {
  test('goes on as it was, its past epochs included; a message moves the small part only', async () => {
    const old = await say(world, bob, 'old');
    await commit(world, alice, rename('next'));
    const before = encodeSession(alice.session);
    alice.session = decodeSession(before);
    expect(encodeSession(alice.session)).toEqual(before);
    expect(wordsOf(await hear(alice, old.bytes, bob.device))).toBe('old');
    const said = await say(world, alice, 'new');
    expect(wordsOf(await hear(bob, said.bytes, alice.device))).toBe('new');
    const after = encodeSession(alice.session);
    expect(after.treeId).toBe(before.treeId);
    expect(after.tree).toEqual(before.tree);
    expect(after.rest).not.toEqual(before.rest);
    expect(decodeSession({ tree: before.tree, rest: after.rest })).toBeDefined();
  });

  test('is refused when it was cut, lengthened, or put together from two moments', async () => {
    const first = encodeSession(alice.session);
    for (const part of ['tree', 'rest'] as const) {
      for (const cut of [0, 1, first[part].length - 1]) {
        expect(() => decodeSession({ ...first, [part]: first[part].slice(0, cut) })).toThrow();
      }
      expect(() => decodeSession({ ...first, [part]: Uint8Array.of(...first[part], 0) })).toThrow();
    }
    await commit(world, bob, { kind: 'self-update' });
    const second = encodeSession(alice.session);
    expect(second.treeId).not.toBe(first.treeId);
    expect(() => decodeSession({ tree: first.tree, rest: second.rest })).toThrow('different epochs');
  });

  test('does not share memory with the bytes that it came from', async () => {
    const encoded = encodeSession(alice.session);
    const session = decodeSession(encoded);
    encoded.tree.fill(0);
    encoded.rest.fill(0);
    expect(encodeSession(session)).toEqual(encodeSession(alice.session));
    append(world, new Uint8Array(1), 'message');
    expect(
      wordsOf(await hear(bob, (await say(world, { ...alice, session }, 'still')).bytes, alice.device)),
    ).toBe('still');
  });
});

describe('a KeyPackage', () => {
  const check = async (
    bytes: Uint8Array,
    change: Partial<Parameters<typeof checkKeyPackage>[1]> = {},
  ): Promise<string> => {
    const verdict = await checkKeyPackage(bytes, {
      deviceList: bob.human.list,
      serverId,
      now: NOW,
      ...change,
    });
    return verdict.kind === 'ok' ? 'ok' : verdict.reason;
  };

  test('is good for its device, for thirty days at most', async () => {
    const bundle = await packageOf(bob.device);
    expect(bundle.ref).toHaveLength(48);
    expect(await check(bundle.keyPackage)).toBe('ok');
    expect(await check((await packageOf(bob.device, true)).keyPackage)).toBe('ok');
    expect(bundle.notAfter - NOW).toBeLessThanOrEqual(30 * 86_400_000);
    expect(await check(bundle.keyPackage, { now: bundle.notAfter - 1000 })).toBe('ok');
    expect(await check(bundle.keyPackage, { now: bundle.notAfter })).toBe('lifetime');
    expect(await check(bundle.keyPackage, { now: NOW - 2 * 3_600_000 })).toBe('lifetime');
  });

  test('of somebody else, of a ghost device, of another server, or spoilt is refused', async () => {
    const { keyPackage } = await packageOf(bob.device);
    expect(await check(keyPackage, { deviceList: alice.human.list })).toBe('user');
    const ghost = await makeDevice(bob.human.identitySeed, bob.human.userId);
    expect(await check((await packageOf(ghost)).keyPackage)).toBe('device-unlisted');
    const elsewhere = '00000000-0000-4000-8000-0000000000bb' as typeof serverId;
    expect(await check(keyPackage, { serverId: elsewhere })).toBe('certificate');
    const stolen = { ...alice.device, certificate: bob.device.certificate };
    expect(await check((await packageOf(stolen)).keyPackage)).toBe('certificate');
    expect(await check(keyPackage.slice(0, -1))).toBe('malformed');
    expect(await check(Uint8Array.of(...keyPackage, 0))).toBe('malformed');
    const flipped = keyPackage.slice();
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    expect(await check(flipped)).toBe('signature');
  });
});
