import { isStringKey, t } from '../strings/index.js';
import { EngineFailure, type FailureCode } from '../worker/reach-engine.js';

export function codeOf(error: unknown): FailureCode {
  return error instanceof EngineFailure ? error.code : 'unknown';
}

/** What a person is told when a command failed. */
export function wordsFor(error: unknown): string {
  const key = `error.${codeOf(error)}`;
  return isStringKey(key) ? t(key) : t('error.unknown');
}
