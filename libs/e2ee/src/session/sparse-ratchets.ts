import type { RatchetTree, SecretTree, SecretTreeNode } from 'ts-mls';
import { decodeUint32, uint32Encoder } from 'ts-mls/codec/number.js';
import { mapDecoders } from 'ts-mls/codec/tlsDecoder.js';
import { contramapBufferEncoders } from 'ts-mls/codec/tlsEncoder.js';
import { decodeVarLenType, varLenTypeEncoder } from 'ts-mls/codec/variableLength.js';
import { decodeSecretTreeNode, secretTreeNodeEncoder } from 'ts-mls/secretTree.js';

/** The ratchets of filled leaves by node index. The library makes some for inner and blank nodes too, which nobody uses. */
export type SparseRatchets = (readonly [number, SecretTreeNode])[];

const entryEncoder = contramapBufferEncoders(
  [uint32Encoder, secretTreeNodeEncoder],
  ([index, node]: readonly [number, SecretTreeNode]): [number, SecretTreeNode] => [index, node],
);
export const sparseEncoder = varLenTypeEncoder(entryEncoder);
export const decodeSparse = decodeVarLenType(
  mapDecoders([decodeUint32, decodeSecretTreeNode], (index, node) => [index, node] as const),
);

export function sparseRatchets(secrets: SecretTree, tree: RatchetTree): SparseRatchets {
  return [...secrets.entries()].filter(([index]) => tree[index]?.nodeType === 'leaf');
}

/** A whole secret tree again; what was left out holds no secrets. */
export function restoreRatchets(sparse: SparseRatchets, tree: RatchetTree): SecretTree {
  const gone = { secret: new Uint8Array(), generation: 0, unusedGenerations: {} };
  const restored: SecretTree = tree.map(() => ({ handshake: gone, application: gone }));
  for (const [index, node] of sparse) {
    if (tree[index]?.nodeType !== 'leaf') throw new Error('a ratchet without its leaf');
    restored[index] = node;
  }
  return restored;
}
