import { wordlist } from '@scure/bip39/wordlists/english.js';
import { loadSodium } from '../sodium/load-sodium.js';

const WORD_COUNT = 5;

/** The entropy of a generated passphrase: five of 2048 words, 11 bits each. */
export const PASSPHRASE_BITS = WORD_COUNT * 11;

/** Five random words of the BIP-39 English list with spaces between: 55 bits, uniform. */
export async function createPassphrase(): Promise<string> {
  const sodium = await loadSodium();
  const words = Array.from(
    { length: WORD_COUNT },
    () => wordlist[sodium.randombytes_uniform(wordlist.length)],
  );
  return words.join(' ');
}
