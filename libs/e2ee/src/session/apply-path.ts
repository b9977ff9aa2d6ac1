import type { ClientState, RatchetTree, UpdatePath } from 'ts-mls';
import {
  validateLeafNodeCredentialAndKeyUniqueness,
  validateLeafNodeUpdateOrCommit,
  type ApplyProposalsResult,
} from 'ts-mls/clientState.js';
import { filteredDirectPathAndCopathResolution } from 'ts-mls/ratchetTree.js';
import { leafToNodeIndex, toLeafIndex } from 'ts-mls/treemath.js';
import { applyUpdatePath } from 'ts-mls/updatePath.js';
import { encodeBase64url, type ServerId } from '@wisp/protocol';
import { areEncapsulationKeys } from '../mls/encapsulation-keys.js';
import { checkLeaf } from '../mls/leaf.js';
import { loadSuite } from '../mls/suite.js';
import type { JudgeRefusal, SkipReason } from './reasons.js';

export interface PathInput {
  readonly serverId: ServerId;
  readonly applied: ApplyProposalsResult;
  readonly path: UpdatePath | undefined;
  readonly committer: number;
}

export type AppliedPath =
  | { readonly kind: 'applied'; readonly tree: RatchetTree }
  | { readonly kind: 'refused'; readonly reason: SkipReason | JudgeRefusal };

const malformedPath: AppliedPath = { kind: 'refused', reason: 'update-path' };

/** The public half of an update path (RFC 9420 §7.5, §7.6): its leaf, its shape, its keys, its parent hashes. */
export async function applyPath(mls: ClientState, input: PathInput): Promise<AppliedPath> {
  const { serverId, applied, path } = input;
  if (path === undefined)
    return applied.needsUpdatePath ? malformedPath : { kind: 'applied', tree: applied.tree };
  const committer = toLeafIndex(input.committer);
  const leaf = await checkLeaf(path.leafNode, serverId);
  if (leaf.kind === 'refused') return leaf;
  const suite = await loadSuite();
  const { groupContext, clientConfig } = mls;
  const invalid =
    (await validateLeafNodeUpdateOrCommit(
      path.leafNode,
      committer,
      groupContext,
      clientConfig.authService,
      suite.signature,
    )) ?? (await validateLeafNodeCredentialAndKeyUniqueness(applied.tree, path.leafNode, committer));
  if (invalid !== undefined || !hasItsShape(input, path)) return malformedPath;
  const keys = [path.leafNode.hpkePublicKey, ...path.nodes.map((node) => node.hpkePublicKey)];
  if (!(await areEncapsulationKeys(keys))) return malformedPath;
  try {
    return { kind: 'applied', tree: await applyUpdatePath(applied.tree, committer, path, suite.hash) };
  } catch {
    // MlsError, or whatever a crafted path makes the tree arithmetic throw.
    return malformedPath;
  }
}

/** One node per filtered ancestor, one ciphertext per node that hears of it; else some members can't follow. */
function hasItsShape({ applied, committer }: PathInput, path: UpdatePath): boolean {
  const { additionalResult, tree } = applied;
  const added = additionalResult.kind === 'memberCommit' ? additionalResult.addedLeafNodes : [];
  const newcomers = new Set<number>(added.map(([index]) => leafToNodeIndex(index)));
  const filtered = filteredDirectPathAndCopathResolution(toLeafIndex(committer), tree);
  return (
    path.nodes.length === filtered.length &&
    filtered.every(({ resolution }, at) => {
      const listeners = resolution.filter((index) => !newcomers.has(index));
      return path.nodes[at]?.encryptedPathSecret.length === listeners.length;
    })
  );
}

/** RFC 9420 §7.3 asks it of every tree: with a key twice nobody could join any more. */
export function areKeysUnique(tree: RatchetTree): boolean {
  const encryption = tree.flatMap((node) => {
    if (node === undefined) return [];
    return [encodeBase64url(node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey)];
  });
  const signing = tree.flatMap((node) =>
    node?.nodeType === 'leaf' ? [encodeBase64url(node.leaf.signaturePublicKey)] : [],
  );
  return new Set(encryption).size === encryption.length && new Set(signing).size === signing.length;
}
