import { sha256 } from '@noble/hashes/sha2.js';
import type { LeafNode, RatchetTree } from 'ts-mls';
import { encodeLeafNode } from 'ts-mls/leafNode.js';
import { deviceCertificate, type DeviceId, type ServerId, type UserId } from '@wisp/protocol';
import { verifyDeviceCertificate } from '../identity/device-certificate.js';
import { decodeOrNull } from '../identity/refused.js';
import type { Leaf } from '../session/types.js';
import { suffices } from './capabilities.js';
import { SUITE } from './suite.js';

export type LeafRefusal = 'leaf-credential' | 'leaf-certificate' | 'leaf-extensions' | 'capabilities';

export type LeafVerdict =
  | { readonly kind: 'ok'; readonly userId: UserId; readonly deviceId: DeviceId }
  | { readonly kind: 'refused'; readonly reason: LeafRefusal };

/** Whether a leaf (RFC 9420 §7.2) is one of ours: certified, able, and without extensions of its own. */
export async function checkLeaf(leaf: LeafNode, serverId: ServerId): Promise<LeafVerdict> {
  if (leaf.credential.credentialType !== 'basic') return { kind: 'refused', reason: 'leaf-credential' };
  const verdict = await verifyDeviceCertificate(leaf.credential.identity, {
    serverId,
    leafSignatureKey: leaf.signaturePublicKey,
    suite: SUITE,
  });
  if (verdict.kind === 'refused') return { kind: 'refused', reason: 'leaf-certificate' };
  if (!suffices(leaf.capabilities)) return { kind: 'refused', reason: 'capabilities' };
  if (leaf.extensions.length > 0) return { kind: 'refused', reason: 'leaf-extensions' };
  return { kind: 'ok', userId: verdict.userId, deviceId: verdict.deviceId };
}

/** The leaf at `index`, or null where it is blank or holds no certificate of ours. It doesn't verify the certificate. */
export function leafAt(tree: RatchetTree, index: number): Leaf | null {
  const node = tree[2 * index];
  return node?.nodeType === 'leaf' ? describeLeaf(node.leaf, index) : null;
}

export function describeLeaf(leaf: LeafNode, index: number): Leaf | null {
  if (leaf.credential.credentialType !== 'basic') return null;
  const certificate = decodeOrNull(deviceCertificate, leaf.credential.identity);
  if (certificate === null) return null;
  return {
    index,
    userId: certificate.userId,
    deviceId: certificate.deviceId,
    signatureKey: leaf.signaturePublicKey,
    hash: sha256(encodeLeafNode(leaf)),
  };
}

/** All filled leaves by index; null when one of them holds no certificate of ours. */
export function describeLeaves(tree: RatchetTree): Leaf[] | null {
  const leaves: Leaf[] = [];
  for (let at = 0; at < tree.length; at += 2) {
    if (tree[at] === undefined) continue;
    const leaf = leafAt(tree, at / 2);
    if (leaf === null) return null;
    leaves.push(leaf);
  }
  return leaves;
}
