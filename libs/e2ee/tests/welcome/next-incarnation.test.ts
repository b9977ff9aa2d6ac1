import { describe, expect, test } from '@jest/globals';
import {
  adoptPending,
  beginConversation,
  buildCommit,
  viewGroup,
  type Session,
  type WelcomeExpectation,
} from '../../src/index.js';
import { withMls } from '../forge.js';
import {
  asPerson,
  deviceOf,
  human,
  newConversationId,
  NOW,
  packageOf,
  seq,
  settings,
  zeroHead,
  type Human,
} from '../people.js';
import { alice, bob, begin, fakeWelcome, read, expectation, admitted } from './alice-and-bob.js';

describe('the moment has to be new', () => {
  test('epoch: a Welcome of an epoch that this engine has seen is a replay', async () => {
    const { bundle, conversationId, right } = await begin();
    const found = await read(right, bundle);
    const { groupId, epoch } = found.group;
    expect(await admitted(found, expectation(conversationId, { knownGroups: [{ groupId, epoch }] }))).toBe(
      'epoch',
    );
    const older = { groupId, epoch: epoch - 1 };
    expect(await admitted(found, expectation(conversationId, { knownGroups: [older] }))).toBe('admitted');
  });

  test('kind: another one than the conversation had', async () => {
    const { bundle, conversationId, session } = await begin();
    const previous = viewGroup(session).state;
    const forged = await fakeWelcome(bundle, previous, {
      state: (state) => ({ ...state, kind: 'group', incarnation: 2 }),
    });
    const expected = { conversationId, knownGroups: [], previous: { state: previous, removedUsers: [] } };
    expect(await admitted(await read(forged, bundle), expected)).toBe('kind');
  });

  test('incarnation: another group under a number that is taken', async () => {
    const { bundle, conversationId, right, session } = await begin();
    const previous = { state: viewGroup(session).state, removedUsers: [] };
    const found = await read(right, bundle);
    const knownGroups = [{ groupId: new Uint8Array(32), epoch: 4 }];
    expect(await admitted(found, expectation(conversationId, { previous, knownGroups }))).toBe('incarnation');
  });
});

