import { randomUUID } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  messageId as messageIdSchema,
  type ConversationId,
  type ConversationKindName,
  type ConversationSettings,
  type DeviceId,
  type LogHead,
  type MessageBody,
  type RoleNumber,
} from '@wisp/protocol';
import {
  admitWelcome,
  adoptPending,
  beginConversation,
  buildCommit,
  openCommit,
  openMessage,
  readWelcome,
  sealMessage,
  viewGroup,
  type CommitOutcome,
  type HeaderInput,
  type Intent,
  type KeyPackageBundle,
  type MessageOutcome,
  type OwnDevice,
  type PendingCommit,
  type SealedMessage,
  type Session,
} from '../src/index.js';
import {
  asPerson,
  deviceOf,
  human,
  keyring,
  newConversationId,
  NOW,
  packageOf,
  seq,
  settings,
  type Human,
} from './people.js';

/*
 * A conversation on a log that this file plays: every device of every person walks it. The clock is the log's.
 */

export interface Place {
  readonly human: Human;
  readonly device: OwnDevice;
  session: Session;
  /** Counters of the senders that this device has heard. */
  readonly heard: Map<DeviceId, number>;
}

export interface World {
  readonly conversationId: ConversationId;
  readonly places: Place[];
  /** Everybody who has ever been here. */
  readonly people: Map<string, Human>;
  /** The newest counter of each device; it goes on over removal and repair. */
  readonly counters: Map<DeviceId, number>;
  head: LogHead;
  newestCommitSeq: number;
  now: number;
}

export interface Start {
  readonly kind?: ConversationKindName;
  readonly settings?: Partial<ConversationSettings>;
}

/** The first of `roles` begins: `startWorld({ alice: 4, bob: 2 })`. */
export async function startWorld(roles: Record<string, RoleNumber>, start: Start = {}): Promise<World> {
  const names = Object.entries(roles);
  const people = await Promise.all(names.map(([name]) => human(name)));
  const [creator, ...others] = people;
  if (creator === undefined) throw new RangeError('a conversation has a creator');
  const bundles = await Promise.all(others.map((person) => packageOf(deviceOf(person))));
  const world: World = {
    conversationId: newConversationId(),
    places: [],
    people: new Map(people.map((person) => [person.name, person])),
    counters: new Map(),
    head: { seq: seq(0), hash: new Uint8Array(32) },
    newestCommitSeq: 0,
    now: NOW,
  };
  const begun = await beginConversation({
    me: deviceOf(creator),
    now: NOW,
    conversationId: world.conversationId,
    incarnation: 1,
    kind: start.kind ?? 'group',
    people: people.map((person, at) => asPerson(person, names[at]?.[1] ?? 2)),
    keyPackages: bundles.map((bundle) => bundle.keyPackage),
    settings: { ...settings, ...start.settings },
    lastCommitSeq: seq(0),
    head: world.head,
  });
  if (begun.kind === 'refused') throw new Error(begun.reason);
  append(world, begun.pending.bytes, 'commit');
  const session = adoptPending(begun.pending, { current: null, acceptedAt: world.now });
  world.places.push({ human: creator, device: deviceOf(creator), session, heard: new Map() });
  for (const [at, person] of others.entries()) {
    const bundle = bundles[at];
    if (bundle !== undefined)
      await join(world, { pending: begun.pending, person, device: deviceOf(person), bundle });
  }
  return world;
}

export function append(world: World, bytes: Uint8Array, kind: 'commit' | 'message'): number {
  world.now += 1000;
  world.head = { seq: seq(world.head.seq + 1), hash: sha256(bytes) };
  const before = world.newestCommitSeq;
  if (kind === 'commit') world.newestCommitSeq = world.head.seq;
  return before;
}

export interface Joining {
  readonly pending: Pick<PendingCommit, 'welcome'>;
  readonly person: Human;
  readonly device: OwnDevice;
  readonly bundle: KeyPackageBundle;
}

export async function join(world: World, { pending, person, device, bundle }: Joining): Promise<Place> {
  if (pending.welcome === null) throw new Error('the commit has no Welcome');
  const reading = await readWelcome(pending.welcome, { me: device, ...keyring([bundle]) });
  if (reading.kind === 'refused') throw new Error(`unread: ${reading.reason}`);
  const admitted = await admitWelcome(
    reading.read,
    [...world.people.values()].map((each) => each.list),
    { conversationId: world.conversationId, knownGroups: [] },
  );
  if (admitted.kind === 'refused') throw new Error(`not admitted: ${admitted.reason}`);
  const place: Place = { human: person, device, session: admitted.session, heard: new Map() };
  world.places.push(place);
  return place;
}

export const placeOf = (world: World, name: string, index = 0): Place => {
  const place = world.places.filter((each) => each.human.name === name)[index];
  if (place === undefined) throw new RangeError(`${name} isn't here`);
  return place;
};

