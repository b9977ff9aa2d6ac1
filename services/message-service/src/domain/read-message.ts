import { CborRefusal, MlsRefusal, limits, readMessageHeader, type ConversationId } from '@wisp/protocol';
import type { Caller, NewMessage } from './log.js';

export type ReadMessageResult =
  | { readonly kind: 'message'; readonly message: NewMessage }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-large' };

/**
 * A message as its uploader sent it. What the log must know stands in the authenticated data and nowhere else, so
 * there is nothing that could contradict it.
 */
export function readMessage(
  uploaded: Caller & { readonly conversation: ConversationId; readonly body: string },
): ReadMessageResult {
  const body = decodeBody(uploaded.body);
  if (body === undefined) return { kind: 'malformed' };
  if (body.length > limits.messageBytes) return { kind: 'too-large' };
  try {
    const { n, lastCommitSeq, mode, ttl } = readMessageHeader(body).header;
    // The conversation's creation is commit 1: nobody can have written before it.
    if (lastCommitSeq < 1) return { kind: 'malformed' };
    const { user, device, conversation } = uploaded;
    return { kind: 'message', message: { user, device, conversation, n, lastCommitSeq, mode, ttl, body } };
  } catch (error) {
    if (error instanceof MlsRefusal || error instanceof CborRefusal) return { kind: 'malformed' };
    throw error;
  }
}

const lastOfTwo = /[AQgw]$/;
const lastOfThree = /[AEIMQUYcgkosw048]$/;

/** The text is passed on as it came, and receivers decode strictly: the last character's spare bits must be zero. */
function decodeBody(text: string): Buffer | undefined {
  const rest = text.length % 4;
  const sound = rest === 0 || (rest === 2 && lastOfTwo.test(text)) || (rest === 3 && lastOfThree.test(text));
  return sound ? Buffer.from(text, 'base64url') : undefined;
}
