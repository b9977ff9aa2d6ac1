import type { PrivateKeyPackage } from 'ts-mls';
import { mapDecoders } from 'ts-mls/codec/tlsDecoder.js';
import { contramapBufferEncoders, encode } from 'ts-mls/codec/tlsEncoder.js';
import { decodeVarLenData, varLenDataEncoder } from 'ts-mls/codec/variableLength.js';
import { decodeWhole } from '../mls/codec.js';

/** The private halves of a KeyPackage's init key and leaf key; the signature key is the device's. */
export type KeyPackageSecrets = Pick<PrivateKeyPackage, 'initPrivateKey' | 'hpkePrivateKey'>;

export const encodeKeyPackageSecrets = encode(
  contramapBufferEncoders(
    [varLenDataEncoder, varLenDataEncoder],
    (secrets: KeyPackageSecrets): [Uint8Array, Uint8Array] => [
      secrets.initPrivateKey,
      secrets.hpkePrivateKey,
    ],
  ),
);

const decoder = mapDecoders([decodeVarLenData, decodeVarLenData], (initPrivateKey, hpkePrivateKey) => ({
  initPrivateKey,
  hpkePrivateKey,
}));

/** Throws when the store's bytes are damaged. */
export function decodeKeyPackageSecrets(bytes: Uint8Array): KeyPackageSecrets {
  const secrets = decodeWhole(decoder, bytes);
  if (secrets === null) throw new Error('damaged KeyPackage secrets');
  return secrets;
}
