import { describe, expect, test } from '@jest/globals';
import { encodeBase64url, equalBytes, seq, type RoleNumber, type Seq } from '@wisp/protocol';
import { createHash } from 'node:crypto';
import { statement } from '@wisp/protocol';
import { checkCommitInfo } from '../src/domain/check-commit-info.js';
import type { Opening } from '../src/domain/commit-delta.js';
import type { CommitFacts } from '../src/domain/commit-matter.js';
import type { CommitRefusal } from '../src/domain/commit-refusal.js';
import { emptyProjection, type Projection } from '../src/domain/projection.js';
import {
  firstCommit,
  makeCommit,
  newConversationId,
  type Change,
  type Group,
  type TestCommit,
} from './commits.js';
import {
  firstDevice,
  joinStatement,
  leaveStatement,
  listHash,
  listStatement,
  makeDevice,
  makePerson,
  repairStatement,
  SERVER,
  type Person,
} from './people.js';

interface Scene {
  group: Group;
  projection: Projection;
  people: Person[];
}

const [owner, admin, member, reader, other, stranger] = Array.from({ length: 6 }, () => makePerson()) as [
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
];
const everybody = [owner, admin, member, reader, other, stranger];

/** A group that the server knows as its members do. */
function scene(kind: Group['kind'], roles: [Person, RoleNumber][]): Scene {
  const group: Group = {
    conversation: newConversationId(),
    kind,
    incarnation: 1,
    lastCommitSeq: seq.parse(7),
    roles: new Map(roles.map(([{ user }, role]) => [user, role])),
    members: roles.flatMap(([person]) => person.devices.map((device) => ({ person, device }))),
  };
  const projection: Projection = {
    conversation: group.conversation,
    kind,
    incarnation: 1,
    newestCommitSeq: group.lastCommitSeq,
    users: new Map(roles.map(([{ user }, role]) => [user, { role, listVersion: 1, hasLeft: false }])),
    devices: new Map(group.members.map(({ person, device }) => [device.id, person.user])),
    departed: new Map(),
  };
  return { group, projection, people: everybody };
}

function facts(people: Person[], commit: TestCommit): CommitFacts {
  return {
    serverId: SERVER,
    lists: new Map(
      people.map((person) => [
        person.user,
        {
          deleted: person.deleted,
          version: person.version,
          hash: listHash(person),
          devices: new Map(person.devices.map(({ id, publicKey }) => [id, publicKey])),
        },
      ]),
    ),
    claimed: new Set(commit.info.adds.map(({ deviceId }) => deviceId)),
    storedStatements: new Set(),
  };
}

interface Judging {
  by: Person;
  opens?: Opening;
  welcome?: boolean;
  facts?: Partial<CommitFacts>;
  projection?: Projection;
  people?: Person[];
}

function judge(
  { projection, people }: Pick<Scene, 'projection' | 'people'>,
  commit: TestCommit,
  by: Judging,
) {
  return checkCommitInfo(by.projection ?? projection, commit.info, {
    caller: { user: by.by.user, device: firstDevice(by.by).id },
    opens: by.opens,
    hasWelcome: by.welcome ?? commit.welcome !== null,
    facts: { ...facts(by.people ?? people, commit), ...by.facts },
  });
}

const refused = (reason: CommitRefusal) => ({ kind: 'refused', reason });
const direct = () =>
  scene('direct', [
    [owner, 4],
    [other, 4],
  ]);
const team = () =>
  scene('group', [
    [owner, 4],
    [admin, 3],
    [member, 2],
    [reader, 1],
  ]);
const device = (person: Person) => ({ person, device: firstDevice(person) });
const brings = (person: Person, role: RoleNumber): Change => ({
  adds: [device(person)],
  users: [{ userId: person.user, role }],
  evidence: [listStatement(person)],
});
const putsOut = (person: Person): Change => ({
  removes: [device(person)],
  users: [{ userId: person.user, role: 0 }],
});
const sets = (person: Person, role: RoleNumber): Change => ({ users: [{ userId: person.user, role }] });

