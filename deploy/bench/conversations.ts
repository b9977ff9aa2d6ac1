import type { Bus } from '@wisp/bus';
import {
  encodeBase64url,
  shardOf,
  subjects,
  type CommitId,
  type ConversationId,
  type Seq,
} from '@wisp/protocol';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from './accounts.js';

/** Two people who write to each other. */
export interface Pair {
  readonly conversation: ConversationId;
  readonly people: readonly [Account, Account];
}

/** A direct conversation for each two accounts, its first commit told to message-service as group-service would. */
export async function createConversations(bus: Bus, accounts: readonly Account[]): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let index = 0; index + 1 < accounts.length; index += 2) {
    const [first, second] = [accounts[index], accounts[index + 1]];
    if (first !== undefined && second !== undefined)
      pairs.push(await createConversation(bus, [first, second]));
  }
  return pairs;
}

async function createConversation(bus: Bus, people: readonly [Account, Account]): Promise<Pair> {
  const [creator, peer] = people;
  const conversation = randomUUID() as ConversationId;
  const reply = await bus.request(subjects.appendCommit(shardOf(conversation)), {
    user: creator.user,
    device: creator.device,
    conversation,
    commitId: randomUUID() as CommitId,
    lastCommitSeq: 0 as Seq,
    body: encodeBase64url(randomBytes(2_000)),
    opens: 'create',
    creatorRole: 4,
    adds: [{ user: peer.user, device: peer.device, role: 4 }],
    removes: [],
    roles: [],
    readmit: [],
  });
  if (reply.status !== 'appended') throw new Error(`a conversation wasn't created: ${reply.status}`);
  return { conversation, people };
}