describe('a next incarnation', () => {
  interface Change {
    readonly people?: ReturnType<typeof asPerson>[];
    readonly by?: Human;
    readonly keyPackages?: readonly Uint8Array[];
    readonly isWithoutParent?: true;
  }
  async function follow(old: Session, change: Change = {}) {
    const { state } = viewGroup(old);
    const by = change.by ?? alice;
    const bundle = await packageOf(deviceOf(by === alice ? bob : alice));
    const outcome = await beginConversation({
      me: deviceOf(by),
      now: NOW,
      conversationId: state.conversationId,
      incarnation: 2,
      kind: state.kind,
      people: change.people ?? [asPerson(alice, 4), asPerson(bob, state.kind === 'direct' ? 4 : 2)],
      keyPackages: change.keyPackages ?? [bundle.keyPackage],
      settings: state.settings,
      ...(!change.isWithoutParent && { follows: viewGroup(old) }),
      lastCommitSeq: seq(7),
      head: { seq: seq(9), hash: new Uint8Array(32).fill(1) },
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    if (outcome.pending.welcome === null) throw new Error('no Welcome');
    return { bundle, welcome: outcome.pending.welcome, pending: outcome.pending };
  }
  const known = (session: Session) => {
    const { groupId, epoch, transcriptHash, state } = viewGroup(session);
    return { knownGroups: [{ groupId, epoch, transcriptHash }], previous: { state, removedUsers: [] } };
  };

  test('names its parent, keeps since, and is accepted', async () => {
    const { conversationId, session } = await begin();
    const { bundle, welcome } = await follow(session);
    const found = await read(welcome, bundle);
    expect(found.group.state.parent?.groupId).toEqual(viewGroup(session).groupId);
    expect(found.group.state.version).toBe(2);
    expect(found.group.state.roster.map((each) => each.since)).toEqual([1, 1]);
    expect(await admitted(found, expectation(conversationId, known(session)))).toBe('admitted');
  });

  test('previous-roster: a parent at a moment that never was', async () => {
    const { conversationId, session } = await begin();
    const bent = withMls(session, (mls) => ({
      ...mls,
      groupContext: { ...mls.groupContext, confirmedTranscriptHash: new Uint8Array(48) },
    }));
    const { bundle, welcome } = await follow(bent);
    expect(await admitted(await read(welcome, bundle), expectation(conversationId, known(session)))).toBe(
      'previous-roster',
    );
  });

  test('previous-roster: without a parent, but for a direct one', async () => {
    const { conversationId, session } = await begin();
    const direct = await follow(session, { isWithoutParent: true });
    const found = await read(direct.welcome, direct.bundle);
    expect(await admitted(found, expectation(conversationId, known(session)))).toBe('admitted');
    const group = await groupOfTwo();
    const orphan = await follow(group, { isWithoutParent: true });
    const expected = { conversationId: viewGroup(group).state.conversationId, ...known(group) };
    expect(await admitted(await read(orphan.welcome, orphan.bundle), expected)).toBe('previous-roster');
  });

  test('a parent is held against the moment that is known of it, and of no other', async () => {
    const { conversationId, session } = await begin();
    const { bundle, welcome } = await follow(session);
    const found = await read(welcome, bundle);
    const { groupId, epoch } = viewGroup(session);
    const transcriptHash = new Uint8Array(48);
    const knowing = (knownGroups: WelcomeExpectation['knownGroups']) =>
      admitted(found, expectation(conversationId, { ...known(session), knownGroups }));
    expect(await knowing([{ groupId, epoch, transcriptHash }])).toBe('previous-roster');
    expect(await knowing([{ groupId, epoch: epoch + 1, transcriptHash }])).toBe('admitted');
    expect(await knowing([{ groupId, epoch }])).toBe('admitted');
    const other = { groupId: new Uint8Array(32), epoch, transcriptHash };
    expect(await knowing([other, ...known(session).knownGroups])).toBe('admitted');
  });

  test('in a group: an admin makes it as well as an owner', async () => {
    const group = await groupOfTwo(3);
    const people = [asPerson(alice, 4), asPerson(bob, 3)];
    const { bundle, welcome } = await follow(group, { by: bob, people });
    const found = await read(welcome, bundle, deviceOf(alice));
    const expected = { conversationId: viewGroup(group).state.conversationId, ...known(group) };
    expect(await admitted(found, expected)).toBe('admitted');
  });

  test('in a group: who comes to it later finds it as its own rules have made it', async () => {
    const group = await groupOfTwo();
    const zoe = await human('zoe');
    const zoePackage = await packageOf(deviceOf(zoe));
    const people = [asPerson(alice, 4), asPerson(zoe, 3)];
    const first = await follow(group, { people, keyPackages: [zoePackage.keyPackage] });
    const zoeFound = await read(first.welcome, zoePackage, deviceOf(zoe));
    const bundle = await packageOf(deviceOf(bob));
    const outcome = await buildCommit(zoeFound.session, {
      intent: { kind: 'add', people: [asPerson(bob, 2)], keyPackages: [bundle.keyPackage] },
      now: NOW,
      lastCommitSeq: seq(10),
      head: { seq: seq(10), hash: new Uint8Array(32).fill(2) },
    });
    if (outcome.kind === 'refused' || outcome.pending.welcome === null) throw new Error('no Welcome');
    const { knownGroups, previous } = known(group);
    const expected = {
      conversationId: viewGroup(group).state.conversationId,
      knownGroups,
      previous: { ...previous, removedUsers: [zoe.userId] },
    };
    const lists = [alice.list, bob.list, zoe.list];
    expect(await admitted(await read(outcome.pending.welcome, bundle), expected, lists)).toBe('admitted');
  });

  test('in a group: an owner or admin makes it, within the roster, nobody raised, nobody back', async () => {
    const group = await groupOfTwo();
    const { conversationId } = viewGroup(group).state;
    const expected = { conversationId, ...known(group) };
    const right = await follow(group);
    expect(await admitted(await read(right.welcome, right.bundle), expected)).toBe('admitted');
    const raised = await follow(group, { people: [asPerson(alice, 4), asPerson(bob, 3)] });
    expect(await admitted(await read(raised.welcome, raised.bundle), expected)).toBe('previous-roster');
    const zoe = await human('zoe');
    const people = [asPerson(alice, 4), asPerson(bob, 2), asPerson(zoe, 1)];
    const wider = await follow(group, { people });
    const lists = [alice.list, bob.list, zoe.list];
    expect(await admitted(await read(wider.welcome, wider.bundle), expected, lists)).toBe('previous-roster');
    const removed = { ...expected, previous: { ...expected.previous, removedUsers: [bob.userId] } };
    expect(await admitted(await read(right.welcome, right.bundle), removed)).toBe('previous-roster');
    const byMember = await follow(group, { by: bob });
    const found = await read(byMember.welcome, byMember.bundle, deviceOf(alice));
    expect(await admitted(found, expected)).toBe('signer-may-not-add');
  });

  async function groupOfTwo(bobs: 2 | 3 = 2): Promise<Session> {
    const bundle = await packageOf(deviceOf(bob));
    const outcome = await beginConversation({
      me: deviceOf(alice),
      now: NOW,
      conversationId: newConversationId(),
      incarnation: 1,
      kind: 'group',
      people: [asPerson(alice, 4), asPerson(bob, bobs)],
      keyPackages: [bundle.keyPackage],
      settings,
      lastCommitSeq: seq(0),
      head: zeroHead,
    });
    if (outcome.kind === 'refused') throw new Error(outcome.reason);
    return adoptPending(outcome.pending, { current: null, acceptedAt: NOW });
  }
});
