import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  claimKeyPackages,
  countKeyPackages,
  deleteAccount,
  encodeBase64url,
  publishDeviceList,
  subjects,
  uploadKeyPackages,
  userIdFromBytes,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import { makeKeyPackage, newDevice, nextList } from './person.js';
import { startWorld, type SignedIn, type World } from './world.js';

let world: World;
beforeAll(async () => (world = await startWorld()));
afterAll(() => world.stop());

const DAY = 24 * 60 * 60_000;
const newConversation = () => randomUUID() as ConversationId;

const upload = (who: SignedIn, body: Record<string, unknown>) =>
  world.call(uploadKeyPackages, { token: who.token, body: { keyPackages: [], ...body } });
const claim = (who: SignedIn, target: UserId, body: Record<string, unknown> = {}) =>
  world.call(claimKeyPackages, {
    token: who.token,
    params: { id: target },
    body: { claimId: randomUUID(), conversationId: newConversation(), ...body },
  });
const count = async ({ token }: SignedIn) => (await world.call(countKeyPackages, { token })).value;

describe('uploading', () => {
  test('adds to the stock; the same again changes nothing', async () => {
    const alice = await world.register();
    const keyPackages = [makeKeyPackage(), makeKeyPackage(), makeKeyPackage()];
    expect((await upload(alice, { keyPackages })).value).toEqual({ count: 3 });
    expect((await upload(alice, { keyPackages })).value).toEqual({ count: 3 });
    expect(await count(alice)).toEqual({ count: 3, lastResort: false });
    expect((await upload(alice, { lastResort: makeKeyPackage() })).value).toEqual({ count: 3 });
    expect(await count(alice)).toEqual({ count: 3, lastResort: true });
    expect(
      await world.bus.request(subjects.countKeyPackages(), { device: alice.person.device.deviceId }),
    ).toEqual({ count: 3 });
  });

  test('ends where a device has a thousand waiting; what was claimed makes room', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const many = () => Array.from({ length: 100 }, () => makeKeyPackage());
    for (let i = 0; i < 9; i++) await upload(bob, { keyPackages: many() });
    expect((await upload(bob, { keyPackages: many() })).value).toEqual({ count: 1_000 });
    const surplus = [makeKeyPackage(), makeKeyPackage()];
    expect((await upload(bob, { keyPackages: surplus })).value).toEqual({ count: 1_000 });
    expect((await claim(alice, bob.person.userId)).status).toBe(201);
    expect((await upload(bob, { keyPackages: surplus })).value).toEqual({ count: 1_000 });
    const [stored] = await world.database.query(
      'select count(*)::int as n from auth.key_packages where device_id = $1',
      [bob.person.device.deviceId],
    );
    expect(stored).toEqual({ n: 1_001 });
  });

  test('a claimed package never comes back, however late its upload is repeated', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const keyPackages = [makeKeyPackage()];
    await upload(bob, { keyPackages });
    expect((await claim(alice, bob.person.userId)).status).toBe(201);
    expect((await upload(bob, { keyPackages })).value).toEqual({ count: 0 });
    expect((await claim(alice, bob.person.userId)).problem.code).toBe('no-key-packages');
  });

  test('a new last-resort package takes the place of the old one; many at once leave one', async () => {
    const bob = await world.register();
    const alice = await world.register();
    const [first, second] = [makeKeyPackage(), makeKeyPackage()];
    await upload(bob, { lastResort: first });
    await upload(bob, { lastResort: second });
    // Out of order: the old one's upload, repeated.
    await upload(bob, { lastResort: first });
    expect((await claim(alice, bob.person.userId)).value.packages).toMatchObject([
      { ref: second.ref, lastResort: true },
    ]);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => upload(bob, { lastResort: makeKeyPackage() })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(await count(bob)).toEqual({ count: 0, lastResort: true });
  });

  test('refuses what is malformed, too long-lived, expired or too much', async () => {
    const alice = await world.register();
    const good = makeKeyPackage();
    const cases: [Record<string, unknown>, string, string | undefined][] = [
      [{ keyPackages: [good, makeKeyPackage(Date.now() + 32 * DAY)] }, 'malformed', 'keyPackages.1.notAfter'],
      [{ keyPackages: [makeKeyPackage(Date.now() - 1)] }, 'malformed', 'keyPackages.0.notAfter'],
      [{ lastResort: makeKeyPackage(Date.now() + 32 * DAY) }, 'malformed', 'lastResort.notAfter'],
      [{ keyPackages: [{ ...good, ref: 'AAAA' }] }, 'malformed', 'keyPackages.0.ref'],
      [{ keyPackages: [{ ...good, keyPackage: 'AB' }] }, 'malformed', 'keyPackages.0.keyPackage'],
      [{ keyPackages: [{ ...good, keyPackage: '' }] }, 'malformed', 'keyPackages.0.keyPackage'],
      [
        { keyPackages: [{ ...good, keyPackage: 'A'.repeat(11_000) }] },
        'malformed',
        'keyPackages.0.keyPackage',
      ],
      [{ keyPackages: Array.from({ length: 101 }, () => makeKeyPackage()) }, 'malformed', 'keyPackages'],
      [{ lastResort: { ...good, notAfter: 'soon' } }, 'malformed', 'lastResort.notAfter'],
      [{ keyPackages: undefined }, 'malformed', 'keyPackages'],
    ];
    for (const [body, code, field] of cases) {
      const { problem } = await upload(alice, body);
      expect([problem.code, problem.field]).toEqual([code, field]);
    }
    const huge = `{"keyPackages":[],"x":"${'A'.repeat(1_300_000)}"}`;
    const answer = await world.call(uploadKeyPackages, { token: alice.token, body: huge });
    expect(answer.problem.code).toBe('too-large');
    expect(await count(alice)).toEqual({ count: 0, lastResort: false });
  });

  test('needs a device that is listed', async () => {
    const alice = await world.register();
    const { token } = await world.signIn(alice.person, { deviceId: undefined });
    const body = { keyPackages: [makeKeyPackage()] };
    expect((await world.call(uploadKeyPackages, { token, body })).problem.code).toBe('device-not-listed');
    expect((await world.call(uploadKeyPackages, { body })).problem.code).toBe('unauthorized');
  });
});

