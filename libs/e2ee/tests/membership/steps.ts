import type { RoleNumber } from '@wisp/protocol';
import {
  decodeSession,
  encodeSession,
  signDeviceStatement,
  viewGroup,
  type Intent,
  type OwnDevice,
} from '../../src/index.js';
import { roleOf } from '../../src/session/judge/roles.js';
import { forge } from '../forge.js';
import { addDevice, asPerson, human, packageOf, revokeDevice, serverId, type Human } from '../people.js';
import { repairRequest } from '../repair-request.js';
import { hear, say, wordsOf, type Place, type World } from '../world.js';
import { allSkip, check, hostileCommit, perform, type Fuzz, type Newcomer } from './perform.js';

export type StepName =
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

export const steps: Record<StepName, (fuzz: Fuzz) => Promise<void>> = {
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
    const { bundle, request } = await repairRequest(world, broken);
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
