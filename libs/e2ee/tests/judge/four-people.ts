import {
  statement,
  type ConversationState,
  type RosterEntry,
  type Statement,
  type UserId,
} from '@wisp/protocol';
import { viewGroup, type JudgeRefusal, type KeyPackageBundle } from '../../src/index.js';
import { forge, nextState, type Forgery } from '../forge.js';
import { deviceOf, human, packageOf, type Human } from '../people.js';
import { outcomes, placeOf, startWorld, type Place, type World } from '../world.js';

/* The group that most of the judge's tests look at. */

/** Alice owns, Bob is admin, Carol a member, Rita a reader; Zoe isn't here. */
export interface FourPeople {
  readonly world: World;
  readonly alice: Place;
  readonly bob: Place;
  readonly carol: Place;
  readonly rita: Place;
  readonly zoe: Human;
  readonly zoePackage: KeyPackageBundle;
}

export async function fourPeople(): Promise<FourPeople> {
  const world = await startWorld({ alice: 4, bob: 3, carol: 2, rita: 1 });
  const zoe = await human('zoe');
  return {
    world,
    alice: placeOf(world, 'alice'),
    bob: placeOf(world, 'bob'),
    carol: placeOf(world, 'carol'),
    rita: placeOf(world, 'rita'),
    zoe,
    zoePackage: await packageOf(deviceOf(zoe)),
  };
}

/** What another says of the commit; that all say the same, the fuzzer sees to. */
export async function verdictIn(world: World, by: Place, forgery: Forgery): Promise<string> {
  const { bytes } = await forge(world, by.session, forgery);
  return outcomeIn(world, by, bytes);
}

export function outcomeIn(world: World, by: Place, bytes: Uint8Array): Promise<string> {
  const other = world.places.find((place) => place !== by);
  if (other === undefined) throw new Error('nobody else is here');
  return outcomeAt(world, other, bytes);
}

export async function outcomeAt(world: World, onlooker: Place, bytes: Uint8Array): Promise<string> {
  const outcome = (await outcomes({ ...world, places: [onlooker] }, bytes)).get(onlooker);
  if (outcome === undefined) throw new Error('the onlooker says nothing');
  return 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind;
}

export const skipped = (reason: JudgeRefusal): string => `skipped ${reason}`;
export const stateOf = (place: Place): ConversationState => viewGroup(place.session).state;
export const leafOf = (place: Place): number => viewGroup(place.session).own.index;
export const listOf = (person: Human): Statement => statement.decode(person.list.statement);
export const entryFor = (person: Human, change: Partial<RosterEntry> = {}): RosterEntry => ({
  userId: person.userId,
  role: 2,
  since: 2,
  listVersion: person.list.version,
  listHash: person.list.hash,
  ...change,
});
export const withEntry = (by: Place, change: { of: UserId; to: Partial<RosterEntry> }): ConversationState =>
  nextState(by.session, {
    roster: stateOf(by).roster.map((entry) =>
      entry.userId === change.of ? { ...entry, ...change.to } : entry,
    ),
  });
export const withoutUser = (by: Place, gone: Place): ConversationState =>
  nextState(by.session, {
    roster: stateOf(by).roster.filter((entry) => entry.userId !== gone.human.userId),
  });
export const withUser = (by: Place, entry: RosterEntry): ConversationState =>
  nextState(by.session, { roster: [...stateOf(by).roster, entry] });