describe('claiming', () => {
  test('one of each device, oldest first, with the list that names them', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const laptop = newDevice();
    const second = nextList(bob.person, bob.person.first, { devices: [bob.person.device, laptop] });
    await world.call(publishDeviceList, {
      token: bob.token,
      body: {
        proof: { slot: 'password', authKey: bob.person.authKeys.password },
        deviceList: encodeBase64url(second),
      },
    });
    const onLaptop = await world.signIn(bob.person, { deviceId: laptop.deviceId });
    const [older, newer, third] = [makeKeyPackage(), makeKeyPackage(), makeKeyPackage()];
    await upload(bob, { keyPackages: [older] });
    await upload(bob, { keyPackages: [newer] });
    await upload(onLaptop, { keyPackages: [third] });
    const { value, status } = await claim(alice, bob.person.userId);
    expect(status).toBe(201);
    expect(value.deviceList).toBe(encodeBase64url(second));
    const wanted = [
      {
        deviceId: bob.person.device.deviceId,
        ref: older.ref,
        keyPackage: older.keyPackage,
        lastResort: false,
      },
      { deviceId: laptop.deviceId, ref: third.ref, keyPackage: third.keyPackage, lastResort: false },
    ].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
    expect(value.packages).toEqual(wanted);
    expect(await count(bob)).toMatchObject({ count: 1 });
  });

  test('a retry gets the same, also many at once', async () => {
    const alice = await world.register();
    const bob = await world.register();
    await upload(bob, { keyPackages: Array.from({ length: 10 }, () => makeKeyPackage()) });
    const body = { claimId: randomUUID(), conversationId: newConversation() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => claim(alice, bob.person.userId, body)));
    expect(new Set(answers.map(({ value }) => JSON.stringify(value))).size).toBe(1);
    expect(await count(bob)).toMatchObject({ count: 9 });
    // Under another conversation or of another target it's no retry.
    expect((await claim(alice, bob.person.userId, { claimId: body.claimId })).problem).toMatchObject({
      code: 'malformed',
      field: 'claimId',
    });
    expect((await claim(alice, alice.person.userId, body)).problem.field).toBe('claimId');
    // Another claimer's claimId is another claim.
    const carol = await world.register();
    const hers = await claim(carol, bob.person.userId, body);
    expect(hers.value.packages[0]?.ref).not.toBe(answers[0]?.value.packages[0]?.ref);
  });

  test('two claims of the last package: one gets it, the other the last-resort one', async () => {
    const bob = await world.register();
    const claimers = await Promise.all([1, 2, 3, 4].map(() => world.register()));
    const only = makeKeyPackage();
    const lastResort = makeKeyPackage();
    await upload(bob, { keyPackages: [only], lastResort });
    const answers = await Promise.all(claimers.map((who) => claim(who, bob.person.userId)));
    const refs = answers.map(({ value }) => value.packages.map((each) => each.ref)).flat();
    expect(refs.filter((ref) => ref === only.ref)).toHaveLength(1);
    expect(refs.filter((ref) => ref === lastResort.ref)).toHaveLength(3);
  });

  test('many at once of many: no package twice', async () => {
    const bob = await world.register();
    const claimers = await Promise.all(Array.from({ length: 5 }, () => world.register()));
    await upload(bob, { keyPackages: Array.from({ length: 20 }, () => makeKeyPackage()) });
    const answers = await Promise.all(
      claimers.flatMap((who) => Array.from({ length: 4 }, () => claim(who, bob.person.userId))),
    );
    const refs = answers.map(({ value }) => value.packages[0]?.ref);
    expect(new Set(refs).size).toBe(20);
    expect(await count(bob)).toMatchObject({ count: 0 });
  });

  test('past 20 in an hour: the last-resort one, the stock stays', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const lastResort = makeKeyPackage();
    await upload(bob, { keyPackages: Array.from({ length: 25 }, () => makeKeyPackage()), lastResort });
    for (let i = 0; i < 20; i++) {
      expect((await claim(alice, bob.person.userId)).value.packages).toMatchObject([{ lastResort: false }]);
    }
    expect((await claim(alice, bob.person.userId)).value.packages).toMatchObject([
      { ref: lastResort.ref, lastResort: true },
    ]);
    expect(await count(bob)).toMatchObject({ count: 5 });
    const carol = await world.register();
    expect((await claim(carol, bob.person.userId)).value.packages).toMatchObject([{ lastResort: false }]);
    await world.database.query(`update auth.claims set claimed_at = claimed_at - interval '61 minutes'`);
    expect((await claim(alice, bob.person.userId)).value.packages).toMatchObject([{ lastResort: false }]);
  });

  test('what has expired, or is about to, is never handed out', async () => {
    const alice = await world.register();
    const bob = await world.register();
    await upload(bob, { keyPackages: [makeKeyPackage(), makeKeyPackage()], lastResort: makeKeyPackage() });
    const of = [Buffer.from(bob.person.userId, 'base64url')];
    await world.database.query(
      `update auth.key_packages set not_after = clock_timestamp() + interval '50 seconds' where user_id = $1`,
      of,
    );
    expect((await claim(alice, bob.person.userId)).problem.code).toBe('no-key-packages');
    await world.database.query(
      `update auth.key_packages set not_after = clock_timestamp() where user_id = $1`,
      of,
    );
    expect(await count(bob)).toEqual({ count: 0, lastResort: false });
  });

  test("one's own other devices: all but the one that asks", async () => {
    const alice = await world.register();
    await upload(alice, { keyPackages: [makeKeyPackage()] });
    const none = await claim(alice, alice.person.userId);
    expect(none.value.packages).toEqual([]);
    expect(await count(alice)).toMatchObject({ count: 1 });
  });

  test('group-service has the word', async () => {
    const alice = await world.register();
    const bob = await world.register();
    await upload(bob, { keyPackages: [makeKeyPackage()] });
    world.mayAdd.allowed = false;
    try {
      expect((await claim(alice, bob.person.userId)).problem.code).toBe('forbidden');
    } finally {
      world.mayAdd.allowed = true;
    }
    expect(await count(bob)).toMatchObject({ count: 1 });
  });

  test('unknown and deleted users: not-found', async () => {
    const alice = await world.register();
    const bob = await world.register();
    await upload(bob, { keyPackages: [makeKeyPackage(), makeKeyPackage()] });
    const body = { claimId: randomUUID(), conversationId: newConversation() };
    expect((await claim(alice, bob.person.userId, body)).status).toBe(201);
    const proof = { slot: 'password', authKey: bob.person.authKeys.password };
    await world.call(deleteAccount, { token: bob.token, body: { proof } });
    expect((await claim(alice, bob.person.userId)).problem.code).toBe('not-found');
    expect((await claim(alice, bob.person.userId, body)).problem.code).toBe('not-found');
    expect((await claim(alice, userIdFromBytes(randomBytes(32)))).problem.code).toBe('not-found');
    expect((await claim(alice, 'x' as UserId)).problem.code).toBe('malformed');
    expect((await claim(alice, bob.person.userId, { claimId: 'x' })).problem.field).toBe('claimId');
  });

  test('group-service asks whether a package was claimed by whom for what', async () => {
    const alice = await world.register();
    const bob = await world.register();
    const lastResort = makeKeyPackage();
    await upload(bob, { keyPackages: [makeKeyPackage()], lastResort });
    const conversation = newConversation();
    const first = await claim(alice, bob.person.userId, { conversationId: conversation });
    const second = await claim(alice, bob.person.userId, { conversationId: conversation });
    const ask = (changes: Record<string, unknown>, ref = first.value.packages[0]?.ref ?? '') =>
      world.bus.request(subjects.checkClaims(), {
        claimer: alice.person.userId,
        conversation,
        packages: [{ user: bob.person.userId, device: bob.person.device.deviceId, ref }],
        ...changes,
      });
    const yes = { claimed: [true] };
    const no = { claimed: [false] };
    expect(await ask({})).toEqual(yes);
    expect(await ask({}, second.value.packages[0]?.ref)).toEqual(yes);
    expect(await ask({ claimer: bob.person.userId })).toEqual(no);
    expect(await ask({ conversation: newConversation() })).toEqual(no);
    expect(await ask({}, encodeBase64url(randomBytes(48)))).toEqual(no);
    const ref = first.value.packages[0]?.ref ?? '';
    const packages = [
      { user: alice.person.userId, device: bob.person.device.deviceId, ref },
      { user: bob.person.userId, device: randomUUID() as DeviceId, ref },
      { user: bob.person.userId, device: bob.person.device.deviceId, ref },
    ];
    expect(await ask({ packages })).toEqual({ claimed: [false, false, true] });
  });
});

test('group-service away: claims are unavailable and nothing is spent', async () => {
  const lonely = await startWorld({ groups: 'away' });
  try {
    const alice = await lonely.register();
    const bob = await lonely.register();
    const body = { keyPackages: [makeKeyPackage()] };
    await lonely.call(uploadKeyPackages, { token: bob.token, body });
    const refused = await lonely.call(claimKeyPackages, {
      token: alice.token,
      params: { id: bob.person.userId },
      body: { claimId: randomUUID(), conversationId: newConversation() },
    });
    expect(refused.problem).toMatchObject({ code: 'unavailable', status: 503, retryAfter: 1 });
    expect((await lonely.call(countKeyPackages, { token: bob.token })).value).toMatchObject({ count: 1 });
  } finally {
    await lonely.stop();
  }
});
