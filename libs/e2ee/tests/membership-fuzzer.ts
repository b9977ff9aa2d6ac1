import { initializeEpoch } from 'ts-mls/keySchedule.js';
import type { RoleNumber } from '@wisp/protocol';
import {
  decodeSession,
  encodeSession,
  openCommit,
  openMessage,
  signDeviceStatement,
  viewGroup,
  type Intent,
  type KeyPackageBundle,
  type OwnDevice,
} from '../src/index.js';
import { loadSuite } from '../src/mls/suite.js';
import { roleOf } from '../src/session/judge/roles.js';
import { openSession } from '../src/session/session-data.js';
import { forge, nextState, withMls } from './forge.js';
import { addDevice, asPerson, human, packageOf, revokeDevice, seq, serverId, type Human } from './people.js';
import {
  authenticators,
  build,
  deliver,
  hear,
  join,
  outcomes,
  say,
  startWorld,
  wordsOf,
  type Place,
  type World,
} from './world.js';

/*
 * Random membership against one log: people and devices come, go, rise, heal and are repaired, groups shrink to one and
 * grow again, hostile commits come between. After each step all members agree on the epoch, newcomers can join, and
 * whoever was removed can't follow.
 */

export interface FuzzOptions {
  readonly seed: number;
  readonly steps: number;
  /** The group shrinks when it gets larger. */
  readonly largest: number;
  readonly report?: (line: string) => void;
}

export interface FuzzResult {
  readonly commits: number;
  readonly hostile: number;
  readonly largest: number;
  readonly aloneTimes: number;
}

interface Fuzz {
  readonly world: World;
  readonly random: Random;
  readonly outside: Human[];
  hostile: number;
  commits: number;
}

interface Random {
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  some<T>(from: readonly T[], most: number): T[];
}

/** mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  };
  const some = <T>(from: readonly T[], most: number): T[] => {
    const rest = [...from];
    const count = Math.min(rest.length, 1 + below(most));
    return Array.from({ length: count }, () => rest.splice(below(rest.length), 1)).flat();
  };
  return { below, pick, some };
}

interface Newcomer {
  readonly person: Human;
  readonly device: OwnDevice;
  readonly bundle: KeyPackageBundle;
}

interface Move {
  readonly by: Place;
  readonly intent: Intent;
  readonly newcomers?: readonly Newcomer[];
}

/** Throws, with the seed and the step in its message, as soon as anybody disagrees. */
export async function fuzzMembership(options: FuzzOptions): Promise<FuzzResult> {
  const fuzz: Fuzz = {
    world: await startWorld({ first: 4, second: 3, third: 2 }),
    random: randomFrom(options.seed),
    outside: await Promise.all(Array.from({ length: 4 }, (_, i) => human(`outside${i}`))),
    hostile: 0,
    commits: 0,
  };
  let largest = 0;
  let aloneTimes = 0;
  for (let step = 0; step < options.steps; step += 1) {
    const { places } = fuzz.world;
    const name = nameOfStep(fuzz, options.largest);
    try {
      await steps[name](fuzz);
      check(authenticators(fuzz.world).size === 1, 'members disagree on the epoch');
    } catch (error) {
      throw new Error(`seed ${options.seed}, step ${step} (${name})`, { cause: error });
    }
    largest = Math.max(largest, places.length);
    if (places.length === 1) aloneTimes += 1;
    options.report?.(`${step} ${name}: ${places.length} devices, epoch ${epochOf(fuzz.world)}`);
  }
  return { commits: fuzz.commits, hostile: fuzz.hostile, largest, aloneTimes };
}

const epochOf = (world: World): number => {
  const [place] = world.places;
  return place === undefined ? 0 : viewGroup(place.session).epoch;
};

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

type StepName =
  | 'add'
  | 'remove'
  | 'shrink'
  | 'ban'
  | 'heal'
  | 'settings'
  | 'role'
  | 'device'
  | 'revoke'
  | 'repair'
  | 'leave'
  | 'talk'
  | 'forge'
  | 'garble'
  | 'store';

