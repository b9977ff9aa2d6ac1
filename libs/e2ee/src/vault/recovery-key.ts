import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { refused, type Refused } from '../identity/refused.js';
import { loadSodium } from '../sodium/load-sodium.js';

const ENTROPY_BYTES = 16;
const WORD_COUNT = 12;

/** 128 random bits as 12 words with a checksum of 4 bits (BIP-39, English list). */
export async function createRecoveryKey(): Promise<string[]> {
  const sodium = await loadSodium();
  return entropyToMnemonic(sodium.randombytes_buf(ENTROPY_BYTES), wordlist).split(' ');
}

export type RecoveryKeyVerdict =
  | {
      readonly kind: 'ok';
      readonly words: string[];
      /** What `stretchSecret` takes: the words with one space between. */
      readonly secret: string;
    }
  | (Refused<'word-count'> & { readonly count: number })
  /** `index` from 0. */
  | (Refused<'unknown-word'> & { readonly index: number })
  /** All are words of the list, but one is wrong or two are swapped. */
  | Refused<'checksum'>;

/** Reads typed words: any case, spaces, line breaks, commas and list numbers between them. */
export function parseRecoveryKey(text: string): RecoveryKeyVerdict {
  const words = text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[\s,;]+/u)
    .map((word) => word.replace(/^\d+[.)]?/u, ''))
    .filter((word) => word !== '');
  if (words.length !== WORD_COUNT) return { ...refused('word-count'), count: words.length };
  const index = words.findIndex((word) => !wordlist.includes(word));
  if (index !== -1) return { ...refused('unknown-word'), index };
  const secret = words.join(' ');
  try {
    mnemonicToEntropy(secret, wordlist);
  } catch {
    return refused('checksum');
  }
  return { kind: 'ok', words, secret };
}