describe('place and person', () => {
  test('an empty commit of a member device is allowed and limited', () => {
    const s = direct();
    const verdict = judge(s, makeCommit(s.group), { by: other });
    expect(verdict).toMatchObject({
      kind: 'allowed',
      isLimited: true,
      delta: { adds: [], removes: [], users: [] },
    });
  });

  test.each<[string, Change['info'], CommitRefusal]>([
    ['of another conversation', { conversationId: newConversationId() }, 'info-conversation'],
    ['of another kind', { convKind: 'group' }, 'info-kind'],
    ['of the next incarnation', { incarnation: 2 }, 'info-incarnation'],
    ['with a head before its place', { head: { seq: seq.parse(6), hash: new Uint8Array(32) } }, 'info-head'],
    ['with another member table', { members: new Uint8Array(32) }, 'info-members'],
  ])('a commit %s is refused', (_, info, reason) => {
    const s = direct();
    expect(judge(s, makeCommit(s.group, { info: info ?? {} }), { by: owner })).toEqual(refused(reason));
  });

  test.each([6, 8])('a commit made at %d is stale at 7', (place) => {
    const s = direct();
    const group = { ...s.group, lastCommitSeq: seq.parse(place) };
    expect(judge(s, makeCommit(group), { by: owner })).toEqual({ kind: 'stale', newestCommitSeq: 7 });
  });

  test('a stranger, a foreign device, and who has left are told nothing', () => {
    const s = team();
    const commit = makeCommit(s.group, { info: { conversationId: newConversationId() } });
    const left: Projection = {
      ...s.projection,
      users: new Map([...s.projection.users].map(([user, entry]) => [user, { ...entry, hasLeft: true }])),
    };
    expect(judge(s, commit, { by: stranger })).toEqual({ kind: 'forbidden' });
    expect(judge(s, commit, { by: { ...owner, devices: [makeDevice()] } })).toEqual({ kind: 'forbidden' });
    expect(judge(s, commit, { by: owner, projection: left })).toEqual({ kind: 'forbidden' });
  });
});

describe('people of a direct conversation', () => {
  test.each<[string, Change]>([
    ['bring in', brings(stranger, 4)],
    ['put out', putsOut(other)],
    ['change roles', sets(other, 3)],
  ])('no commit may %s', (_, change) => {
    const s = direct();
    expect(judge(s, makeCommit(s.group, change), { by: owner })).toEqual(refused('direct-people'));
  });
});

describe('roles before the commit', () => {
  test.each<[string, Person, Change, CommitRefusal | null]>([
    ['an owner brings in an owner', owner, brings(stranger, 4), null],
    ['an admin brings in a member', admin, brings(stranger, 2), null],
    ['an admin brings in an admin', admin, brings(stranger, 3), 'role-add'],
    ['a member brings in a member, if the settings let them', member, brings(stranger, 2), null],
    ['an owner puts out an admin', owner, putsOut(admin), null],
    ['an admin puts out a member', admin, putsOut(member), null],
    ['an admin puts out the owner', admin, putsOut(owner), 'role-remove'],
    ['a member puts out a reader', member, putsOut(reader), 'role-remove'],
    ['an owner makes an admin', owner, sets(member, 3), null],
    ['an admin makes an admin', admin, sets(member, 3), 'role-change'],
    ['an admin lowers a member', admin, sets(member, 1), null],
    ['an admin lowers itself', admin, sets(admin, 2), 'role-change'],
    ['a member makes itself owner', member, sets(member, 4), 'role-change'],
    ['the last owner steps down', owner, sets(owner, 3), 'no-owner'],
    ['a role that is no change', owner, sets(member, 2), 'info-users'],
    ['somebody puts out a stranger', owner, { users: [{ userId: stranger.user, role: 0 }] }, 'info-users'],
    ['somebody puts out itself', owner, { users: [{ userId: owner.user, role: 0 }] }, 'info-users'],
    [
      'a user leaves a device behind',
      owner,
      { users: [{ userId: member.user, role: 0 }] },
      'leaf-without-user',
    ],
    ['a user comes without a device', owner, { ...brings(stranger, 2), adds: [] }, 'user-without-device'],
    ['a device comes without its user', owner, { ...brings(stranger, 2), users: [] }, 'leaf-without-user'],
  ])('%s', (...[, by, change, reason]) => {
    const s = team();
    const verdict = judge(s, makeCommit(s.group, change), { by });
    expect(verdict).toMatchObject(reason === null ? { kind: 'allowed' } : refused(reason));
  });

  test('anybody commits a leave request, and the last owner leaves an heir', () => {
    const s = team();
    const evidence = [leaveStatement({ person: owner, conversation: s.group.conversation })];
    const leaves = { ...putsOut(owner), evidence };
    expect(judge(s, makeCommit(s.group, leaves), { by: reader })).toEqual(refused('no-owner'));
    const wrongHeir = {
      ...leaves,
      users: [...(leaves.users ?? []), { userId: member.user, role: 4 as const }],
    };
    expect(judge(s, makeCommit(s.group, wrongHeir), { by: member })).toEqual(refused('role-change'));
    const heir = { ...leaves, users: [...(leaves.users ?? []), { userId: admin.user, role: 4 as const }] };
    expect(judge(s, makeCommit(s.group, heir), { by: reader })).toMatchObject({
      kind: 'allowed',
      isLimited: false,
      delta: { removes: [firstDevice(owner).id], roles: [{ user: admin.user, role: 4 }] },
    });
  });
});

