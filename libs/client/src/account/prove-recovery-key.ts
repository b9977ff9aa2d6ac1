import { EngineError } from '../engine-error.js';
import type { Store } from '../store/store.js';
import { readAccount, removeAccount, type UnprovenRecord } from './account-records.js';

export async function readUnproven(store: Store): Promise<UnprovenRecord> {
  const unproven = await readAccount(store, 'unproven');
  if (!unproven) throw new EngineError('not-allowed');
  return unproven;
}

/** The words leave this device once all that were asked for came back right. */
export async function proveRecoveryKey(
  store: Store,
  answers: readonly { index: number; word: string }[],
): Promise<void> {
  const { words, questions } = await readUnproven(store);
  const right = questions.every((index) => {
    const answer = answers.find((other) => other.index === index);
    return answer !== undefined && answer.word.trim().toLowerCase() === words[index];
  });
  if (!right) throw new EngineError('wrong-word');
  await store.commit([removeAccount('unproven')]);
}
