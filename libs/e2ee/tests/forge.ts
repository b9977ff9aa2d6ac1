import { sha256 } from '@noble/hashes/sha2.js';
import {
  createCommit,
  encodeMlsMessage,
  type CiphersuiteImpl,
  type ClientState,
  type Extension,
  type Proposal,
} from 'ts-mls';
import {
  commitId,
  commitInfo,
  encodeMembers,
  type CommitInfo,
  type ConversationState,
  type RoleNumber,
  type Statement,
  type UserChange,
} from '@wisp/protocol';
import { contextExtensions } from '../src/mls/context-extensions.js';
import { leafAt } from '../src/mls/leaf.js';
import { loadSuite } from '../src/mls/suite.js';
import { readKeyPackage } from '../src/session/check-key-package.js';
import { roleOf, rosterEntry } from '../src/session/judge/roles.js';
import { openSession, sealSession } from '../src/session/session-data.js';
import { viewGroup, type KeyPackageBundle, type Session } from '../src/index.js';
import { seq } from './people.js';
import type { World } from './world.js';

/*
 * Commits that no honest engine makes: MLS accepts them, and CommitInfo tells the truth about them unless it is changed.
 */

export interface Forgery {
  /** The state after; its version isn't raised for you. */
  readonly state?: ConversationState;
  /** In place of the two that belong there. */
  readonly extensions?: Extension[];
  readonly adds?: readonly KeyPackageBundle[];
  /** Leaf indexes. */
  readonly removes?: readonly number[];
  readonly evidence?: Statement[];
  readonly info?: Partial<CommitInfo>;
  /** Proposals beside those. */
  readonly proposals?: Proposal[];
  /** Authenticated data in place of CommitInfo. */
  readonly authenticatedData?: Uint8Array;
  /** The forger's own primitives. */
  readonly suite?: CiphersuiteImpl;
  readonly asPublicMessage?: boolean;
}

export interface Forged {
  readonly bytes: Uint8Array;
  readonly welcome: Uint8Array | null;
  readonly next: ClientState;
}

/** Where the log stands, as the forger says. */
export type LogPlace = Pick<World, 'newestCommitSeq' | 'head'>;

export async function forge(at: LogPlace, session: Session, forgery: Forgery): Promise<Forged> {
  const { mls } = openSession(session);
  const proposals: Proposal[] = [
    ...(forgery.removes ?? []).map((removed): Proposal => ({ proposalType: 'remove', remove: { removed } })),
    ...(forgery.adds ?? []).map((bundle): Proposal => ({
      proposalType: 'add',
      add: { keyPackage: packageIn(bundle) },
    })),
    ...(forgery.proposals ?? []),
  ];
  const extensions =
    forgery.extensions ?? (forgery.state === undefined ? undefined : contextExtensions(forgery.state));
  if (extensions !== undefined) {
    proposals.push({ proposalType: 'group_context_extensions', groupContextExtensions: { extensions } });
  }
  const { commit, newState, welcome } = await createCommit(
    { state: mls, cipherSuite: forgery.suite ?? (await loadSuite()) },
    {
      extraProposals: proposals,
      ratchetTreeExtension: true,
      authenticatedData: forgery.authenticatedData ?? commitInfo.encode(tellTruth(at, session, forgery)),
      wireAsPublicMessage: forgery.asPublicMessage ?? false,
    },
  );
  return {
    bytes: encodeMlsMessage(commit),
    welcome:
      welcome === undefined
        ? null
        : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }),
    next: newState,
  };
}

export function packageIn(bundle: Pick<KeyPackageBundle, 'keyPackage'>) {
  const keyPackage = readKeyPackage(bundle.keyPackage);
  if (keyPackage === null) throw new Error('no KeyPackage');
  return keyPackage;
}

function tellTruth(at: LogPlace, session: Session, forgery: Forgery): CommitInfo {
  const { state: before, leaves } = viewGroup(session);
  const after = forgery.state ?? before;
  const removes = leaves.filter((leaf) => forgery.removes?.includes(leaf.index));
  const adds = (forgery.adds ?? []).map((bundle) => {
    const node = { nodeType: 'leaf' as const, leaf: packageIn(bundle).leafNode };
    const leaf = leafAt([node], 0);
    if (leaf === null) throw new Error('no leaf of ours');
    return { userId: leaf.userId, deviceId: leaf.deviceId, keyPackageRef: bundle.ref };
  });
  const users: UserChange[] = [
    ...after.roster.filter((entry) => roleOf(before, entry.userId) !== entry.role),
    ...before.roster
      .filter((entry) => rosterEntry(after, entry.userId) === undefined)
      .map(({ userId }) => ({ userId, role: 0 as const })),
  ].map(({ userId, role }) => ({ userId, role }));
  const members = [...leaves.filter((leaf) => !removes.includes(leaf)), ...adds].flatMap(
    ({ userId, deviceId }) => {
      const role = roleOf(after, userId);
      return role === 0 ? [] : [{ userId, deviceId, role: role satisfies RoleNumber }];
    },
  );
  return {
    commitId: commitId.parse(crypto.randomUUID()),
    conversationId: after.conversationId,
    incarnation: after.incarnation,
    convKind: after.kind,
    lastCommitSeq: seq(at.newestCommitSeq),
    head: at.head,
    adds,
    removes: removes.map(({ userId, deviceId }) => ({ userId, deviceId })),
    users,
    members: sha256(encodeMembers(members)),
    evidence: forgery.evidence ?? [],
    ...forgery.info,
  };
}

/** The same session with another MLS state inside: for attackers who keep to no rule. */
export function withMls(session: Session, change: (mls: ClientState) => ClientState): Session {
  const data = openSession(session);
  return sealSession({ ...data, mls: change(data.mls) });
}

/** Everything judge and MLS would allow an owner to change at will. */
export const nextState = (session: Session, change: Partial<ConversationState>): ConversationState => {
  const { state } = viewGroup(session);
  return { ...state, version: state.version + 1, ...change };
};
