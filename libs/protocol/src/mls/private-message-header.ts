import { MlsReader } from './mls-reader.js';
import { MlsRefusal } from './refusal.js';

export { MlsRefusal, type MlsRefusalCode } from './refusal.js';

export type MlsContentType = 'application' | 'proposal' | 'commit';

/** What a PrivateMessage (RFC 9420 §6.3) shows to those who can't open it. */
export interface PrivateMessageHeader {
  groupId: Uint8Array;
  epoch: bigint;
  contentType: MlsContentType;
  authenticatedData: Uint8Array;
  encryptedSenderData: Uint8Array;
  ciphertextLength: number;
}

const VERSION_MLS10 = 1;
const WIRE_FORMAT_PRIVATE_MESSAGE = 2;
/** RFC 9420 §6: 0 is reserved. */
const contentTypes: readonly (MlsContentType | undefined)[] = [
  undefined,
  'application',
  'proposal',
  'commit',
];

/**
 * Reads an MLSMessage (RFC 9420 §6) that has to be a PrivateMessage of protocol version mls10, whole, with nothing
 * behind it. Throws `MlsRefusal` and nothing else. The parts are views of `message`.
 */
export function readPrivateMessageHeader(message: Uint8Array): PrivateMessageHeader {
  const reader = new MlsReader(message);
  if (reader.uint16() !== VERSION_MLS10) throw new MlsRefusal('unknown-version');
  if (reader.uint16() !== WIRE_FORMAT_PRIVATE_MESSAGE) throw new MlsRefusal('not-private-message');
  const groupId = reader.vector();
  const epoch = reader.uint64();
  const contentType = contentTypes[reader.uint8()];
  if (contentType === undefined) throw new MlsRefusal('unknown-content-type');
  const authenticatedData = reader.vector();
  const encryptedSenderData = reader.vector();
  const ciphertextLength = reader.vector().length;
  reader.end();
  return { groupId, epoch, contentType, authenticatedData, encryptedSenderData, ciphertextLength };
}
