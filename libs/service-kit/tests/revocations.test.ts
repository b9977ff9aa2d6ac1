import { describe, expect, test } from '@jest/globals';
import { createBroker } from '@wisp/bus';
import { subjects, tokenClaims, type Revocation, type TokenClaims } from '@wisp/protocol';
import { createRevocationList, revokes, type RevocationList } from '@wisp/service-kit';
import { silentLogger } from './silent-logger.js';
import { ALICE, BOB, DEVICE, OTHER_SESSION, SESSION, claimsAt } from './token-mint.js';

const NOW = 1_800_000_000_000;
const logger = silentLogger();
const claims = (ms = NOW): TokenClaims => tokenClaims.parse(claimsAt(ms));

test.each<[string, Revocation, boolean]>([
  ['the session', { at: NOW, user: ALICE, session: SESSION }, true],
  ['another session', { at: NOW, user: ALICE, session: OTHER_SESSION }, false],
  ['the device', { at: NOW, user: ALICE, device: DEVICE }, true],
  ['all of the user', { at: NOW, user: ALICE }, true],
  ['another user', { at: NOW, user: BOB }, false],
  ['what was before the token', { at: NOW - 1, user: ALICE }, false],
])('a revocation of %s', (_name, revocation, expected) => {
  expect(revokes(revocation, claims())).toBe(expected);
});

/** A bus, auth-service's answer on it, and a list that has heard it. */
async function world(known: Revocation[]) {
  const broker = createBroker();
  const auth = await broker.connect();
  const bus = await broker.connect();
  let clock = NOW;
  auth.handle(subjects.listRevocations(), { queue: 'auth-service' }, () => ({ revocations: known }));
  const list = createRevocationList({ bus, logger, now: () => clock });
  return { broker, auth, bus, list, known, advance: (ms: number) => (clock += ms) };
}

function heard(list: RevocationList): Promise<Revocation> {
  return new Promise((resolve) => {
    const end = list.onRevoked((revocation) => {
      end();
      resolve(revocation);
    });
  });
}

describe('the list', () => {
  test('asks at the start, and is complete when it was answered', async () => {
    const { list } = await world([{ at: NOW, user: ALICE, session: SESSION }]);
    expect(list.isComplete()).toBe(false);
    await heard(list);
    expect(list.isRevoked(claims())).toBe(true);
    expect(list.isRevoked(tokenClaims.parse(claimsAt(NOW, { sid: OTHER_SESSION })))).toBe(false);
    await new Promise(setImmediate);
    expect(list.isComplete()).toBe(true);
    await list.stop();
  });

  test('hears what auth-service says, once', async () => {
    const { auth, list } = await world([]);
    const next = heard(list);
    let count = 0;
    list.onRevoked(() => (count += 1));
    const revocation = { at: NOW, user: ALICE, session: SESSION };
    auth.publish(subjects.sessionRevoked(), revocation);
    auth.publish(subjects.sessionRevoked(), revocation);
    expect(await next).toEqual(revocation);
    await auth.flush();
    expect(list.isRevoked(claims())).toBe(true);
    expect(count).toBe(1);
    await list.stop();
  });

  test('learns after a reconnect what it missed, and tells', async () => {
    const { broker, list, known } = await world([{ at: NOW, user: BOB }]);
    await heard(list);
    broker.stop();
    known.push({ at: NOW, user: ALICE, device: DEVICE });
    const next = heard(list);
    broker.resume();
    expect(await next).toMatchObject({ user: ALICE });
    expect(list.isRevoked(claims())).toBe(true);
    await list.stop();
  });

  test('asks until auth-service is there', async () => {
    const broker = createBroker();
    const bus = await broker.connect();
    const list = createRevocationList({ bus, logger, now: () => NOW });
    const next = heard(list);
    // Nobody answers yet: the first question has failed by now.
    await bus.flush();
    await bus.flush();
    const auth = await broker.connect();
    auth.handle(subjects.listRevocations(), { queue: 'auth-service' }, () => ({
      revocations: [{ at: NOW, user: ALICE }],
    }));
    await next;
    expect(list.isRevoked(claims())).toBe(true);
    await list.stop();
  });

  test('forgets what no token can outlive', async () => {
    const { auth, list, advance } = await world([{ at: NOW, user: ALICE }]);
    await heard(list);
    advance(17 * 60_000);
    const next = heard(list);
    auth.publish(subjects.sessionRevoked(), { at: NOW + 17 * 60_000, user: BOB });
    await next;
    expect(list.isRevoked(claims())).toBe(false);
    await list.stop();
  });
});
