import { uuidToBytes, type DeviceId } from '@wisp/protocol';

const LABEL = 'wisp/store-guard/1';

/**
 * What opens this device's store while its owner is signed out: HKDF-SHA-256 (RFC 5869) of the keep key, 32 bytes.
 * See store/README.md.
 */
export async function storeGuard(keepKey: Uint8Array, device: DeviceId): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new Uint8Array(keepKey), 'HKDF', false, ['deriveBits']);
  const algorithm = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(uuidToBytes(device)),
    info: new TextEncoder().encode(LABEL),
  };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, 256));
}
