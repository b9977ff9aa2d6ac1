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
import type { FramedContentCommit } from 'ts-mls/framedContent.js';
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

type Skipped = Extract<CommitReading, { kind: 'skipped' }>;

const skipped = (reason: SkipReason | JudgeRefusal): Skipped => ({ kind: 'skipped', reason });

/**
 * The public half of processing a commit (RFC 9420 §12.4.2): whatever fails here fails on every member alike. It uses
 * nothing that belongs to one member only, so it must not touch the private key path.
 */
export async function readCommit({ mls, serverId }: SessionData, bytes: Uint8Array): Promise<CommitReading> {
  const framing = readFraming(mls, bytes);
  if (framing.kind === 'skipped') return framing;
  const opened = await openContent(mls, framing.message);
  if (opened.kind === 'skipped') return opened;
  const reading = readProposals(opened.commit);
  if (reading.kind === 'skipped') return reading;
  const { proposals } = reading;
  const unfit = await examineAdds(proposals, serverId);
  if (unfit !== null) return skipped(unfit);
  const applied = await applyAll(mls, opened);
  if (applied === null) return skipped('mls-rules');
  const { path } = opened.commit;
  const next = await applyPath(mls, { serverId, applied: applied.result, path, committer: opened.committer });
  if (next.kind === 'refused') return skipped(next.reason);
  if (!areKeysUnique(next.tree)) return skipped('mls-rules');
  const context = await nextContext(mls, { opened, applied, tree: next.tree });
  const after = readGroup(context, next.tree);
  if (after.kind === 'refused') return skipped(after.reason === 'epoch' ? 'other-epoch' : after.reason);
  return {
    kind: 'read',
    commit: {
      message: framing.message,
      info: framing.info,
      committer: opened.committer,
      adds: await describeAdds(applied),
      removes: proposals.flatMap((each) => (each.proposalType === 'remove' ? [each.remove.removed] : [])),
      replacesContext: proposals.some((each) => each.proposalType === 'group_context_extensions'),
      after: after.view,
      context,
    },
  };
}

interface Framing {
  readonly kind: 'framed';
  readonly message: PrivateMessage;
  readonly info: CommitInfo;
}

function readFraming(mls: ClientState, bytes: Uint8Array): Framing | Skipped {
  const decoded = bytes.length > limits.commitBytes ? null : decodeMessage(bytes);
  if (decoded === null) return skipped('malformed');
  if (decoded.wireformat !== 'mls_private_message') return skipped('framing');
  const message = decoded.privateMessage;
  if (message.contentType !== 'commit') return skipped('not-a-commit');
  if (!equalBytes(message.groupId, mls.groupContext.groupId)) return skipped('other-group');
  if (message.epoch !== mls.groupContext.epoch) return skipped('other-epoch');
  const info = decodeOrNull(commitInfo, message.authenticatedData);
  return info === null ? skipped('commit-info-malformed') : { kind: 'framed', message, info };
}

interface OpenedContent {
  readonly kind: 'opened';
  readonly committer: number;
  readonly commit: Commit;
  readonly content: FramedContentCommit;
  readonly signature: Uint8Array;
}

async function openContent(mls: ClientState, message: PrivateMessage): Promise<OpenedContent | Skipped> {
  const suite = await loadSuite();
  const { senderDataSecret } = mls.keySchedule;
  try {
    const sender = await decryptSenderData(message, senderDataSecret, suite);
    if (sender === undefined || mls.ratchetTree[2 * sender.leafIndex]?.nodeType !== 'leaf') {
      return skipped('unreadable');
    }
    const { content } = await unprotectPrivateMessage(
      senderDataSecret,
      message,
      mls.secretTree,
      mls.ratchetTree,
      mls.groupContext,
      keyRetention,
      suite,
    );
    if (content.content.contentType !== 'commit') return skipped('not-a-commit');
    const { leafIndex: committer } = sender;
    const { signature } = content.auth;
    return { kind: 'opened', committer, commit: content.content.commit, content: content.content, signature };
  } catch (error) {
    // CryptoError or codec errors for a ciphertext of nobody's, TypeError or RangeError for crafted content.
    return skipped(error instanceof CryptoVerificationError ? 'signature' : 'unreadable');
  }
}

interface ReadProposals {
  readonly kind: 'proposals';
  readonly proposals: readonly Proposal[];
}

/** By value, and of three kinds: by reference one would sweep in what others proposed (protocol §4). */
function readProposals(commit: Commit): ReadProposals | Skipped {
  const proposals: Proposal[] = [];
  for (const each of commit.proposals) {
    if (each.proposalOrRefType !== 'proposal') return skipped('proposal-reference');
    if (!isOurs(each.proposal)) return skipped('proposal-type');
    proposals.push(each.proposal);
  }
  return { kind: 'proposals', proposals };
}

function isOurs({ proposalType }: Proposal): boolean {
  return proposalType === 'add' || proposalType === 'remove' || proposalType === 'group_context_extensions';
}

async function examineAdds(
  proposals: readonly Proposal[],
  serverId: SessionData['serverId'],
): Promise<JudgeRefusal | null> {
  const adds = proposals.filter((each): each is ProposalAdd => each.proposalType === 'add');
  if (adds.length > limits.addsPerCommit) return 'limits';
  for (const { add } of adds) {
    const verdict = await examineKeyPackage(add.keyPackage, serverId);
    if (verdict.kind === 'refused') return 'key-package';
  }
  return null;
}

interface AppliedProposals {
  readonly result: ApplyProposalsResult;
  readonly change: Extract<ApplyProposalsResult['additionalResult'], { kind: 'memberCommit' }>;
}

async function applyAll(mls: ClientState, opened: OpenedContent): Promise<AppliedProposals | null> {
  const committer = toLeafIndex(opened.committer);
  const suite = await loadSuite();
  try {
    const { proposals } = opened.commit;
    const result = await applyProposals(mls, proposals, committer, emptyPskIndex, false, suite);
    const change = result.additionalResult;
    return change.kind === 'memberCommit' ? { result, change } : null;
  } catch {
    // MlsError of several kinds, and TypeError or RangeError on crafted proposals.
    return null;
  }
}

async function describeAdds({ change }: AppliedProposals): Promise<FilledLeaf[]> {
  const { hash } = await loadSuite();
  return Promise.all(
    change.addedLeafNodes.map(async ([index, keyPackage]) => ({
      index,
      keyPackageRef: await makeKeyPackageRef(keyPackage, hash),
      keyPackage: encodeKeyPackage(keyPackage),
    })),
  );
}

interface NextEpoch {
  readonly opened: OpenedContent;
  readonly applied: AppliedProposals;
  readonly tree: RatchetTree;
}

async function nextContext(mls: ClientState, { opened, applied, tree }: NextEpoch): Promise<GroupContext> {
  const { hash } = await loadSuite();
  return nextEpochContext(
    { ...mls.groupContext, extensions: applied.change.extensions ?? mls.groupContext.extensions },
    'mls_private_message',
    opened.content,
    opened.signature,
    await treeHashRoot(tree, hash),
    mls.confirmationTag,
    hash,
  );
}
