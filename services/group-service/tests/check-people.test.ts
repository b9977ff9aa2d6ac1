import { describe, expect, test } from '@jest/globals';
import { equalBytes, seq } from '@wisp/protocol';
import type { CommitRefusal } from '../src/domain/commit-refusal.js';
import type { Projection } from '../src/domain/projection.js';
import {
  admin,
  brings,
  direct,
  judge,
  member,
  other,
  owner,
  putsOut,
  reader,
  refused,
  sets,
  stranger,
  team,
} from './commit-scene.js';
import { makeCommit, newConversationId, type Change } from './commits.js';
import { firstDevice, leaveStatement, makeDevice, type Person } from './people.js';

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

test('the test’s own groups agree with their commits', () => {
  const s = team();
  const commit = makeCommit(s.group);
  expect(equalBytes(commit.info.members, makeCommit(commit.after).info.members)).toBe(true);
});