function nameOfStep({ world, random }: Fuzz, largest: number): StepName {
  const { length } = world.places;
  if (length > largest) return 'shrink';
  if (length === 1) return random.pick(['add', 'add', 'device', 'heal', 'settings'] as const);
  return random.pick([
    'add',
    'add',
    'add',
    'remove',
    'remove',
    'ban',
    'heal',
    'heal',
    'settings',
    'role',
    'device',
    'device',
    'revoke',
    'repair',
    'leave',
    'talk',
    'talk',
    'forge',
    'forge',
    'garble',
    'store',
    ...(random.below(6) === 0 ? (['shrink'] as const) : []),
  ] as const);
}

const steps: Record<StepName, (fuzz: Fuzz) => Promise<void>> = {
  add: async (fuzz) => {
    const { random, outside, world } = fuzz;
    if (outside.length < 3) outside.push(await human(`newcomer${world.head.seq}`));
    const people = random.some(outside, 3);
    const by = withRole(fuzz, 3);
    const newcomers: Newcomer[] = [];
    for (const person of people) {
      world.people.set(person.name, person);
      for (const device of person.devices)
        newcomers.push({ person, device, bundle: await packageOf(device) });
    }
    const role = random.pick<RoleNumber>([1, 2]);
    const intent: Intent = {
      kind: 'add',
      people: people.map((person) => asPerson(person, role)),
      keyPackages: newcomers.map(({ bundle }) => bundle.keyPackage),
    };
    await perform(fuzz, { by, intent, newcomers });
  },
  remove: async (fuzz) => {
    const by = withRole(fuzz, 4);
    const users = fuzz.random.some(otherUsers(fuzz.world, by), 3);
    if (users.length > 0) await perform(fuzz, { by, intent: { kind: 'remove', users } });
  },
  shrink: async (fuzz) => {
    const by = withRole(fuzz, 4);
    const users = otherUsers(fuzz.world, by);
    if (users.length > 0) await perform(fuzz, { by, intent: { kind: 'remove', users } });
    const others = by.human.devices.filter((device) => device.deviceId !== by.device.deviceId);
    for (const device of others) await revokeDevice(by.human, device.deviceId);
    if (others.length > 0) await follow(fuzz, by, by.human);
  },
  ban: async (fuzz) => {
    const by = withRole(fuzz, 4);
    const users = otherUsers(fuzz.world, by);
    if (users.length === 0) return;
    const { banned } = viewGroup(by.session).state;
    // One goes out and every earlier ban is lifted: a removal and a change of the state in one commit.
    const next = banned.length > 2 ? [] : [...banned, fuzz.random.pick(users)];
    await perform(fuzz, { by, intent: { kind: 'bans', banned: next } });
    fuzz.outside.splice(
      0,
      fuzz.outside.length,
      ...fuzz.outside.filter((person) => !next.includes(person.userId)),
    );
  },
  heal: (fuzz) => perform(fuzz, { by: fuzz.random.pick(fuzz.world.places), intent: { kind: 'self-update' } }),
  settings: (fuzz) =>
    perform(fuzz, {
      by: withRole(fuzz, 3),
      intent: { kind: 'settings', change: { title: `t${fuzz.world.head.seq}` } },
    }),
  role: async (fuzz) => {
    const by = withRole(fuzz, 4);
    const users = otherUsers(fuzz.world, by);
    if (users.length === 0) return;
    const userId = fuzz.random.pick(users);
    const old = roleOf(viewGroup(by.session).state, userId);
    const role = fuzz.random.pick(([1, 2, 3, 4] as const).filter((each) => each !== old));
    await perform(fuzz, { by, intent: { kind: 'roles', roles: [{ userId, role }] } });
  },
  device: async (fuzz) => {
    const owner = fuzz.random.pick(fuzz.world.places).human;
    if (owner.devices.length >= 3) return;
    const device = await addDevice(owner);
    await follow(fuzz, fuzz.random.pick(fuzz.world.places), owner, [device]);
  },
  revoke: async (fuzz) => {
    const owner = fuzz.random.pick(fuzz.world.places).human;
    const by = fuzz.random.pick(fuzz.world.places);
    const device = fuzz.random.pick(owner.devices);
    if (owner.devices.length < 2 || device.deviceId === by.device.deviceId) return;
    await revokeDevice(owner, device.deviceId);
    await follow(fuzz, by, owner);
  },
  repair: async (fuzz) => {
    const { world, random } = fuzz;
    const broken = random.pick(world.places);
    const others = world.places.filter((place) => place !== broken);
    if (others.length === 0) return;
    const { own, groupId } = viewGroup(broken.session);
    const bundle = await packageOf(broken.device);
    const request = await signDeviceStatement({
      type: 'repair-request',
      secretKey: broken.device.signatureKey.secretKey,
      body: {
        serverId,
        conversationId: world.conversationId,
        groupId,
        deviceId: own.deviceId,
        leafHash: own.hash,
        reason: 'store-damaged',
        keyPackage: bundle.keyPackage,
        at: world.now,
      },
    });
    const newcomers = [{ person: broken.human, device: broken.device, bundle }];
    await perform(fuzz, { by: random.pick(others), intent: { kind: 'repair', request }, newcomers });
  },
  leave: async (fuzz) => {
    const { world, random } = fuzz;
    const leaver = random.pick(world.places);
    const stayers = world.places.filter((place) => place.human !== leaver.human);
    if (stayers.length === 0) return;
    const { state } = viewGroup(leaver.session);
    const { userId } = leaver.human;
    const since = state.roster.find((entry) => entry.userId === userId)?.since ?? 1;
    const request = await signDeviceStatement({
      type: 'leave-request',
      secretKey: leaver.device.signatureKey.secretKey,
      body: { serverId, conversationId: world.conversationId, userId, since },
    });
    await perform(fuzz, { by: random.pick(stayers), intent: { kind: 'leave', requests: [request] } });
  },
  talk: async ({ world, random }) => {
    const by = random.pick(world.places);
    const words = `said at ${world.head.seq}`;
    const { bytes } = await say(world, by, words);
    for (const place of world.places) {
      if (place === by) continue;
      const heard = wordsOf(await hear(place, bytes, by.device));
      check(heard === words, `a message went unheard: ${heard}`);
    }
  },
  forge: (fuzz) => hostileCommit(fuzz),
  garble: async (fuzz) => {
    const { world, random } = fuzz;
    const { bytes } = await forge(world, random.pick(world.places).session, {});
    const garbled = bytes.slice();
    const at = random.below(garbled.length);
    garbled[at] = (garbled[at] ?? 0) ^ (1 << random.below(8));
    await allSkip(fuzz, garbled, null);
  },
  store: ({ world }) => {
    for (const place of world.places) place.session = decodeSession(encodeSession(place.session));
    return Promise.resolve();
  },
};

