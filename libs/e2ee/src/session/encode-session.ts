import type { EpochReceiverData, GroupContext, RatchetTree } from 'ts-mls';
import { decodeUint64, decodeUint8, uint64Encoder, uint8Encoder } from 'ts-mls/codec/number.js';
import { mapDecoders } from 'ts-mls/codec/tlsDecoder.js';
import { contramapBufferEncoders, encode } from 'ts-mls/codec/tlsEncoder.js';
import {
  decodeVarLenData,
  decodeVarLenType,
  varLenDataEncoder,
  varLenTypeEncoder,
} from 'ts-mls/codec/variableLength.js';
import { decodeGroupContext, groupContextEncoder } from 'ts-mls/groupContext.js';
import { decodeKeySchedule, keyScheduleEncoder, type KeySchedule } from 'ts-mls/keySchedule.js';
import { decodePrivateKeyPath, privateKeyPathEncoder, type PrivateKeyPath } from 'ts-mls/privateKeyPath.js';
import { decodeRatchetTree, ratchetTreeEncoder } from 'ts-mls/ratchetTree.js';
import { encodeBase64url, uuidFromBytes, uuidToBytes, type ServerId } from '@wisp/protocol';
import { clientConfigOf } from '../mls/client-config.js';
import { decodeWhole } from '../mls/codec.js';
import {
  decodeSparse,
  restoreRatchets,
  sparseEncoder,
  sparseRatchets,
  type SparseRatchets,
} from './sparse-ratchets.js';
import { openSession, sealSession, type EpochEnd } from './session-data.js';
import type { EncodedSession, Session } from './types.js';

/*
 * Two parts, since a message moves only the small one: `tree` is public within the group and changes with the epochs
 * that are kept, `rest` holds the secrets. Each begins with the number of this format.
 */
const FORMAT = 1;

interface ContextAndTree {
  readonly context: GroupContext;
  readonly tree: RatchetTree;
}

interface TreePart extends ContextAndTree {
  readonly format: number;
  readonly past: ContextAndTree[];
}

interface PastSecrets {
  readonly epoch: bigint;
  readonly endedAt: bigint;
  readonly ratchets: SparseRatchets;
  readonly senderDataSecret: Uint8Array;
  readonly resumptionPsk: Uint8Array;
}

interface RestPart {
  readonly format: number;
  readonly treeId: string;
  readonly serverId: ServerId;
  readonly keySchedule: KeySchedule;
  readonly ratchets: SparseRatchets;
  readonly privatePath: PrivateKeyPath;
  readonly signatureKey: Uint8Array;
  readonly confirmationTag: Uint8Array;
  readonly past: PastSecrets[];
}

const contextAndTree = contramapBufferEncoders<[GroupContext, RatchetTree], ContextAndTree>(
  [groupContextEncoder, ratchetTreeEncoder],
  ({ context, tree }) => [context, tree],
);
const decodeContextAndTree = mapDecoders([decodeGroupContext, decodeRatchetTree], (context, tree) => ({
  context,
  tree,
}));

const encodeTreePart = encode(
  contramapBufferEncoders<[number, ContextAndTree, ContextAndTree[]], TreePart>(
    [uint8Encoder, contextAndTree, varLenTypeEncoder(contextAndTree)],
    (part) => [part.format, part, part.past],
  ),
);
const decodeTreePart = mapDecoders(
  [decodeUint8, decodeContextAndTree, decodeVarLenType(decodeContextAndTree)],
  (format, current, past): TreePart => ({ format, ...current, past }),
);

const pastEncoder = contramapBufferEncoders<
  [bigint, bigint, SparseRatchets, Uint8Array, Uint8Array],
  PastSecrets
>([uint64Encoder, uint64Encoder, sparseEncoder, varLenDataEncoder, varLenDataEncoder], (past) => [
  past.epoch,
  past.endedAt,
  past.ratchets,
  past.senderDataSecret,
  past.resumptionPsk,
]);
const decodePast = mapDecoders(
  [decodeUint64, decodeUint64, decodeSparse, decodeVarLenData, decodeVarLenData],
  (...[epoch, endedAt, ratchets, senderDataSecret, resumptionPsk]): PastSecrets => ({
    epoch,
    endedAt,
    ratchets,
    senderDataSecret,
    resumptionPsk,
  }),
);

const text = new TextEncoder();

type RestFields = [
  number,
  Uint8Array,
  Uint8Array,
  KeySchedule,
  SparseRatchets,
  PrivateKeyPath,
  Uint8Array,
  Uint8Array,
  PastSecrets[],
];

