import { describe, expect, test } from '@jest/globals';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { createPassphrase, PASSPHRASE_BITS } from './create-passphrase.js';
import { createRecoveryKey, parseRecoveryKey } from './recovery-key.js';

// BIP-39's own vector for sixteen bytes of 0x7f.
const legal = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

describe('the recovery key', () => {
  test('is twelve words that read back, another each time', async () => {
    const words = await createRecoveryKey();
    expect(words).toHaveLength(12);
    expect(parseRecoveryKey(words.join(' '))).toEqual({ kind: 'ok', words, secret: words.join(' ') });
    expect(await createRecoveryKey()).not.toEqual(words);
  });

  test.each([
    ['in capitals', legal.toUpperCase()],
    ['with wild spaces', `  ${legal.replaceAll(' ', ' \n\t ')} `],
    ['with commas', legal.replaceAll(' ', ', ')],
    [
      'as a numbered list',
      legal
        .split(' ')
        .map((word, i) => `${i + 1}. ${word}`)
        .join('\n'),
    ],
  ])('is read %s', (_how, typed) => {
    expect(parseRecoveryKey(typed)).toMatchObject({ kind: 'ok', secret: legal });
  });

  test.each([
    ['eleven words', legal.split(' ').slice(1).join(' '), { reason: 'word-count', count: 11 }],
    ['nothing', '', { reason: 'word-count', count: 0 }],
    ['a word that is none of the list', legal.replace('wave', 'wav'), { reason: 'unknown-word', index: 4 }],
    ['two words swapped', legal.replace('thank year', 'year thank'), { reason: 'checksum' }],
    ['another word of the list', legal.replace('wave', 'water'), { reason: 'checksum' }],
  ])('refused: %s', (_what, typed, refusal) => {
    expect(parseRecoveryKey(typed)).toEqual({ kind: 'refused', ...refusal });
  });
});

describe('a generated passphrase', () => {
  test('is five words of the list: 55 bits', async () => {
    const words = (await createPassphrase()).split(' ');
    expect(words).toHaveLength(5);
    expect(words.every((word) => wordlist.includes(word))).toBe(true);
    expect(PASSPHRASE_BITS).toBe(5 * Math.log2(wordlist.length));
  });
});