export const personOf = (world: World, name: string): Human => {
  const person = world.people.get(name);
  if (person === undefined) throw new RangeError(`nobody is called ${name}`);
  return person;
};

export const build = (world: World, by: Place, intent: Intent) =>
  buildCommit(by.session, {
    intent,
    now: world.now,
    lastCommitSeq: seq(world.newestCommitSeq),
    head: world.head,
  });

export async function built(world: World, by: Place, intent: Intent): Promise<PendingCommit> {
  const outcome = await build(world, by, intent);
  if (outcome.kind === 'refused') throw new Error(`not built: ${outcome.reason}`);
  return outcome.pending;
}

/** What each place makes of a commit entry; nobody adopts anything. */
export async function outcomes(world: World, bytes: Uint8Array): Promise<Map<Place, CommitOutcome>> {
  const entry = {
    seq: seq(world.head.seq + 1),
    acceptedAt: world.now,
    newestCommitSeq: seq(world.newestCommitSeq),
  };
  const found = new Map<Place, CommitOutcome>();
  for (const place of world.places) found.set(place, await openCommit(place.session, bytes, entry));
  return found;
}

/** Appends an own commit; the others apply it, whoever it removes goes. Throws when somebody doesn't follow. */
export async function deliver(world: World, by: Place, pending: PendingCommit): Promise<void> {
  const before = append(world, pending.bytes, 'commit');
  const entry = { seq: world.head.seq, acceptedAt: world.now, newestCommitSeq: seq(before) };
  const gone: Place[] = [];
  for (const place of world.places) {
    if (place === by) {
      place.session = adoptPending(pending, { current: place.session, acceptedAt: world.now });
      continue;
    }
    const outcome = await openCommit(place.session, pending.bytes, entry);
    if (outcome.kind === 'applied') place.session = outcome.session;
    else if (outcome.kind === 'removed') gone.push(place);
    else throw new Error(`${place.human.name}: ${outcome.kind} ${outcome.reason}`);
  }
  for (const place of gone) world.places.splice(world.places.indexOf(place), 1);
}

export async function commit(world: World, by: Place, intent: Intent): Promise<PendingCommit> {
  const pending = await built(world, by, intent);
  await deliver(world, by, pending);
  return pending;
}

/** A new person comes in by `by`'s commit. */
export async function invite(
  world: World,
  by: Place,
  who: { name: string; role?: RoleNumber },
): Promise<Place> {
  const person = world.people.get(who.name) ?? (await human(who.name));
  world.people.set(person.name, person);
  const bundle = await packageOf(deviceOf(person));
  const pending = await commit(world, by, {
    kind: 'add',
    people: [asPerson(person, who.role ?? 2)],
    keyPackages: [bundle.keyPackage],
  });
  return join(world, { pending, person, device: deviceOf(person), bundle });
}

export const authenticators = (world: World): Set<string> =>
  new Set(
    world.places.map((place) => Buffer.from(viewGroup(place.session).epochAuthenticator).toString('hex')),
  );

export const textBody = (world: World, words: string): MessageBody => ({
  sentAt: world.now,
  head: world.head,
  kept: 1,
  listVersion: 1,
  type: 'text',
  content: { text: words },
});

export function headerOf(world: World, place: Place, change: Partial<HeaderInput> = {}): HeaderInput {
  return {
    n: (world.counters.get(place.device.deviceId) ?? 0) + 1,
    messageId: messageIdSchema.parse(randomUUID()),
    lastCommitSeq: seq(world.newestCommitSeq),
    mode: 'none',
    ttl: 0,
    wake: true,
    ...change,
  };
}

/** Seals a text and moves the sender on. */
export async function say(world: World, by: Place, words: string): Promise<SealedMessage> {
  const sealed = await sealMessage(by.session, { header: headerOf(world, by), body: textBody(world, words) });
  by.session = sealed.session;
  world.counters.set(by.device.deviceId, sealed.header.n);
  return sealed;
}

/** Opens a message as the walk does, and adopts what it opened. */
export async function hear(place: Place, bytes: Uint8Array, uploader: OwnDevice): Promise<MessageOutcome> {
  const { deviceId } = uploader;
  const outcome = await openMessage(place.session, bytes, {
    uploader: deviceId,
    lastN: place.heard.get(deviceId) ?? 0,
  });
  if (outcome.kind === 'opened') {
    place.session = outcome.session;
    place.heard.set(deviceId, outcome.header.n);
  }
  return outcome;
}

export const wordsOf = (outcome: MessageOutcome): string =>
  outcome.kind === 'opened' && outcome.body.type === 'text'
    ? outcome.body.content.text
    : `${outcome.kind}${outcome.kind === 'opened' ? '' : ` ${outcome.reason}`}`;
