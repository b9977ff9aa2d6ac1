import { createApplicationMessage, encodeMlsMessage } from 'ts-mls';
import { encodeMessageBody, messageHeader, type MessageBody } from '@wisp/protocol';
import { loadSuite } from '../mls/suite.js';
import { openSession, sealSession } from './session-data.js';
import type { HeaderInput, SealedMessage, Session } from './types.js';
import { nextGenerationOf } from './view-group.js';

export interface SealInput {
  readonly header: HeaderInput;
  readonly body: MessageBody;
}

/**
 * A message of this device (RFC 9420 §6.3; protocol §5): the header stands in the authenticated data, the padded body is
 * encrypted under the next generation, which the header names. Store session and bytes together, then send; a retry sends
 * the stored bytes. Throws `CborRefusal` when header or body are none, `too-large` when the body fits no bucket.
 */
export async function sealMessage(session: Session, input: SealInput): Promise<SealedMessage> {
  const data = openSession(session);
  const header = { ...input.header, gen: nextGenerationOf(data.mls) };
  const sealed = await createApplicationMessage(
    data.mls,
    encodeMessageBody(input.body),
    await loadSuite(),
    messageHeader.encode(header),
  );
  const { privateMessage } = sealed;
  return {
    session: sealSession({ ...data, mls: sealed.newState }),
    bytes: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage }),
    header,
  };
}
