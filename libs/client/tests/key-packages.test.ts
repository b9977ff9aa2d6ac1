import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { certifyDevice, createSigningKey, SUITE, userIdOf, type OwnDevice } from '@wisp/e2ee';
import { decodeBase64url, deviceId, serverId, username } from '@wisp/protocol';
import type { KeyPackages } from '../src/account/account.js';
import { openKeyPackages } from '../src/account/key-packages.js';
import { openIndexedDbGround } from '../src/store/indexeddb-ground.js';
import { openHome } from '../src/store/open-home.js';
import type { Store } from '../src/store/store.js';
import { accessTokens } from '../src/transport/access-tokens.js';
import { httpClient } from '../src/transport/http-client.js';
import { handClock, type HandClock } from './hand-clock.js';
import { sessionAnswerOf } from './session-answer.js';
import { standInAuth, type StandInAuth } from './stand-in-auth.js';

const DAY = 24 * 60 * 60 * 1000;

interface Upload {
  keyPackages: { ref: string; notAfter: number }[];
  lastResort?: { ref: string; notAfter: number };
}

let server: StandInAuth;
let clock: HandClock;
let store: Store;
let packages: KeyPackages;
let now: () => number;

async function makeDevice(): Promise<OwnDevice> {
  const [identity, signatureKey] = [await createSigningKey(), await createSigningKey()];
  const device = {
    serverId: serverId.parse(crypto.randomUUID()),
    deviceId: deviceId.parse(crypto.randomUUID()),
  };
  const certificate = await certifyDevice({
    ...device,
    identitySeed: identity.secretKey,
    leafSignatureKey: signatureKey.publicKey,
    suite: SUITE,
  });
  return {
    ...device,
    userId: userIdOf({ alg: 'ed25519', key: identity.publicKey }),
    signatureKey,
    certificate,
  };
}

beforeEach(async () => {
  server = await standInAuth();
  clock = handClock(server.time);
  now = clock.now;
  const line = { baseUrl: server.baseUrl, fetch, clock };
  const tokens = accessTokens(line, clock);
  const user = {
    userId: sessionAnswerOf().userId,
    username: 'ada',
    authKeys: {},
    vault: '',
    vaultWrites: 0,
    lists: [],
    deleted: false,
  };
  server.sessions.push({ id: 'token', user, device: undefined, refresh: '' });
  tokens.adopt(sessionAnswerOf({ token: 'token', lifeMs: 1000 * DAY }));
  const home = openHome(await openIndexedDbGround(`wisp-${crypto.randomUUID()}`));
  store = await home.create({
    username: username.parse('ada'),
    deviceId: deviceId.parse(crypto.randomUUID()),
  });
  packages = openKeyPackages({
    store,
    http: httpClient(line, tokens),
    me: await makeDevice(),
    now: () => now(),
  });
});
afterEach(() => server.close());

const stock = () => server.keyPackages.get('ada');
function uploads(): Upload[] {
  return server.bodies
    .filter((body) => body.includes('keyPackages'))
    .map((body) => JSON.parse(body) as Upload);
}
const stored = async () => (await store.range('key-packages')).length;

describe('the stock of KeyPackages', () => {
  test('is 20 and one for each conversation, and one last-resort one', async () => {
    await packages.replenish({ conversations: 3 });
    expect(stock()).toEqual({ count: 23, lastResort: true, uploads: 1 });
    expect(await stored()).toBe(24);
    await packages.replenish({ conversations: 3 });
    expect(stock()?.uploads).toBe(1);
  });

  test('is filled up by what was claimed', async () => {
    await packages.replenish({ conversations: 0 });
    server.keyPackages.set('ada', { count: 18, lastResort: true, uploads: 0 });
    await packages.replenish({ conversations: 0 });
    expect(stock()).toEqual({ count: 20, lastResort: true, uploads: 1 });
    expect(uploads().at(-1)?.lastResort).toBeUndefined();
  });

  test('goes up in pieces that the server takes', async () => {
    await packages.replenish({ conversations: 90 });
    expect(uploads().map((upload) => upload.keyPackages.length)).toEqual([100, 10]);
    expect(stock()?.count).toBe(110);
  });

  test('is filled once when asked twice at a time', async () => {
    await Promise.all([packages.replenish({ conversations: 0 }), packages.replenish({ conversations: 0 })]);
    expect(stock()?.count).toBe(20);
  });

  test('has its secrets stored before the server has it; what was in doubt is not offered again', async () => {
    server.mischief.set('uploadKeyPackages', { lose: true });
    await packages.replenish({ conversations: 0 });
    expect(await stored()).toBe(21);
    const lost = uploads()[0]?.keyPackages[0];
    expect(await packages.secret(decodeBase64url(lost?.ref ?? ''))).toMatchObject({ lastResort: false });

    server.mischief.clear();
    server.keyPackages.clear();
    await packages.replenish({ conversations: 0 });
    const refs = uploads().flatMap((upload) => upload.keyPackages.map(({ ref }) => ref));
    expect(new Set(refs).size).toBe(40);
  });

  test('without a network nothing is made', async () => {
    server.mischief.set('countKeyPackages', { cut: true });
    await packages.replenish({ conversations: 0 });
    expect(await stored()).toBe(0);
  });
});

describe('a KeyPackage', () => {
  beforeEach(() => packages.replenish({ conversations: 0 }));
  const refs = () => ({
    oneTime: decodeBase64url(uploads()[0]?.keyPackages[0]?.ref ?? ''),
    lastResort: decodeBase64url(uploads()[0]?.lastResort?.ref ?? ''),
  });

  test('is spent with the join that used it; the last-resort one stays', async () => {
    const { oneTime, lastResort } = refs();
    await store.commit([...(await packages.spend(oneTime)), ...(await packages.spend(lastResort))]);
    expect(await packages.secret(oneTime)).toBeNull();
    expect(await packages.secret(lastResort)).toMatchObject({ lastResort: true });
    expect(await packages.spend(oneTime)).toEqual([]);
  });

  test('that is none of ours has no secret', async () => {
    expect(await packages.secret(new Uint8Array(48))).toBeNull();
  });

  test('lives for at most 30 days by the server’s clock', () => {
    const life = (uploads()[0]?.keyPackages[0]?.notAfter ?? 0) - clock.now();
    expect(life).toBeLessThanOrEqual(30 * DAY);
    expect(life).toBeGreaterThan(29 * DAY);
  });

  test('as last resort is replaced after a week, and kept a week longer', async () => {
    const { lastResort } = refs();
    clock.advance(7 * DAY);
    await packages.replenish({ conversations: 0 });
    expect(uploads()).toHaveLength(1);
    clock.advance(1);
    await packages.replenish({ conversations: 0 });
    expect(uploads()).toHaveLength(2);
    expect(uploads()[1]).toMatchObject({ keyPackages: [] });
    clock.advance(7 * DAY);
    await packages.replenish({ conversations: 0 });
    expect(await packages.secret(lastResort)).not.toBeNull();
    clock.advance(1);
    await packages.replenish({ conversations: 0 });
    expect(await packages.secret(lastResort)).toBeNull();
  });

  test('is forgotten 30 days after its end', async () => {
    const { oneTime } = refs();
    clock.advance(59 * DAY);
    await packages.replenish({ conversations: 0 });
    expect(await packages.secret(oneTime)).not.toBeNull();
    clock.advance(1 * DAY);
    await packages.replenish({ conversations: 0 });
    expect(await packages.secret(oneTime)).toBeNull();
  });
});
