import { statement, type RosterEntry } from '@wisp/protocol';
import { viewGroup } from '../../../src/index.js';
import { nextState } from '../../forge.js';
import { addDevice, deviceOf, human, packageOf, type Human } from '../../people.js';
import { built, commit, join, placeOf, startWorld } from '../../world.js';
import type { Scene } from '../corpus.js';
import { startRecording } from '../record.js';

const entryOf = (person: Human, since: number): RosterEntry => ({
  userId: person.userId,
  role: 4,
  since,
  listVersion: person.list.version,
  listHash: person.list.hash,
});

/** A direct conversation stays the one of its two. */
export async function recordDirect(): Promise<Scene> {
  const world = await startWorld({ dora: 4, emil: 4 }, { kind: 'direct' });
  const dora = placeOf(world, 'dora');
  const emil = placeOf(world, 'emil');
  const zoe = await human('zoe');
  const { put, forged, scene } = startRecording(world, emil);
  const { roster, settings } = viewGroup(dora.session).state;
  await put('applied', 'one heals', (await built(world, dora, { kind: 'self-update' })).bytes);
  await forged('applied', 'one sets the timer', {
    by: dora,
    state: nextState(dora.session, { settings: { ...settings, timer: { mode: 'after-read', ttl: 60 } } }),
  });
  await forged('skipped direct-people', 'a third comes in', {
    by: dora,
    state: nextState(dora.session, { roster: [...roster, entryOf(zoe, 2)] }),
    adds: [await packageOf(deviceOf(zoe))],
    evidence: [statement.decode(zoe.list.statement)],
  });
  await forged('skipped direct-people', 'one is lowered', {
    by: dora,
    state: nextState(dora.session, {
      roster: roster.map((entry) =>
        entry.userId === emil.human.userId ? { ...entry, role: 2 as const } : entry,
      ),
    }),
  });
  await forged('skipped direct-people', 'one is put out', {
    by: dora,
    state: nextState(dora.session, {
      roster: roster.filter((entry) => entry.userId === dora.human.userId),
    }),
    removes: [1],
  });
  return scene;
}

/** A self conversation holds the devices of one user. */
export async function recordSelf(): Promise<Scene> {
  const world = await startWorld({ sam: 4 }, { kind: 'self' });
  const sam = placeOf(world, 'sam');
  const phone = await addDevice(sam.human);
  const bundle = await packageOf(phone);
  const lists = [sam.human.list];
  const keyPackages = [bundle.keyPackage];
  const pending = await commit(world, sam, { kind: 'devices', lists, keyPackages });
  const second = await join(world, { pending, person: sam.human, device: phone, bundle });
  const zoe = await human('zoe');
  const { put, forged, scene } = startRecording(world, second);
  await put('applied', 'a device heals', (await built(world, sam, { kind: 'self-update' })).bytes);
  const { roster, version } = viewGroup(sam.session).state;
  await forged('skipped self-people', 'somebody else comes in', {
    by: sam,
    state: nextState(sam.session, { roster: [...roster, entryOf(zoe, version + 1)] }),
    adds: [await packageOf(deviceOf(zoe))],
    evidence: [statement.decode(zoe.list.statement)],
  });
  return scene;
}

/** Two owners still, but another peer. */
export async function recordSwap(): Promise<Scene> {
  const world = await startWorld({ dora: 4, emil: 4 }, { kind: 'direct' });
  const dora = placeOf(world, 'dora');
  const emil = placeOf(world, 'emil');
  const zoe = await human('zoe');
  const { forged, scene } = startRecording(world, emil);
  const { roster } = viewGroup(dora.session).state;
  await forged('skipped direct-people', 'another peer', {
    by: dora,
    state: nextState(dora.session, {
      roster: roster.map((entry) => (entry.userId === emil.human.userId ? entryOf(zoe, 2) : entry)),
    }),
    removes: [1],
    adds: [await packageOf(deviceOf(zoe))],
    evidence: [statement.decode(zoe.list.statement)],
  });
  return scene;
}
