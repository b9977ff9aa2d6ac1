import { describe, expect, test } from '@jest/globals';
import { seq, type RoleNumber, type Seq } from '@wisp/protocol';
import type { CommitRefusal } from '../src/domain/commit-refusal.js';
import { emptyProjection } from '../src/domain/projection.js';
import {
  admin,
  brings,
  direct,
  judge,
  member,
  other,
  owner,
  reader,
  refused,
  type Scene,
  stranger,
  team,
} from './commit-scene.js';
import { firstCommit, type TestCommit } from './commits.js';
import { firstDevice, makeDevice, type Person } from './people.js';

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
