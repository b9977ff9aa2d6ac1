import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';
import * as english from '@zxcvbn-ts/language-en';
import { guessTime, type GuessTime } from './guess-time.js';
import { makeFiveWords } from './make-five-words.js';

/** Loaded when a password is first typed: its dictionaries are larger than the rest of the interface. */
const zxcvbn = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
});

/** `own` are words that an adversary tries first: the username, the server's name. */
export function judgePassword(password: string, own: string[]): GuessTime {
  return guessTime(zxcvbn.check(password, own).guesses);
}

/** A phrase of five words from the 7,776 of the diceware list: 64 bits. */
export function fiveWords(): string {
  return makeFiveWords(common.dictionary['diceware-common'], (values) => {
    crypto.getRandomValues(values);
  });
}
