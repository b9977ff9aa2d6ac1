import { createCommit, encodeMlsMessage, type ClientState, type Extension } from 'ts-mls';
import type { ConversationState, RosterEntry } from '@wisp/protocol';
import {
  admitWelcome,
  adoptPending,
  beginConversation,
  readWelcome,
  type KeyPackageBundle,
  type OwnDevice,
  type ReadWelcome,
  type WelcomeExpectation,
} from '../../src/index.js';
import { contextExtensions } from '../../src/mls/context-extensions.js';
import { loadSuite } from '../../src/mls/suite.js';
import { openSession } from '../../src/session/session-data.js';
import { beginDirect } from '../begin-direct.js';
import { packageIn } from '../forge.js';
import { asPerson, deviceOf, human, keyring, NOW, seq, settings, zeroHead, type Human } from '../people.js';

/* Alice begins a conversation with Bob, or a forger does so in her name; Bob's engine judges the Welcome. */

export const [alice, bob] = [await human('alice'), await human('bob')];

export interface Fake {
  readonly state?: (right: ConversationState) => ConversationState;
  readonly extra?: KeyPackageBundle[];
  readonly creator?: OwnDevice;
  readonly extensions?: (right: ConversationState) => ReturnType<typeof contextExtensions>;
  readonly infoExtensions?: Extension[];
}

/** A direct conversation that Alice begins with Bob. */
export async function begin() {
  const { bundle, conversationId, pending: right } = await beginDirect(alice, bob);
  if (right.welcome === null) throw new Error('no Welcome');
  const session = adoptPending(right, { current: null, acceptedAt: NOW });
  return { bundle, conversationId, right: right.welcome, session };
}

/** A Welcome to Bob into a group that only a forger makes: its state at epoch 0 is whatever `state` says. */
export async function fakeWelcome(
  bundle: KeyPackageBundle,
  right: ConversationState,
  fake: Fake,
): Promise<Uint8Array> {
  const creator = fake.creator ?? deviceOf(alice);
  const begun = await beginConversation({
    me: creator,
    now: NOW,
    conversationId: right.conversationId,
    incarnation: 1,
    kind: 'self',
    people: [{ ...asPerson(alice, 4), userId: creator.userId, deviceList: fakeList(creator) }],
    keyPackages: [],
    settings,
    lastCommitSeq: seq(0),
    head: zeroHead,
  });
  if (begun.kind === 'refused') throw new Error(begun.reason);
  const { mls } = openSession(adoptPending(begun.pending, { current: null, acceptedAt: NOW }));
  const extensions = (fake.extensions ?? contextExtensions)((fake.state ?? ((state) => state))(right));
  const base: ClientState = { ...mls, groupContext: { ...mls.groupContext, extensions } };
  const { welcome } = await createCommit(
    { state: base, cipherSuite: await loadSuite() },
    {
      extraProposals: [bundle, ...(fake.extra ?? [])].map((each) => ({
        proposalType: 'add' as const,
        add: { keyPackage: packageIn(each) },
      })),
      ratchetTreeExtension: true,
      groupInfoExtensions: fake.infoExtensions ?? [],
    },
  );
  if (welcome === undefined) throw new Error('no Welcome');
  return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
}

/** A list that the forger signs for itself, so that its own engine lets it begin. */
const fakeList = (device: OwnDevice) => ({
  ...alice.list,
  userId: device.userId,
  devices: [{ deviceId: device.deviceId, signatureKey: device.signatureKey.publicKey }],
});

export async function read(
  welcome: Uint8Array,
  bundle: KeyPackageBundle,
  me = deviceOf(bob),
): Promise<ReadWelcome> {
  const reading = await readWelcome(welcome, { me, ...keyring([bundle]) });
  if (reading.kind === 'refused') throw new Error(`unread: ${reading.reason}`);
  return reading.read;
}

export const expectation = (
  conversationId: WelcomeExpectation['conversationId'],
  more: Partial<WelcomeExpectation> = {},
) => ({
  conversationId,
  knownGroups: [],
  peer: alice.userId,
  ...more,
});

export async function admitted(
  found: ReadWelcome,
  expected: WelcomeExpectation,
  lists = [alice.list, bob.list],
) {
  const outcome = await admitWelcome(found, lists, expected);
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind;
}

export const entry = (
  state: ConversationState,
  userId: Human['userId'],
  change: Partial<RosterEntry>,
): ConversationState => ({
  ...state,
  roster: state.roster.map((each) => (each.userId === userId ? { ...each, ...change } : each)),
});

export function rosterOf(person: Human): RosterEntry {
  return {
    userId: person.userId,
    role: 2,
    since: 1,
    listVersion: person.list.version,
    listHash: person.list.hash,
  };
}
