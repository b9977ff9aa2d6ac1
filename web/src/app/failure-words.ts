import { isStringKey, t } from '../strings/index.js';
import { EngineFailure, type FailureCode } from '../worker/reach-engine.js';

export function codeOf(error: unknown): FailureCode {
  return error instanceof EngineFailure ? error.code : 'unknown';
}

/** What a person is told when a command failed. */
export function wordsFor(error: unknown): string {
  const code = codeOf(error);
  // Nothing came back, but this device has a network: then it is the server that is away.
  const key = `error.${code === 'offline' && navigator.onLine ? 'server-unavailable' : code}`;
  return isStringKey(key) ? t(key) : t('error.unknown');
}