const encodeRestPart = encode(
  contramapBufferEncoders<RestFields, RestPart>(
    [
      uint8Encoder,
      varLenDataEncoder,
      varLenDataEncoder,
      keyScheduleEncoder,
      sparseEncoder,
      privateKeyPathEncoder,
      varLenDataEncoder,
      varLenDataEncoder,
      varLenTypeEncoder(pastEncoder),
    ],
    (part) => [
      part.format,
      text.encode(part.treeId),
      uuidToBytes(part.serverId),
      part.keySchedule,
      part.ratchets,
      part.privatePath,
      part.signatureKey,
      part.confirmationTag,
      part.past,
    ],
  ),
);
const decodeRestPart = mapDecoders(
  [
    decodeUint8,
    decodeVarLenData,
    decodeVarLenData,
    decodeKeySchedule,
    decodeSparse,
    decodePrivateKeyPath,
    decodeVarLenData,
    decodeVarLenData,
    decodeVarLenType(decodePast),
  ],
  (
    ...[format, treeId, server, keySchedule, ratchets, privatePath, signatureKey, confirmationTag, past]
  ): RestPart => ({
    format,
    treeId: new TextDecoder().decode(treeId),
    serverId: uuidFromBytes<ServerId>(server),
    keySchedule,
    ratchets,
    privatePath,
    signatureKey,
    confirmationTag,
    past,
  }),
);

/** Stored together: `tree` whenever `treeId` has changed, `rest` always, in one transaction. */
export function encodeSession(session: Session): EncodedSession {
  const { mls, serverId, ends } = openSession(session);
  const pastEpochs = [...mls.historicalReceiverData];
  const treePart: TreePart = {
    format: FORMAT,
    context: mls.groupContext,
    tree: mls.ratchetTree,
    past: pastEpochs.map(([, past]) => ({ context: past.groupContext, tree: past.ratchetTree })),
  };
  const treeId = nameTree(treePart);
  const rest = encodeRestPart({
    format: FORMAT,
    treeId,
    serverId,
    keySchedule: mls.keySchedule,
    ratchets: sparseRatchets(mls.secretTree, mls.ratchetTree),
    privatePath: mls.privatePath,
    signatureKey: mls.signaturePrivateKey,
    confirmationTag: mls.confirmationTag,
    past: pastEpochs.map(([epoch, past]) => ({
      epoch,
      endedAt: BigInt(endOf(ends, epoch)),
      ratchets: sparseRatchets(past.secretTree, past.ratchetTree),
      senderDataSecret: past.senderDataSecret,
      resumptionPsk: past.resumptionPsk,
    })),
  });
  return { treeId, tree: encodeTreePart(treePart), rest };
}

/** Throws when the parts are damaged, cut short, or not of one moment: never go on with such a store. */
export function decodeSession(encoded: Pick<EncodedSession, 'tree' | 'rest'>): Session {
  const tree = decodeWhole(decodeTreePart, encoded.tree);
  const rest = decodeWhole(decodeRestPart, encoded.rest);
  if (tree === null || rest === null) throw new Error('damaged session');
  if (tree.format !== FORMAT || rest.format !== FORMAT) throw new Error('a session of another format');
  if (nameTree(tree) !== rest.treeId) throw new Error('a session in two parts of different epochs');
  const past = rest.past.map((secrets, index): [bigint, EpochReceiverData] => {
    const view = tree.past[index];
    if (view?.context.epoch !== secrets.epoch) throw new Error('a session with odd past epochs');
    return [
      secrets.epoch,
      {
        groupContext: view.context,
        ratchetTree: view.tree,
        secretTree: restoreRatchets(secrets.ratchets, view.tree),
        senderDataSecret: secrets.senderDataSecret,
        resumptionPsk: secrets.resumptionPsk,
      },
    ];
  });
  return sealSession({
    serverId: rest.serverId,
    ends: rest.past.map(({ epoch, endedAt }) => ({ epoch: Number(epoch), at: Number(endedAt) })),
    mls: {
      groupContext: tree.context,
      ratchetTree: tree.tree,
      keySchedule: rest.keySchedule,
      secretTree: restoreRatchets(rest.ratchets, tree.tree),
      privatePath: rest.privatePath,
      signaturePrivateKey: rest.signatureKey,
      confirmationTag: rest.confirmationTag,
      unappliedProposals: {},
      historicalReceiverData: new Map(past),
      groupActiveState: { kind: 'active' },
      clientConfig: clientConfigOf(rest.serverId),
    },
  });
}

function nameTree({ context, past }: Pick<TreePart, 'context' | 'past'>): string {
  const epochs = [context, ...past.map((each) => each.context)].map((each) => each.epoch.toString());
  return [encodeBase64url(context.groupId), ...epochs].join('.');
}

function endOf(ends: readonly EpochEnd[], epoch: bigint): number {
  const end = ends.find((each) => BigInt(each.epoch) === epoch);
  if (end === undefined) throw new Error('a past epoch without its end');
  return end.at;
}
