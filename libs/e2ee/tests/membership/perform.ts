import { initializeEpoch } from 'ts-mls/keySchedule.js';
import {
  openCommit,
  openMessage,
  viewGroup,
  type Intent,
  type KeyPackageBundle,
  type OwnDevice,
} from '../../src/index.js';
import { loadSuite } from '../../src/mls/suite.js';
import { openSession } from '../../src/session/session-data.js';
import { forge, nextState, withMls } from '../forge.js';
import { seq, type Human } from '../people.js';
import { build, deliver, join, outcomes, say, type Place, type World } from '../world.js';
import type { Random } from './random.js';

export interface Fuzz {
  readonly world: World;
  readonly random: Random;
  readonly outside: Human[];
  hostile: number;
  commits: number;
}

export interface Newcomer {
  readonly person: Human;
  readonly device: OwnDevice;
  readonly bundle: KeyPackageBundle;
}

export interface Move {
  readonly by: Place;
  readonly intent: Intent;
  readonly newcomers?: readonly Newcomer[];
}

export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Commits, lets newcomers join, and makes sure that whoever is gone can't follow. */
export async function perform(fuzz: Fuzz, { by, intent, newcomers = [] }: Move): Promise<void> {
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
export async function hostileCommit(fuzz: Fuzz): Promise<void> {
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

export async function allSkip(fuzz: Fuzz, bytes: Uint8Array, except: Place | null): Promise<void> {
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
