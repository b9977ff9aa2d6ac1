import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeNatsPasswords, startNats, type NatsPart, type NatsUser } from '@wisp/deploy-local/parts';
import { connectNats, type Bus, type Subscription } from '@wisp/bus';
import { subjects, type EventSubject, type RequestSubject } from '@wisp/protocol';
import { z } from 'zod';
import { nextStatus } from './world.js';

interface Use {
  readonly says: readonly NatsUser[];
  readonly hears: readonly NatsUser[];
}
const everyone: readonly NatsUser[] = ['auth-service', 'group-service', 'message-service', 'gateway'];
const askers: readonly NatsUser[] = ['group-service', 'message-service', 'gateway'];

/** Who asks or publishes, and who answers or listens, for every subject there is. */
const uses: Record<keyof typeof subjects, Use> = {
  appendMessages: { says: ['gateway'], hears: ['message-service'] },
  appendCommit: { says: ['group-service'], hears: ['message-service'] },
  leaveConversation: { says: ['group-service'], hears: ['message-service'] },
  acknowledge: { says: ['gateway'], hears: ['message-service'] },
  attachDevice: { says: ['gateway'], hears: ['message-service'] },
  listMembers: { says: ['gateway', 'group-service'], hears: ['message-service'] },
  syncDevice: { says: ['gateway'], hears: ['message-service'] },
  fetchEntries: { says: ['gateway'], hears: ['message-service'] },
  deliver: { says: ['message-service'], hears: ['gateway'] },
  getJwks: { says: askers, hears: ['auth-service'] },
  listRevocations: { says: askers, hears: ['auth-service'] },
  checkClaims: { says: ['group-service'], hears: ['auth-service'] },
  getDeviceLists: { says: ['group-service'], hears: ['auth-service'] },
  countKeyPackages: { says: ['gateway'], hears: ['auth-service'] },
  sessionRevoked: { says: ['auth-service'], hears: askers },
  accountDeleted: { says: ['auth-service'], hears: ['group-service', 'message-service'] },
  deviceListPublished: { says: ['auth-service'], hears: ['group-service'] },
  mayAdd: { says: ['auth-service'], hears: ['group-service'] },
  countWelcomes: { says: ['gateway'], hears: ['group-service'] },
  noticeGiven: { says: ['group-service'], hears: ['gateway'] },
};

const passwords = makeNatsPasswords();
let server: NatsPart;
const buses = new Map<NatsUser, Bus>();

beforeAll(async () => {
  server = await startNats({ passwords });
  for (const user of everyone) {
    buses.set(user, await connectNats({ servers: server.url, name: user, user, password: passwords[user] }));
  }
});
afterAll(async () => {
  for (const bus of buses.values()) await bus.close();
  await server.stop();
});

function busOf(user: NatsUser): Bus {
  const bus = buses.get(user);
  if (!bus) throw new Error(`no bus of ${user}`);
  return bus;
}

/** `ok`, or the subject that the broker refused. A flush makes sure that it has spoken. */
async function attempt(user: NatsUser, act: (bus: Bus) => void): Promise<string> {
  const bus = busOf(user);
  const refused = nextStatus(bus, 'not-permitted').then(({ subject }) => subject);
  act(bus);
  await bus.flush();
  // The refusal precedes the flush's answer on the wire, its report comes within the same turn.
  await new Promise(setImmediate);
  return Promise.race([refused, Promise.resolve('ok')]);
}

const untyped = ({ subject }: { subject: string }): EventSubject<z.ZodUnknown> => ({
  kind: 'event',
  subject,
  payload: z.unknown(),
});

describe.each(Object.entries(uses))('%s', (name, { says, hears }) => {
  const make = subjects[name as keyof typeof subjects] as (shard: number) => EventSubject | RequestSubject;
  const subject = make(0);

  test.each(everyone)(`is said by those who should: %s`, async (user) => {
    const outcome = await attempt(user, (bus) => bus.publish(untyped(subject), {}));
    expect(outcome).toBe(says.includes(user) ? 'ok' : subject.subject);
  });

  test.each(everyone)(`is heard by those who should: %s`, async (user) => {
    let subscription: Subscription | undefined;
    const outcome = await attempt(user, (bus) => {
      subscription = bus.subscribe(untyped(subject), () => undefined);
    });
    await subscription?.drain();
    expect(outcome).toBe(hears.includes(user) ? 'ok' : subject.subject);
  });
});

test('replies arrive under the allow-lists', async () => {
  busOf('auth-service').handle(subjects.listRevocations(), { queue: 'auth-service' }, () => ({
    revocations: [],
  }));
  await busOf('auth-service').flush();
  expect(await busOf('gateway').request(subjects.listRevocations(), {})).toEqual({ revocations: [] });
});

test("nobody reads another's replies", async () => {
  for (const subject of ['_INBOX.group-service.>', '_INBOX.>', '>']) {
    expect(await attempt('gateway', (bus) => bus.subscribe(untyped({ subject }), () => undefined))).toBe(
      subject,
    );
  }
});

test('a wrong password gets in at no time', async () => {
  await expect(
    connectNats({ servers: server.url, name: 'x', user: 'gateway', password: 'guess' }),
  ).rejects.toMatchObject({ code: 'not-permitted' });
});

test('a request to a forbidden subject says so', async () => {
  await expect(
    busOf('gateway').request(subjects.getDeviceLists(), { users: [] as never[] }, { timeoutMs: 10_000 }),
  ).rejects.toMatchObject({ code: 'not-permitted' });
});
