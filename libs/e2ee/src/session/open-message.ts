import { emptyPskIndex, processPrivateMessage, type ClientState, type RatchetTree } from 'ts-mls';
import { CryptoVerificationError } from 'ts-mls/mlsError.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import {
  CborRefusal,
  decodeMessageBody,
  equalBytes,
  limits,
  messageHeader,
  type MessageBody,
  type MessageHeader,
} from '@wisp/protocol';
import { decodeOrNull } from '../identity/refused.js';
import { keyRetention } from '../mls/client-config.js';
import { decodeMessage } from '../mls/codec.js';
import { leafAt } from '../mls/leaf.js';
import { loadSuite } from '../mls/suite.js';
import type { MessageRefusal } from './reasons.js';
import { openSession, sealSession } from './session-data.js';
import type { Leaf, MessageEntry, MessageOutcome, Session } from './types.js';

type Failure = Exclude<MessageOutcome, { kind: 'opened' }>;
type Gone = Extract<MessageOutcome, { kind: 'undecryptable' }>['reason'];

const refused = (reason: MessageRefusal): Failure => ({ kind: 'refused', reason });
const undecryptable = (reason: Gone): Failure => ({ kind: 'undecryptable', reason });

/**
 * Opens a message entry (protocol §5). The sender's generation, its device and its counter are checked before any ratchet
 * moves; whatever fails, the given session stays good and nothing is adopted. The author is the leaf's, never the
 * uploader's.
 */
export async function openMessage(
  session: Session,
  bytes: Uint8Array,
  entry: MessageEntry,
): Promise<MessageOutcome> {
  const data = openSession(session);
  const framing = readFraming(data.mls, bytes);
  if (framing.kind !== 'framed') return framing;
  const { message, header } = framing;
  const epoch = epochOf(data.mls, message);
  if (epoch.kind !== 'kept') return epoch;
  const sender = await checkSender(epoch, { message, header, entry });
  if (sender.kind !== 'sender') return sender;
  const opened = await decrypt(data.mls, message);
  if (opened.kind !== 'decrypted') return opened;
  return {
    kind: 'opened',
    author: { userId: sender.leaf.userId, deviceId: sender.leaf.deviceId },
    epoch: Number(message.epoch),
    header,
    body: opened.body,
    session: sealSession({ ...data, mls: opened.state }),
  };
}

type Framing =
  { readonly kind: 'framed'; readonly message: PrivateMessage; readonly header: MessageHeader } | Failure;

function readFraming(mls: ClientState, bytes: Uint8Array): Framing {
  const decoded = bytes.length > limits.messageBytes ? null : decodeMessage(bytes);
  if (decoded === null) return undecryptable('malformed');
  // A commit travels as a commit entry; a standalone proposal or a public message never.
  if (decoded.wireformat !== 'mls_private_message') return refused('not-a-message');
  const message = decoded.privateMessage;
  if (message.contentType !== 'application') return refused('not-a-message');
  if (!equalBytes(message.groupId, mls.groupContext.groupId)) return undecryptable('not-ours');
  const header = decodeOrNull(messageHeader, message.authenticatedData);
  return header === null ? refused('header-malformed') : { kind: 'framed', message, header };
}

interface KeptEpoch {
  readonly kind: 'kept';
  readonly tree: RatchetTree;
  readonly senderDataSecret: Uint8Array;
  /** The generation that the sender at this leaf has reached. */
  reached(leaf: number): number;
}

function epochOf(mls: ClientState, { epoch }: PrivateMessage): KeptEpoch | Failure {
  if (epoch > mls.groupContext.epoch) return undecryptable('future-epoch');
  const past = mls.historicalReceiverData.get(epoch);
  if (epoch < mls.groupContext.epoch && past === undefined) return undecryptable('epoch-gone');
  const { secretTree, ratchetTree } = past ?? mls;
  const { senderDataSecret } = past ?? mls.keySchedule;
  const reached = (leaf: number): number => secretTree[2 * leaf]?.application.generation ?? 0;
  return { kind: 'kept', tree: ratchetTree, senderDataSecret, reached };
}

interface ReadMessage {
  readonly message: PrivateMessage;
  readonly header: MessageHeader;
  readonly entry: MessageEntry;
}

type SenderCheck = { readonly kind: 'sender'; readonly leaf: Leaf } | Failure;

/** All that can be known before a key is derived: MLS doesn't sign the generation, so an insider could move it. */
async function checkSender(epoch: KeptEpoch, { message, header, entry }: ReadMessage): Promise<SenderCheck> {
  const sender = await readSenderData(epoch, message);
  if (sender === null) return undecryptable('malformed');
  const leaf = leafAt(epoch.tree, sender.leafIndex);
  if (leaf?.deviceId !== entry.uploader) return refused('uploader');
  if (sender.generation !== header.gen) return refused('generation');
  if (header.n <= entry.lastN) return refused('counter');
  const reached = epoch.reached(leaf.index);
  if (header.gen < reached) return undecryptable('key-gone');
  if (header.gen - reached > keyRetention.maximumForwardRatchetSteps) return refused('generation');
  return { kind: 'sender', leaf };
}

async function readSenderData(
  epoch: KeptEpoch,
  message: PrivateMessage,
): Promise<{ leafIndex: number; generation: number } | null> {
  try {
    return (await decryptSenderData(message, epoch.senderDataSecret, await loadSuite())) ?? null;
  } catch {
    // CryptoError, or a codec's error on crafted bytes: nobody of this group sealed it.
    return null;
  }
}

type Decryption =
  { readonly kind: 'decrypted'; readonly body: MessageBody; readonly state: ClientState } | Failure;

async function decrypt(mls: ClientState, message: PrivateMessage): Promise<Decryption> {
  const result = await decryptContent(mls, message);
  if (result.kind !== 'content') return result;
  try {
    return { kind: 'decrypted', body: decodeMessageBody(result.content), state: result.state };
  } catch (error) {
    if (error instanceof CborRefusal) return refused('body-malformed');
    throw error;
  }
}

type Content =
  { readonly kind: 'content'; readonly content: Uint8Array; readonly state: ClientState } | Failure;

async function decryptContent(mls: ClientState, message: PrivateMessage): Promise<Content> {
  try {
    const result = await processPrivateMessage(
      mls,
      message,
      emptyPskIndex,
      await loadSuite(),
      () => 'reject',
    );
    if (result.kind !== 'applicationMessage') return refused('not-a-message');
    return { kind: 'content', content: result.message, state: result.newState };
  } catch (error) {
    return error instanceof CryptoVerificationError ? refused('signature') : undecryptable('malformed');
  }
}