describe('devices and their evidence', () => {
  test.each<[string, Change, CommitRefusal]>([
    ['without a list', { ...brings(stranger, 2), evidence: [] }, 'device-evidence'],
    [
      'that the list lacks',
      {
        adds: [{ person: stranger, device: makeDevice() }],
        users: [{ userId: stranger.user, role: 2 }],
        evidence: [listStatement(stranger)],
      },
      'device-left-behind',
    ],
    [
      'with a list of somebody else',
      { ...brings(stranger, 2), evidence: [listStatement(other)] },
      'evidence-unused',
    ],
    [
      'with an older list',
      { ...brings(stranger, 2), evidence: [listStatement({ ...stranger, version: 2 })] },
      'device-list-version',
    ],
    [
      'with a list twice',
      { ...brings(stranger, 2), evidence: [listStatement(stranger), listStatement(stranger)] },
      'evidence-malformed',
    ],
    [
      'that is a member already',
      { adds: [device(member)], evidence: [listStatement(member)] },
      'duplicate-device',
    ],
  ])('a device %s is refused', (_, change, reason) => {
    const s = team();
    expect(judge(s, makeCommit(s.group, change), { by: owner })).toEqual(refused(reason));
  });

  test('a KeyPackage has to be claimed, a Welcome to be there, an account to exist', () => {
    const s = team();
    const commit = makeCommit(s.group, brings(stranger, 2));
    expect(judge(s, commit, { by: owner, facts: { claimed: new Set() } })).toEqual(
      refused('key-package-unclaimed'),
    );
    expect(judge(s, commit, { by: owner, welcome: false })).toEqual(refused('welcome-missing'));
    expect(judge(s, makeCommit(s.group), { by: owner, welcome: true })).toEqual(
      refused('welcome-unexpected'),
    );
    const people = everybody.map((person) => (person === stranger ? { ...person, deleted: true } : person));
    expect(judge(s, commit, { by: owner, people })).toEqual(refused('user-deleted'));
    const short = makeCommit(s.group, {
      ...brings(stranger, 2),
      info: { adds: commit.info.adds.map((add) => ({ ...add, keyPackageRef: new Uint8Array(32) })) },
    });
    expect(judge(s, short, { by: owner })).toEqual(refused('info-adds'));
  });

  test('a new device of a member comes by the newest list, never by one below what is known', () => {
    const s = direct();
    const grown: Person = { ...other, version: 2, devices: [...other.devices, makeDevice()] };
    const people = [owner, grown];
    const added = grown.devices[1] ?? makeDevice();
    const change: Change = { adds: [{ person: grown, device: added }], evidence: [listStatement(grown)] };
    expect(judge(s, makeCommit(s.group, change), { by: owner, people })).toMatchObject({
      kind: 'allowed',
      delta: {
        adds: [{ user: other.user, device: added.id, role: 4 }],
        users: [{ user: other.user, role: 4, listVersion: 2 }],
        welcomed: [{ user: other.user, device: added.id }],
      },
    });
    const ahead: Projection = {
      ...s.projection,
      users: new Map([...s.projection.users].map(([user, entry]) => [user, { ...entry, listVersion: 3 }])),
    };
    expect(judge(s, makeCommit(s.group, change), { by: owner, people, projection: ahead })).toEqual(
      refused('device-list-version'),
    );
  });

  test('a device of one who stays goes only when the list says so', () => {
    const pair: Person = { ...other, devices: [firstDevice(other), makeDevice()] };
    const s = scene('direct', [
      [owner, 4],
      [pair, 4],
    ]);
    const gone = { person: pair, device: pair.devices[1] ?? makeDevice() };
    const bare = makeCommit(s.group, { removes: [gone] });
    expect(judge(s, bare, { by: owner })).toEqual(refused('device-evidence'));
    const listed = makeCommit(s.group, { removes: [gone], evidence: [listStatement(pair)] });
    expect(judge(s, listed, { by: owner, people: [owner, pair] })).toEqual(refused('device-evidence'));
    const shrunk: Person = { ...other, version: 2 };
    const right = makeCommit(s.group, { removes: [gone], evidence: [listStatement(shrunk)] });
    expect(judge(s, right, { by: owner, people: [owner, shrunk] })).toMatchObject({
      kind: 'allowed',
      isLimited: false,
      delta: { removes: [gone.device.id] },
    });
    const kept = makeCommit(s.group, { evidence: [listStatement(shrunk)] });
    expect(judge(s, kept, { by: owner, people: [owner, shrunk] })).toEqual(refused('device-left-behind'));
  });

  test('a repair puts exactly the device back that asked for it', () => {
    const s = direct();
    const { conversation } = s.group;
    const both = { removes: [device(other)], adds: [device(other)] };
    const evidence = [repairStatement({ person: other, conversation })];
    const repair = makeCommit(s.group, { ...both, evidence });
    expect(judge(s, repair, { by: owner, facts: { claimed: new Set() } })).toMatchObject({
      kind: 'allowed',
      isLimited: false,
      delta: {
        adds: [{ device: firstDevice(other).id }],
        removes: [firstDevice(other).id],
        readmit: [firstDevice(other).id],
      },
    });
    expect(judge(s, makeCommit(s.group, both), { by: owner })).toEqual(refused('repair-evidence'));
    expect(judge(s, makeCommit(s.group, { evidence }), { by: owner })).toEqual(refused('repair-evidence'));
    const elsewhere = [repairStatement({ person: other, conversation: newConversationId() })];
    expect(judge(s, makeCommit(s.group, { ...both, evidence: elsewhere }), { by: owner })).toEqual(
      refused('evidence-malformed'),
    );
    const forged = [
      repairStatement({
        person: other,
        device: { ...makeDevice(), id: firstDevice(other).id },
        conversation,
      }),
    ];
    const forgery = makeCommit(s.group, { ...both, evidence: forged });
    expect(judge(s, forgery, { by: owner })).toEqual(refused('evidence-signature'));
    const [first] = forged;
    if (first === undefined) throw new Error('no statement');
    const hash = encodeBase64url(createHash('sha256').update(statement.encode(first)).digest());
    expect(judge(s, forgery, { by: owner, facts: { storedStatements: new Set([hash]) } }).kind).toBe(
      'allowed',
    );
  });

  test('statements speak of what the commit does', () => {
    const s = team();
    const { conversation } = s.group;
    const leave = [leaveStatement({ person: member, conversation })];
    expect(judge(s, makeCommit(s.group, { evidence: leave }), { by: owner })).toEqual(
      refused('leave-evidence'),
    );
    const join = [joinStatement({ person: stranger, conversation })];
    expect(judge(s, makeCommit(s.group, { evidence: join }), { by: owner })).toEqual(
      refused('join-evidence'),
    );
    const joins = { ...brings(stranger, 2), evidence: [...(brings(stranger, 2).evidence ?? []), ...join] };
    expect(judge(s, makeCommit(s.group, joins), { by: admin })).toMatchObject({ kind: 'allowed' });
    const list = [listStatement(stranger)];
    expect(judge(s, makeCommit(s.group, { evidence: list }), { by: owner })).toEqual(
      refused('evidence-unused'),
    );
  });

  test('a device that was here before is admitted by name, and never for another user', () => {
    const s = team();
    const departed = (user: Person['user']): Projection => ({
      ...s.projection,
      departed: new Map([[firstDevice(stranger).id, user]]),
    });
    const commit = makeCommit(s.group, brings(stranger, 2));
    expect(judge(s, commit, { by: owner, projection: departed(stranger.user) })).toMatchObject({
      kind: 'allowed',
      delta: { readmit: [firstDevice(stranger).id] },
    });
    expect(judge(s, commit, { by: owner, projection: departed(other.user) })).toEqual(
      refused('duplicate-device'),
    );
  });

  test('at most eight devices per user', () => {
    const crowd: Person = { ...stranger, devices: Array.from({ length: 9 }, makeDevice) };
    const s = team();
    const commit = makeCommit(s.group, {
      adds: crowd.devices.map((each) => ({ person: crowd, device: each })),
      users: [{ userId: crowd.user, role: 2 }],
      evidence: [listStatement(stranger)],
    });
    expect(judge(s, commit, { by: owner })).toEqual(refused('limits'));
  });
});

