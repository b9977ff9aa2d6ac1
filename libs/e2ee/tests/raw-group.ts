import {
  createCommit,
  createGroup,
  emptyPskIndex,
  generateKeyPackage,
  joinGroup,
  processPrivateMessage,
  type CiphersuiteImpl,
  type ClientState,
  type CreateCommitResult,
  type Extension,
  type KeyPackage,
  type Lifetime,
  type PrivateKeyPackage,
  type Proposal,
} from 'ts-mls';
import { loadSuite, SUITE_NAME } from '../src/mls/suite.js';

/*
 * Groups straight on ts-mls, without our rules: for the tests of the library and of its fixes.
 */

export interface Applicant {
  publicPackage: KeyPackage;
  privatePackage: PrivateKeyPackage;
}

const forever: Lifetime = { notBefore: 0n, notAfter: 1n << 62n };

export async function applicant(name: string, lifetime = forever): Promise<Applicant> {
  return generateKeyPackage(
    { credentialType: 'basic', identity: new TextEncoder().encode(name) },
    {
      versions: ['mls10'],
      ciphersuites: [SUITE_NAME],
      extensions: [0xf0a1],
      proposals: [],
      credentials: ['basic'],
    },
    lifetime,
    [],
    await loadSuite(),
  );
}

export async function startGroup(creator: Applicant, extensions: Extension[] = []): Promise<ClientState> {
  return createGroup(
    Uint8Array.of(1, 2, 3),
    creator.publicPackage,
    creator.privatePackage,
    extensions,
    await loadSuite(),
  );
}

export const add = (who: Applicant): Proposal => ({
  proposalType: 'add',
  add: { keyPackage: who.publicPackage },
});
export const remove = (leaf: number): Proposal => ({ proposalType: 'remove', remove: { removed: leaf } });
export const setExtensions = (extensions: Extension[]): Proposal => ({
  proposalType: 'group_context_extensions',
  groupContextExtensions: { extensions },
});
export const mark = (value: number): Extension => ({
  extensionType: 0xf0a1,
  extensionData: Uint8Array.of(value),
});

export async function commitAs(
  state: ClientState,
  proposals: Proposal[],
  suite?: CiphersuiteImpl,
): Promise<CreateCommitResult> {
  return createCommit(
    { state, cipherSuite: suite ?? (await loadSuite()) },
    { extraProposals: proposals, ratchetTreeExtension: true },
  );
}

export async function receive(state: ClientState, made: CreateCommitResult): Promise<ClientState> {
  if (made.commit.wireformat !== 'mls_private_message') throw new Error('expected a private message');
  const result = await processPrivateMessage(
    state,
    made.commit.privateMessage,
    emptyPskIndex,
    await loadSuite(),
  );
  return result.newState;
}

export async function join(who: Applicant, made: CreateCommitResult): Promise<ClientState> {
  if (made.welcome === undefined) throw new Error('the commit has no Welcome');
  return joinGroup(made.welcome, who.publicPackage, who.privatePackage, emptyPskIndex, await loadSuite());
}

export const leafOf = (state: ClientState): number => state.privatePath.leafIndex;

/**
 * Members by leaf. Commits as one of them, delivers to the others, lets newcomers join. A removed member's state goes.
 */
export async function advance(
  members: Map<number, ClientState>,
  committer: number,
  change: { proposals: Proposal[]; joins?: Applicant[] },
): Promise<Map<number, ClientState>> {
  const own = members.get(committer);
  if (own === undefined) throw new Error(`no member at leaf ${committer}`);
  const joins = change.joins ?? [];
  const made = await commitAs(own, [...change.proposals, ...joins.map(add)]);
  const after = new Map([[committer, made.newState]]);
  for (const [leaf, state] of members) {
    if (leaf === committer) continue;
    const moved = await receive(state, made);
    if (moved.groupActiveState.kind === 'active') after.set(leaf, moved);
  }
  for (const newcomer of joins) {
    const state = await join(newcomer, made);
    after.set(leafOf(state), state);
  }
  return after;
}

export async function groupOf(size: number): Promise<Map<number, ClientState>> {
  const people = await Promise.all(Array.from({ length: size }, (_, i) => applicant(`member ${i}`)));
  const [creator, ...others] = people;
  if (creator === undefined) throw new RangeError('a group has a member');
  const alone = new Map([[0, await startGroup(creator)]]);
  return others.length === 0 ? alone : advance(alone, 0, { proposals: [], joins: others });
}

export const authenticators = (members: Map<number, ClientState>): string[] => [
  ...new Set(
    [...members.values()].map((state) => Buffer.from(state.keySchedule.epochAuthenticator).toString('hex')),
  ),
];
