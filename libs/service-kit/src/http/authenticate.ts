import { unreachable, type HttpOperation } from '@wisp/protocol';
import type { Request } from 'express';
import type { TokenVerifier } from '../tokens/create-token-verifier.js';
import { refuse, type Caller, type Refusal } from './route.js';

export type Authenticated = { readonly kind: 'caller'; readonly caller: Caller | undefined } | Refusal;

/** Who calls, by the bearer token (RFC 6750), as far as the operation asks. */
export async function authenticate(
  operation: HttpOperation,
  request: Request,
  verifier: TokenVerifier,
): Promise<Authenticated> {
  switch (operation.auth) {
    case 'none':
    case 'cookie':
      return { kind: 'caller', caller: undefined };
    case 'account':
    case 'device':
      break;
    default:
      return unreachable(operation.auth);
  }
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return refuse('unauthorized');
  const verdict = await verifier.verify(token);
  switch (verdict.kind) {
    case 'invalid':
      return refuse('unauthorized');
    case 'revoked':
      return refuse('session-ended');
    case 'unavailable':
      return refuse('unavailable', { retryAfter: 1 });
    case 'valid': {
      const { sub: user, sid: session, dev: device, exp } = verdict.claims;
      if (operation.auth === 'device' && device === undefined) return refuse('device-not-listed');
      return {
        kind: 'caller',
        caller: { user, session, until: exp * 1_000, ...(device !== undefined && { device }) },
      };
    }
    default:
      return unreachable(verdict);
  }
}