describe('the first commit of a conversation', () => {
  const opens = 'create' as const;
  const empty = (commit: TestCommit) => emptyProjection(commit.after.conversation, commit.after.kind);

  test('makes two owners, and leaves the creator to the log', () => {
    const commit = firstCommit({ kind: 'direct', opener: owner, others: [{ person: other, role: 4 }] });
    expect(judge(direct(), commit, { by: owner, opens, projection: empty(commit) })).toEqual({
      kind: 'allowed',
      isLimited: false,
      delta: {
        kind: 'direct',
        opens,
        incarnation: 1,
        adds: [{ user: other.user, device: firstDevice(other).id, role: 4 }],
        removes: [],
        readmit: [],
        roles: [],
        users: expect.arrayContaining([
          { user: owner.user, role: 4, listVersion: 1 },
          { user: other.user, role: 4, listVersion: 1 },
        ]),
        welcomed: [{ user: other.user, device: firstDevice(other).id }],
      },
    });
  });

  test.each<[string, Parameters<typeof firstCommit>[0], CommitRefusal]>([
    ['direct alone', { kind: 'direct', opener: owner, others: [] }, 'direct-people'],
    [
      'direct with an admin',
      { kind: 'direct', opener: owner, others: [{ person: other, role: 3 }] },
      'direct-people',
    ],
    [
      'direct with three',
      {
        kind: 'direct',
        opener: owner,
        others: [
          { person: other, role: 4 },
          { person: member, role: 4 },
        ],
      },
      'direct-people',
    ],
    [
      'self with another',
      { kind: 'self', opener: owner, others: [{ person: other, role: 4 }] },
      'self-people',
    ],
    [
      'direct without a list',
      { kind: 'direct', opener: owner, others: [{ person: other, role: 4 }], change: { evidence: [] } },
      'device-evidence',
    ],
    [
      'direct without the peer’s devices',
      { kind: 'direct', opener: owner, others: [{ person: other, role: 4 }], change: { adds: [] } },
      'user-without-device',
    ],
    [
      'later in a log',
      { kind: 'direct', opener: owner, others: [{ person: other, role: 4 }], lastCommitSeq: seq.parse(3) },
      'info-head',
    ],
    [
      'with a head',
      {
        kind: 'direct',
        opener: owner,
        others: [{ person: other, role: 4 }],
        change: {
          ...brings(other, 4),
          info: { head: { seq: seq.parse(0), hash: new Uint8Array(32).fill(1) } },
        },
      },
      'info-head',
    ],
    [
      'of the second incarnation',
      { kind: 'direct', opener: owner, others: [{ person: other, role: 4 }], incarnation: 2 },
      'info-incarnation',
    ],
    [
      'group whose creator is no owner',
      {
        kind: 'group',
        opener: owner,
        others: [],
        change: { users: [{ userId: owner.user, role: 3 }] },
      },
      'role-change',
    ],
  ])('%s is refused', (_, options, reason) => {
    const commit = firstCommit(options);
    expect(judge(direct(), commit, { by: owner, opens, projection: empty(commit) })).toEqual(refused(reason));
  });

  test('is of a listed device', () => {
    const commit = firstCommit({ kind: 'group', opener: owner, others: [] });
    const people = [{ ...owner, devices: [makeDevice()] }];
    const judged = judge(direct(), commit, { by: owner, opens, projection: empty(commit), people });
    expect(judged).toMatchObject({ kind: 'refused' });
  });
});