function withRole({ world, random }: Fuzz, role: number): Place {
  return random.pick(
    world.places.filter((place) => roleOf(viewGroup(place.session).state, place.human.userId) >= role),
  );
}

function otherUsers(world: World, by: Place): Human['userId'][] {
  return [...new Set(world.places.map((place) => place.human.userId))].filter((id) => id !== by.human.userId);
}

/** Commits that a person's newest list is followed; `joining` devices get a KeyPackage. */
async function follow(fuzz: Fuzz, by: Place, ...[owner, joining = []]: [Human, OwnDevice[]?]): Promise<void> {
  const newcomers: Newcomer[] = [];
  for (const device of joining) newcomers.push({ person: owner, device, bundle: await packageOf(device) });
  const keyPackages = newcomers.map(({ bundle }) => bundle.keyPackage);
  await perform(fuzz, { by, intent: { kind: 'devices', lists: [owner.list], keyPackages }, newcomers });
}

async function perform(fuzz: Fuzz, { by, intent, newcomers = [] }: Move): Promise<void> {
  const { world } = fuzz;
  const before = [...world.places];
  const outcome = await build(world, by, intent);
  check(
    outcome.kind === 'built',
    `an allowed commit was refused: ${'reason' in outcome ? outcome.reason : ''}`,
  );
  await deliver(world, by, outcome.pending);
  fuzz.commits += 1;
  for (const { person, device, bundle } of newcomers) {
    await join(world, { pending: outcome.pending, person, device, bundle });
    const at = fuzz.outside.indexOf(person);
    if (at >= 0) fuzz.outside.splice(at, 1);
  }
  for (const gone of before.filter((place) => !world.places.includes(place))) {
    await mustNotFollow(world, { gone, by, bytes: outcome.pending.bytes });
    const isOut = !world.places.some((place) => place.human === gone.human);
    if (isOut && gone.human.devices.length > 0 && !fuzz.outside.includes(gone.human))
      fuzz.outside.push(gone.human);
  }
}

