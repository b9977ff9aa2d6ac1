import {
  emptyPskIndex,
  type ClientState,
  type Commit,
  type GroupContext,
  type Proposal,
  type ProposalAdd,
  type RatchetTree,
} from 'ts-mls';
import { applyProposals, nextEpochContext, type ApplyProposalsResult } from 'ts-mls/clientState.js';
import { encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { CryptoVerificationError } from 'ts-mls/mlsError.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import { treeHashRoot } from 'ts-mls/treeHash.js';
import { toLeafIndex } from 'ts-mls/treemath.js';
import { commitInfo, equalBytes, limits, type CommitInfo } from '@wisp/protocol';
import { decodeOrNull } from '../identity/refused.js';
import { keyRetention } from '../mls/client-config.js';
import { decodeMessage } from '../mls/codec.js';
import { loadSuite } from '../mls/suite.js';
import { applyPath, areKeysUnique } from './apply-path.js';
import { examineKeyPackage } from './check-key-package.js';
import type { FilledLeaf } from './judge/judged-commit.js';
import type { JudgeRefusal, SkipReason } from './reasons.js';
import type { SessionData } from './session-data.js';
import type { GroupView } from './types.js';
import { readGroup } from './view-group.js';

/** What every member sees of a commit, its secrets aside. */
export interface PublicCommit {
  readonly message: PrivateMessage;
  readonly info: CommitInfo;
  readonly committer: number;
  readonly adds: readonly FilledLeaf[];
  readonly removes: readonly number[];
  readonly replacesContext: boolean;
  readonly after: GroupView;
  /** The context of the next epoch: whoever derives another one is out of step. */
  readonly context: GroupContext;
}

export type CommitReading =
  | { readonly kind: 'read'; readonly commit: PublicCommit }
  | { readonly kind: 'skipped'; readonly reason: SkipReason | JudgeRefusal };

/** A rule that was broken; caught in `readCommit`, and nowhere else. */
class Skip extends Error {
  constructor(readonly reason: SkipReason | JudgeRefusal) {
    super(reason);
  }
}

/**
 * The public half of processing a commit (RFC 9420 §12.4.2): whatever fails here fails on every member alike. It uses
 * nothing that belongs to one member only, so it must not touch the private key path.
 */
export async function readCommit(session: SessionData, bytes: Uint8Array): Promise<CommitReading> {
  try {
    return { kind: 'read', commit: await readOrSkip(session, bytes) };
  } catch (error) {
    if (error instanceof Skip) return { kind: 'skipped', reason: error.reason };
    throw error;
  }
}

async function readOrSkip({ mls, serverId }: SessionData, bytes: Uint8Array): Promise<PublicCommit> {
  const { message, info } = readFraming(mls, bytes);
  const opened = await openContent(mls, message);
  const proposals = readProposals(opened.commit);
  await examineAdds(proposals, serverId);
  const applied = await attempt('mls-rules', () => applyAll(mls, opened));
  const next = await applyPath(mls, {
    serverId,
    applied,
    path: opened.commit.path,
    committer: opened.committer,
  });
  if (next.kind === 'refused') throw new Skip(next.reason);
  if (!areKeysUnique(next.tree)) throw new Skip('mls-rules');
  const context = await nextContext(mls, { opened, applied, tree: next.tree });
  const reading = readGroup(context, next.tree);
  if (reading.kind === 'refused') {
    throw new Skip(reading.reason === 'epoch' ? 'other-epoch' : reading.reason);
  }
  return {
    message,
    info,
    committer: opened.committer,
    adds: await describeAdds(applied),
    removes: proposals.flatMap((each) => (each.proposalType === 'remove' ? [each.remove.removed] : [])),
    replacesContext: proposals.some((each) => each.proposalType === 'group_context_extensions'),
    after: reading.view,
    context,
  };
}

async function attempt<T>(reason: SkipReason, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch {
    // ts-mls throws MlsError of several kinds here, and TypeError or RangeError on crafted input.
    throw new Skip(reason);
  }
}

function readFraming(mls: ClientState, bytes: Uint8Array): { message: PrivateMessage; info: CommitInfo } {
  const decoded = bytes.length > limits.commitBytes ? null : decodeMessage(bytes);
  if (decoded === null) throw new Skip('malformed');
  if (decoded.wireformat !== 'mls_private_message') throw new Skip('framing');
  const message = decoded.privateMessage;
  if (message.contentType !== 'commit') throw new Skip('not-a-commit');
  if (!equalBytes(message.groupId, mls.groupContext.groupId)) throw new Skip('other-group');
  if (message.epoch !== mls.groupContext.epoch) throw new Skip('other-epoch');
  const info = decodeOrNull(commitInfo, message.authenticatedData);
  if (info === null) throw new Skip('commit-info-malformed');
  return { message, info };
}

interface OpenedContent {
  readonly committer: number;
  readonly commit: Commit;
  readonly content: Awaited<ReturnType<typeof unprotectPrivateMessage>>['content'];
}

async function openContent(mls: ClientState, message: PrivateMessage): Promise<OpenedContent> {
  const suite = await loadSuite();
  const { senderDataSecret } = mls.keySchedule;
  const sender = await attempt('unreadable', () => decryptSenderData(message, senderDataSecret, suite));
  if (sender === undefined || mls.ratchetTree[2 * sender.leafIndex]?.nodeType !== 'leaf') {
    throw new Skip('unreadable');
  }
  try {
    const { content } = await unprotectPrivateMessage(
      senderDataSecret,
      message,
      mls.secretTree,
      mls.ratchetTree,
      mls.groupContext,
      keyRetention,
      suite,
    );
    if (content.content.contentType !== 'commit') throw new Skip('not-a-commit');
    return { committer: sender.leafIndex, commit: content.content.commit, content };
  } catch (error) {
    if (error instanceof Skip) throw error;
    throw new Skip(error instanceof CryptoVerificationError ? 'signature' : 'unreadable');
  }
}

/** By value, and of three kinds: by reference one would sweep in what others proposed (protocol §4). */
function readProposals(commit: Commit): Proposal[] {
  return commit.proposals.map((each) => {
    if (each.proposalOrRefType !== 'proposal') throw new Skip('proposal-reference');
    switch (each.proposal.proposalType) {
      case 'add':
      case 'remove':
      case 'group_context_extensions':
        return each.proposal;
      default:
        throw new Skip('proposal-type');
    }
  });
}

async function examineAdds(proposals: readonly Proposal[], serverId: SessionData['serverId']): Promise<void> {
  const adds = proposals.filter((each): each is ProposalAdd => each.proposalType === 'add');
  if (adds.length > limits.addsPerCommit) throw new Skip('limits');
  for (const { add } of adds) {
    const verdict = await examineKeyPackage(add.keyPackage, serverId);
    if (verdict.kind === 'refused') throw new Skip('key-package');
  }
}

async function applyAll(mls: ClientState, opened: OpenedContent): Promise<ApplyProposalsResult> {
  const committer = toLeafIndex(opened.committer);
  return applyProposals(mls, opened.commit.proposals, committer, emptyPskIndex, false, await loadSuite());
}

async function describeAdds(applied: ApplyProposalsResult): Promise<FilledLeaf[]> {
  if (applied.additionalResult.kind !== 'memberCommit') throw new Skip('proposal-type');
  const { hash } = await loadSuite();
  return Promise.all(
    applied.additionalResult.addedLeafNodes.map(async ([index, keyPackage]) => ({
      index,
      keyPackageRef: await makeKeyPackageRef(keyPackage, hash),
      keyPackage: encodeKeyPackage(keyPackage),
    })),
  );
}

interface NextEpoch {
  readonly opened: OpenedContent;
  readonly applied: ApplyProposalsResult;
  readonly tree: RatchetTree;
}

async function nextContext(mls: ClientState, { opened, applied, tree }: NextEpoch): Promise<GroupContext> {
  const { hash } = await loadSuite();
  const { additionalResult } = applied;
  const { content, auth } = opened.content;
  if (additionalResult.kind !== 'memberCommit' || content.contentType !== 'commit')
    throw new Skip('proposal-type');
  return nextEpochContext(
    { ...mls.groupContext, extensions: additionalResult.extensions ?? mls.groupContext.extensions },
    'mls_private_message',
    content,
    auth.signature,
    await treeHashRoot(tree, hash),
    mls.confirmationTag,
    hash,
  );
}