describe('the next incarnation', () => {
  const opens = 'incarnation' as const;
  const next = (
    s: Scene,
    [opener, ...others]: [Person, ...[Person, RoleNumber][]],
    place: Seq = s.group.lastCommitSeq,
  ) =>
    firstCommit({
      kind: s.group.kind,
      opener,
      others: others.map(([person, role]) => ({ person, role })),
      conversation: s.group.conversation,
      incarnation: 2,
      lastCommitSeq: place,
    });

  test('of a direct conversation is either one’s to start, also with a new device', () => {
    const s = direct();
    expect(judge(s, next(s, [other, [owner, 4]]), { by: other, opens })).toMatchObject({
      kind: 'allowed',
      delta: { opens, incarnation: 2, adds: [], removes: [], users: [], welcomed: [{ user: owner.user }] },
    });
    const fresh: Person = { ...other, version: 2, devices: [makeDevice()] };
    const people = [owner, fresh];
    expect(judge(s, next(s, [fresh, [owner, 4]]), { by: fresh, opens, people })).toMatchObject({
      kind: 'allowed',
      delta: {
        adds: [{ user: other.user, device: firstDevice(fresh).id, role: 4 }],
        removes: [firstDevice(other).id],
      },
    });
  });

  test('comes after the newest commit, and once', () => {
    const s = direct();
    const late = next(s, [owner, [other, 4]], seq.parse(6));
    expect(judge(s, late, { by: owner, opens })).toEqual({ kind: 'stale', newestCommitSeq: 7 });
    const done = { ...s.projection, incarnation: 2 };
    expect(judge(s, next(s, [owner, [other, 4]]), { by: owner, opens, projection: done })).toEqual({
      kind: 'incarnation-exists',
    });
  });

  test('brings in nobody new and raises nobody', () => {
    const s = team();
    const all: [Person, RoleNumber][] = [
      [admin, 3],
      [member, 2],
      [reader, 1],
    ];
    expect(judge(s, next(s, [owner, ...all]), { by: owner, opens })).toMatchObject({ kind: 'allowed' });
    const [, ...fewer] = all;
    expect(judge(s, next(s, [owner, ...fewer]), { by: owner, opens })).toMatchObject({
      kind: 'allowed',
      delta: { users: [{ user: admin.user, role: 0 }], removes: [firstDevice(admin).id] },
    });
    for (const others of [
      [...all, [stranger, 2]],
      [...fewer, [admin, 4]],
    ] as [Person, RoleNumber][][]) {
      expect(judge(s, next(s, [owner, ...others]), { by: owner, opens })).toEqual(refused('previous-roster'));
    }
    expect(judge(s, next(s, [member]), { by: member, opens })).toMatchObject({ kind: 'refused' });
    expect(judge(s, next(s, [stranger]), { by: stranger, opens })).toEqual({ kind: 'forbidden' });
  });
});

test('the test’s own groups agree with their commits', () => {
  const s = team();
  const commit = makeCommit(s.group);
  expect(equalBytes(commit.info.members, makeCommit(commit.after).info.members)).toBe(true);
});
