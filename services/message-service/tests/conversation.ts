import { expect } from '@jest/globals';
import type { ConversationId, RoleNumber, Seq } from '@wisp/protocol';
import { randomBytes } from 'node:crypto';
import type { AppendVerdict, CommitVerdict, NewCommit, NewMessage } from '../src/domain/log.js';
import type { Log } from '../src/store/postgres-log.js';
import { newCommitId, newConversation, newPerson, seqOf, type Person } from './messages.js';

export function message(
  conversation: ConversationId,
  { user, device }: Person,
  fields: Partial<NewMessage> & { n: number },
): NewMessage {
  const body = randomBytes(64);
  return { conversation, user, device, lastCommitSeq: seqOf(1), mode: 'none', ttl: 0, body, ...fields };
}

export function commit(
  conversation: ConversationId,
  { user, device }: Person,
  fields: Partial<NewCommit>,
): NewCommit {
  return {
    conversation,
    user,
    device,
    commitId: newCommitId(),
    lastCommitSeq: seqOf(1),
    body: randomBytes(64),
    opens: 'nothing',
    creatorRole: 4,
    adds: [],
    removes: [],
    roles: [],
    readmit: [],
    ...fields,
  };
}

export const withRole = (person: Person, role: RoleNumber) => ({ ...person, role });

/** A conversation of these people, the first of them its creator; its first commit is entry 1. */
export async function converse(
  log: Log,
  people: readonly Person[],
  roles: readonly RoleNumber[] = [],
): Promise<ConversationId> {
  const conversation = newConversation();
  const [creator, ...others] = people;
  if (!creator) throw new Error('nobody to converse');
  const adds = others.map((person, index) => withRole(person, roles[index + 1] ?? 4));
  const verdict = await log.appendCommit(
    commit(conversation, creator, {
      opens: 'conversation',
      lastCommitSeq: seqOf(0),
      creatorRole: roles[0] ?? 4,
      adds,
    }),
  );
  expect(verdict).toMatchObject({ kind: 'stored', seq: 1 });
  return conversation;
}

export async function duo(log: Log) {
  const [alice, bob] = [newPerson(), newPerson()];
  return { alice, bob, conversation: await converse(log, [alice, bob]) };
}

/** One message alone. */
export async function say(log: Log, one: NewMessage): Promise<AppendVerdict> {
  const { verdicts } = await log.append([one]);
  expect(verdicts).toHaveLength(1);
  return verdicts[0] as AppendVerdict;
}

export const kindsOf = (verdicts: readonly (AppendVerdict | CommitVerdict)[]) =>
  verdicts.map(({ kind }) => kind);

/** All that this person is served of the log, page by page. */
export async function readAll(
  log: Log,
  person: Person,
  place: ConversationId | { conversation: ConversationId; after: number },
) {
  const { conversation, after: from } = typeof place === 'string' ? { conversation: place, after: 0 } : place;
  const entries = [];
  let after: Seq = seqOf(from);
  for (;;) {
    const { pages } = await log.fetchEntries(person, [{ conversation, after, limit: 200 }]);
    const page = pages[0];
    if (page?.status !== 'ok') return { status: page?.status, entries };
    entries.push(...page.entries);
    after = page.through;
    if (page.through >= page.head) return { status: page.status, head: page.head, entries };
  }
}
