import { expect, test } from '@jest/globals';
import {
  claimKeyPackages,
  createSession,
  deleteAccount,
  encodeBase64url,
  endSession,
  getVault,
  listSessions,
  publishDeviceList,
  putVault,
  refreshSession,
  subjects,
  uploadKeyPackages,
} from '@wisp/protocol';
import { randomInt, randomUUID } from 'node:crypto';
import { makeKeyPackage, newDevice, nextList } from './person.js';
import { startWorld, type Answered, type SignedIn, type World } from './world.js';

/** Mulberry32. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const proofOf = ({ person }: SignedIn) => ({ slot: 'password', authKey: person.authKeys.password });

test('everything at once: no deadlock, no bug, no package twice', async () => {
  const seed = randomInt(2 ** 31);
  const below = seeded(seed);
  const world = await startWorld();
  try {
    const people = await Promise.all([1, 2, 3, 4].map(() => world.register()));
    const pick = () => people[below(people.length)] as SignedIn;
    const extra = newDevice();
    const acts: ((who: SignedIn) => Promise<Answered>)[] = [
      (who) =>
        world.call(uploadKeyPackages, {
          token: who.token,
          body: { keyPackages: [makeKeyPackage(), makeKeyPackage()], lastResort: makeKeyPackage() },
        }),
      (who) =>
        world.call(claimKeyPackages, {
          token: who.token,
          params: { id: pick().person.userId },
          body: { claimId: randomUUID(), conversationId: randomUUID() },
        }),
      (who) => world.call(refreshSession, { cookie: who.cookie }),
      async (who) => {
        const { username, authKeys, device } = who.person;
        const deviceId = [device.deviceId, undefined][below(2)];
        const body = { username, slot: 'password', authKey: authKeys.password, deviceId };
        const answered = await world.call(createSession, { body });
        // It ended the session before: go on with this one.
        if (deviceId && answered.status === 201) {
          Object.assign(who, {
            answer: answered.value,
            token: answered.value.token,
            cookie: answered.cookie,
          });
        }
        return answered;
      },
      (who) => {
        const devices = [
          who.person.device,
          ...(below(2) ? [{ ...extra, deviceId: newDevice().deviceId }] : []),
        ];
        const deviceList = encodeBase64url(
          nextList(who.person, who.person.first, { devices, issuedAt: below(9) }),
        );
        return world.call(publishDeviceList, { token: who.token, body: { proof: proofOf(who), deviceList } });
      },
      async (who) => {
        const { value, problem } = await world.call(getVault, { token: who.token });
        if (problem) return { problem } as Answered;
        return world.call(putVault, { token: who.token, ifMatch: value.etag, body: { vault: value.vault } });
      },
      (who) => world.call(listSessions, { token: who.token }),
      (who) => world.call(endSession, { token: who.token, params: { id: who.answer.sessionId } }),
      (who) => world.call(deleteAccount, { token: who.token, body: { proof: proofOf(who) } }),
    ];
    // The last two end much: rarely.
    const rarely = [0, 0, 1, 1, 1, 2, 3, 4, 5, 6];
    const codes = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const chosen = Array.from({ length: 20 }, (_, i) =>
        round > 6 && i % 10 === 0 ? 7 + below(2) : (rarely[below(rarely.length)] ?? 0),
      );
      const answers = await Promise.all(chosen.flatMap((act) => acts[act]?.(pick()) ?? []));
      for (const answer of answers) if (answer.problem) codes.add(answer.problem.code);
    }
    const [deadlocks] = await world.database.query(
      'select deadlocks::int as n from pg_stat_database where datname = current_database()',
    );
    expect({ seed, deadlocks, bugs: codes.has('internal') }).toEqual({
      seed,
      deadlocks: { n: 0 },
      bugs: false,
    });
    const twice = await world.database.query(`
      select c.ref from auth.claimed_packages c join auth.key_packages k using (device_id, ref)
      where not k.last_resort group by c.ref having count(*) > 1`);
    expect({ seed, twice }).toEqual({ seed, twice: [] });
  } finally {
    await world.stop();
  }
});

test('a deletion that nobody heard is announced again', async () => {
  const { listDeleted } = await import('../src/store/revocation-store.js');
  const { connectDatabase } = await import('../src/store/connect-database.js');
  const world: World = await startWorld();
  const database = connectDatabase({ databaseUrl: world.database.url, connections: 1 });
  try {
    const alice = await world.register();
    await world.register();
    world.broker.stop();
    const answer = await world.call(deleteAccount, { token: alice.token, body: { proof: proofOf(alice) } });
    expect(answer.status).toBe(204);
    world.broker.resume();
    expect(await listDeleted(database)).toEqual([{ user: alice.person.userId, at: expect.any(Number) }]);
    const { lists } = await world.bus.request(subjects.getDeviceLists(), { users: [alice.person.userId] });
    expect(lists[0]?.deleted).toBe(true);
  } finally {
    await database.$disconnect();
    await world.stop();
  }
});
