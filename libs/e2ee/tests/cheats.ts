import type { CiphersuiteImpl } from 'ts-mls';
import { loadSuite } from '../src/mls/suite.js';

/*
 * Primitives of a committer who cheats: what such a commit shows to everybody is in order, and only those whom it cheats
 * can find out (RFC 9420 §7.5, §12.4.2).
 */

/** Another key stands in the update path, in place of the one that is exported as the `call`th. */
export async function withPathKey(call: number, key: Uint8Array): Promise<CiphersuiteImpl> {
  const suite = await loadSuite();
  let made = 0;
  return {
    ...suite,
    hpke: {
      ...suite.hpke,
      exportPublicKey: async (publicKey) => {
        made += 1;
        return made === call ? key : suite.hpke.exportPublicKey(publicKey);
      },
    },
  };
}

/** A key that no path secret gives; the first one that is exported goes into the lowest node of the path. */
export async function plantedKey(call = 1): Promise<CiphersuiteImpl> {
  const { hpke } = await loadSuite();
  return withPathKey(call, await hpke.exportPublicKey((await hpke.generateKeyPair()).publicKey));
}

/** The first path secret that is sealed doesn't open. */
export async function spoiltSecret(): Promise<CiphersuiteImpl> {
  const suite = await loadSuite();
  let sealed = 0;
  return {
    ...suite,
    hpke: {
      ...suite.hpke,
      seal: async (key, plaintext, ...rest) => {
        const turn = (sealed += 1);
        const result = await suite.hpke.seal(key, plaintext, ...rest);
        return turn === 1 ? { ...result, ct: new Uint8Array(result.ct.length) } : result;
      },
    },
  };
}

/** The confirmation tag is made up. */
export async function falseTag(): Promise<CiphersuiteImpl> {
  const suite = await loadSuite();
  return { ...suite, hash: { ...suite.hash, mac: () => Promise.resolve(new Uint8Array(48)) } };
}
