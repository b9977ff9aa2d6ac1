import { describe, expect, test } from '@jest/globals';
import { encodeBase64url, statement } from '@wisp/protocol';
import { createHash } from 'node:crypto';
import type { CommitRefusal } from '../src/domain/commit-refusal.js';
import type { Projection } from '../src/domain/projection.js';
import {
  admin,
  brings,
  device,
  direct,
  everybody,
  judge,
  member,
  other,
  owner,
  refused,
  scene,
  stranger,
  team,
} from './commit-scene.js';
import { makeCommit, newConversationId, type Change } from './commits.js';
import {
  firstDevice,
  joinStatement,
  leaveStatement,
  listStatement,
  makeDevice,
  type Person,
  repairStatement,
} from './people.js';

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
