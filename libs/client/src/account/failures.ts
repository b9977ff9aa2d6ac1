import type { Problem } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { EngineErrorCode } from '../face.js';
import type { CallResult } from '../transport/transport.js';

/** The value of a call, or the `EngineError` that a person can be told. */
export function valueOrThrow<Value>(result: CallResult<Value>): Value {
  if (result.kind === 'ok') return result.value;
  throw failureOf(result);
}

export function failureOf(result: Exclude<CallResult<unknown>, { kind: 'ok' }>): EngineError {
  if (result.kind === 'unreachable') {
    return new EngineError(result.reason === 'bad-answer' ? 'server-unavailable' : 'offline');
  }
  const { retryAfter } = result.problem;
  return new EngineError(codeOf(result.problem), retryAfter === undefined ? {} : { retryAfter });
}

function codeOf({ code }: Problem): EngineErrorCode {
  switch (code) {
    case 'username-taken':
    case 'wrong-credentials':
    case 'rate-limited':
    case 'protocol-too-old':
      return code;
    case 'unavailable':
    case 'overloaded':
    case 'internal':
      return 'server-unavailable';
    case 'unauthorized':
    case 'session-ended':
      return 'not-signed-in';
    case 'device-not-listed':
      return 'no-store-here';
    default:
      return 'server-refused';
  }
}
