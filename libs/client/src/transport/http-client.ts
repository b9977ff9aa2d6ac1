import type { HttpOperation, ResponseOf } from '@wisp/protocol';
import type { AccessTokens } from './access-tokens.js';
import { sendRequest, type Line, type RequestParts } from './send-request.js';
import type { CallResult, HttpClient } from './transport.js';

export function httpClient(line: Line, tokens: AccessTokens): HttpClient {
  async function callWithToken<Operation extends HttpOperation>(
    operation: Operation,
    parts: RequestParts,
  ): Promise<{ result: CallResult<ResponseOf<Operation>>; refusedToken: boolean }> {
    const session = await tokens.fresh();
    if (session.kind !== 'ok') return { result: session, refusedToken: false };
    const { token } = session.value;
    const result = await sendRequest(line, operation, { ...parts, token });
    const refusedToken = isRefusedToken(result);
    if (refusedToken) tokens.discard(token);
    return { result, refusedToken };
  }

  return {
    async call(operation, input) {
      const parts: RequestParts = input;
      if (operation.auth === 'none' || operation.auth === 'cookie') {
        return sendRequest(line, operation, parts);
      }
      const first = await callWithToken(operation, parts);
      // A refused token did nothing, so asking again with a new one is safe.
      return first.refusedToken ? (await callWithToken(operation, parts)).result : first.result;
    },
  };
}

/** Whether the session has ended too only auth-service knows: it is asked for a new token. */
function isRefusedToken(result: CallResult<unknown>): boolean {
  if (result.kind !== 'problem') return false;
  return result.problem.code === 'unauthorized' || result.problem.code === 'session-ended';
}
