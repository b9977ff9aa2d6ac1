import { type RoleNumber, seq } from '@wisp/protocol';
import { checkCommitInfo } from '../src/domain/check-commit-info.js';
import type { Opening } from '../src/domain/commit-delta.js';
import type { CommitFacts } from '../src/domain/commit-matter.js';
import type { CommitRefusal } from '../src/domain/commit-refusal.js';
import { projectedTable, type MemberTable } from '../src/domain/member-table.js';
import type { Projection } from '../src/domain/projection.js';
import { type Change, type Group, newConversationId, type TestCommit } from './commits.js';
import { firstDevice, listHash, listStatement, makePerson, type Person, SERVER } from './people.js';

export interface Scene {
  group: Group;
  projection: Projection;
  people: Person[];
}

export const [owner, admin, member, reader, other, stranger] = Array.from({ length: 6 }, () =>
  makePerson(),
) as [Person, Person, Person, Person, Person, Person];
export const everybody = [owner, admin, member, reader, other, stranger];

/** A group that the server knows as its members do. */
export function scene(kind: Group['kind'], roles: [Person, RoleNumber][]): Scene {
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
  /** The log's, where it isn't what the projection says. */
  table?: MemberTable;
  people?: Person[];
}

export function judge(
  { projection, people }: Pick<Scene, 'projection' | 'people'>,
  commit: TestCommit,
  by: Judging,
) {
  return checkCommitInfo(by.projection ?? projection, commit.info, {
    caller: { user: by.by.user, device: firstDevice(by.by).id },
    opens: by.opens,
    table: by.table ?? projectedTable(by.projection ?? projection),
    hasWelcome: by.welcome ?? commit.welcome !== null,
    facts: { ...facts(by.people ?? people, commit), ...by.facts },
  });
}

export const refused = (reason: CommitRefusal) => ({ kind: 'refused', reason });
export const direct = () =>
  scene('direct', [
    [owner, 4],
    [other, 4],
  ]);
export const team = () =>
  scene('group', [
    [owner, 4],
    [admin, 3],
    [member, 2],
    [reader, 1],
  ]);
export const device = (person: Person) => ({ person, device: firstDevice(person) });
export const brings = (person: Person, role: RoleNumber): Change => ({
  adds: [device(person)],
  users: [{ userId: person.user, role }],
  evidence: [listStatement(person)],
});
export const putsOut = (person: Person): Change => ({
  removes: [device(person)],
  users: [{ userId: person.user, role: 0 }],
});
export const sets = (person: Person, role: RoleNumber): Change => ({
  users: [{ userId: person.user, role }],
});
