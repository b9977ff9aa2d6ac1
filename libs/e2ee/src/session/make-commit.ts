import { sha256 } from '@noble/hashes/sha2.js';
import { createCommit, encodeMlsMessage, type ClientState, type Proposal } from 'ts-mls';
import { findLeafIndex } from 'ts-mls/ratchetTree.js';
import { encodeKeyPackage } from 'ts-mls/keyPackage.js';
import {
  commitId as commitIdSchema,
  commitInfo,
  encodeMembers,
  limits,
  type CommitInfo,
  type LogHead,
  type Seq,
  type ServerId,
  type UserChange,
} from '@wisp/protocol';
import { contextExtensions } from '../mls/context-extensions.js';
import { loadSuite } from '../mls/suite.js';
import type { FilledLeaf } from './judge/judged-commit.js';
import { rosterEntry } from './judge/roles.js';
import type { Plan } from './plan-commit.js';
import { sealSession } from './session-data.js';
import type { GroupView, Intent, PendingCommit } from './types.js';
import { viewOf } from './view-group.js';

export interface MakeInput {
  readonly group: GroupView;
  readonly plan: Plan;
  readonly users: UserChange[];
  readonly intent: Intent;
  readonly serverId: ServerId;
  readonly lastCommitSeq: Seq;
  readonly head: LogHead;
}

export interface MadeCommit {
  readonly pending: PendingCommit;
  readonly after: GroupView;
  /** Where the added devices stand in the new tree. */
  readonly filled: readonly FilledLeaf[];
}

/** Builds the MLS commit of a plan (RFC 9420 §12.4). Null when it is larger than the log takes. */
export async function makeCommit(mls: ClientState, input: MakeInput): Promise<MadeCommit | null> {
  const { plan, serverId } = input;
  const info = describeCommit(input);
  const proposals: Proposal[] = [
    ...plan.removes.map((leaf): Proposal => ({ proposalType: 'remove', remove: { removed: leaf.index } })),
    ...plan.adds.map(({ keyPackage }): Proposal => ({ proposalType: 'add', add: { keyPackage } })),
  ];
  if (plan.state !== null) {
    const extensions = contextExtensions(plan.state);
    proposals.push({ proposalType: 'group_context_extensions', groupContextExtensions: { extensions } });
  }
  // `consumed` is never wiped: it belongs to the session that goes on if the log takes another commit.
  const { newState, commit, welcome } = await createCommit(
    { state: mls, cipherSuite: await loadSuite() },
    {
      extraProposals: proposals,
      ratchetTreeExtension: true,
      authenticatedData: commitInfo.encode(info),
    },
  );
  const bytes = encodeMlsMessage(commit);
  const welcomeBytes =
    welcome === undefined ? null : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome });
  if (bytes.length > limits.commitBytes || (welcomeBytes?.length ?? 0) > limits.welcomeBytes) return null;
  return {
    pending: {
      commitId: info.commitId,
      commitInfo: info,
      bytes,
      welcome: welcomeBytes,
      intent: input.intent,
      // Past epochs are the current session's to carry over, as it stands at adoption.
      newSession: sealSession({
        serverId,
        mls: { ...newState, historicalReceiverData: new Map() },
        ends: [],
      }),
    },
    after: viewOf(newState),
    filled: plan.adds.map(({ keyPackage, ref }) => {
      const index = findLeafIndex(newState.ratchetTree, keyPackage.leafNode);
      if (index === undefined) throw new Error('an added leaf is missing in the new tree');
      return { index, keyPackageRef: ref, keyPackage: encodeKeyPackage(keyPackage) };
    }),
  };
}

function describeCommit({ group, plan, users, lastCommitSeq, head }: MakeInput): CommitInfo {
  const state = plan.state ?? group.state;
  const removed = new Set(plan.removes.map((leaf) => leaf.index));
  const devices = [...group.leaves.filter((leaf) => !removed.has(leaf.index)), ...plan.adds];
  const members = devices.map(({ userId, deviceId }) => ({
    userId,
    deviceId,
    // A leaf without a user is `judge`'s to refuse; the hash only has to exist.
    role: rosterEntry(state, userId)?.role ?? 1,
  }));
  return {
    commitId: commitIdSchema.parse(crypto.randomUUID()),
    conversationId: state.conversationId,
    incarnation: state.incarnation,
    convKind: state.kind,
    lastCommitSeq,
    head,
    adds: plan.adds.map(({ userId, deviceId, ref }) => ({ userId, deviceId, keyPackageRef: ref })),
    removes: plan.removes.map(({ userId, deviceId }) => ({ userId, deviceId })),
    users,
    members: sha256(encodeMembers(members)),
    evidence: [...plan.evidence],
  };
}