/** Neither by the commit that removed it, nor by guessing the secrets that MLS falls back to, nor by listening. */
async function mustNotFollow(
  world: World,
  { gone, by, bytes }: { gone: Place; by: Place; bytes: Uint8Array },
): Promise<void> {
  const entry = { seq: world.head.seq, acceptedAt: world.now, newestCommitSeq: seq(0) };
  check(
    (await openCommit(gone.session, bytes, entry)).kind !== 'applied',
    'a removed member applied its removal',
  );
  const { mls } = openSession(by.session);
  const zeros = new Uint8Array(48);
  const { initSecret } = openSession(gone.session).mls.keySchedule;
  const { kdf } = await loadSuite();
  const guess = await initializeEpoch(initSecret, zeros, mls.groupContext, zeros, kdf);
  const same = Buffer.compare(guess.keySchedule.epochAuthenticator, mls.keySchedule.epochAuthenticator) === 0;
  check(!same, 'a removed member knows the next epoch');
  const secret = await say(world, by, 'not for you');
  const heard = await openMessage(gone.session, secret.bytes, { uploader: by.device.deviceId, lastN: 0 });
  check(heard.kind !== 'opened', 'a removed member still listens');
}

/** A member commits what its role doesn't allow; all others skip it for one reason. */
async function hostileCommit(fuzz: Fuzz): Promise<void> {
  const { world, random } = fuzz;
  const by = random.pick(world.places);
  const { state, leaves, own } = viewGroup(by.session);
  const victim = random.pick(leaves);
  const forged = await random.pick([
    () => forge(world, by.session, { info: { lastCommitSeq: seq(world.newestCommitSeq + 1) } }),
    () => forge(world, by.session, { info: { members: new Uint8Array(32) } }),
    () => forge(world, by.session, { state: nextState(by.session, { version: state.version + 2 }) }),
    () => forge(world, by.session, { extensions: [] }),
    () => forge(world, by.session, { authenticatedData: new Uint8Array(4) }),
    () => forge(world, by.session, { asPublicMessage: true }),
    () =>
      forge(world, by.session, victim.index === own.index ? { extensions: [] } : { removes: [victim.index] }),
    () =>
      forge(
        world,
        withMls(by.session, (mls) => ({ ...mls, signaturePrivateKey: new Uint8Array(32) })),
        {},
      ),
  ])();
  await allSkip(fuzz, forged.bytes, by);
}

async function allSkip(fuzz: Fuzz, bytes: Uint8Array, except: Place | null): Promise<void> {
  const reasons = new Set<string>();
  for (const [place, outcome] of await outcomes(fuzz.world, bytes)) {
    if (place === except) continue;
    reasons.add('reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind);
  }
  const said = [...reasons];
  check(said.length <= 1, `engines part over a hostile commit: ${said.join(', ')}`);
  check(
    said.every((each) => each.startsWith('skipped')),
    `a hostile commit was not skipped: ${said.join()}`,
  );
  fuzz.hostile += 1;
}
