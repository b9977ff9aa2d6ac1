import { loadSuite } from './suite.js';

const empty = new Uint8Array();

/**
 * Whether one can encrypt to each of these keys: a member who planted bytes that are none (of a wrong length, or no
 * ML-KEM key by FIPS 203 §7.2) would keep everybody else from committing.
 */
export async function areEncapsulationKeys(keys: readonly Uint8Array[]): Promise<boolean> {
  const { hpke } = await loadSuite();
  for (const key of keys) {
    try {
      await hpke.seal(await hpke.importPublicKey(key), empty, empty);
    } catch {
      // The HPKE library throws errors of several kinds for keys that aren't.
      return false;
    }
  }
  return true;
}
