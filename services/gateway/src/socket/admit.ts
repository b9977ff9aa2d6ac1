import {
  handshake,
  OLDEST_PROTOCOL_VERSION,
  type DeviceId,
  type ErrorAck,
  type ProblemCode,
  type TokenClaims,
} from '@wisp/protocol';
import type { TokenVerifier } from '@wisp/service-kit';
import type { SocketData } from './connected-socket.js';

const RETRY_AFTER_S = 2;

export type Admission = { kind: 'admitted'; data: SocketData } | { kind: 'refused'; error: ErrorAck };

/** Reads and judges the handshake of a new socket. */
export async function admitSocket(
  parts: { verifier: TokenVerifier; isOpen: () => boolean; takePlace: () => boolean },
  auth: unknown,
): Promise<Admission> {
  if (!parts.isOpen() || !parts.takePlace()) return refused('overloaded', { retryAfter: RETRY_AFTER_S });
  const parsed = handshake.safeParse(auth);
  if (!parsed.success)
    return refused('malformed', { field: parsed.error.issues[0]?.path.join('.') || '(root)' });
  if (parsed.data.protocol < OLDEST_PROTOCOL_VERSION) return refused('protocol-too-old');
  const verdict = await parts.verifier.verify(parsed.data.token);
  switch (verdict.kind) {
    case 'invalid':
      return refused('unauthorized');
    case 'revoked':
      return refused('session-ended');
    case 'unavailable':
      return refused('unavailable', { retryAfter: RETRY_AFTER_S });
    case 'valid': {
      const { claims } = verdict;
      if (!hasDevice(claims)) return refused('device-not-listed');
      return { kind: 'admitted', data: newSocketData(claims, parsed.data.since) };
    }
  }
}

export function hasDevice(claims: TokenClaims): claims is TokenClaims & { dev: DeviceId } {
  return claims.dev !== undefined;
}

function newSocketData(claims: SocketData['claims'], since: string | undefined): SocketData {
  return {
    claims,
    since,
    tokenEnds: undefined,
    isLagging: false,
    appending: new Set(),
    unacknowledged: { messages: 0, bytes: 0 },
    watching: null,
  };
}

function refused(code: ProblemCode, more: Omit<ErrorAck, 'code'> = {}): Admission {
  return { kind: 'refused', error: { code, ...more } };
}
