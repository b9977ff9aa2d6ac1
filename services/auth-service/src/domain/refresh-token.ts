import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeBase64url, encodeBase64url, uuidFromBytes, uuidToBytes, type SessionId } from '@wisp/protocol';
import type { RefreshDecision, RefreshState } from './session.js';

/** A refresh cookie's content. */
export interface RefreshToken {
  sessionId: SessionId;
  /** 32 bytes; the first is random, each next one an HMAC of the one before. */
  secret: Uint8Array;
}

/** How long the previous secret still yields its successor: two tabs, or an answer that was lost. */
const GRACE_MS = 60_000;
const ID_BYTES = 16;
const SECRET_BYTES = 32;
const TAG_BYTES = 16;

/**
 * Refresh secrets. The successor is computed, not drawn, so that a repeated refresh gets the same one while the
 * database holds hashes only. The tag tells a used cookie of ours from a guess: only the former ends a session.
 */
export function createRefreshTokens(key: Uint8Array) {
  const mac = (label: string, ...parts: Uint8Array[]) => {
    const hmac = createHmac('sha256', key).update(`wisp/refresh-${label}/1`);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const tagOf = (id: Uint8Array, secret: Uint8Array) => mac('tag', id, secret).subarray(0, TAG_BYTES);

  return {
    first: (sessionId: SessionId): RefreshToken => ({ sessionId, secret: randomBytes(SECRET_BYTES) }),
    next: ({ sessionId, secret }: RefreshToken): RefreshToken => ({
      sessionId,
      secret: mac('next', uuidToBytes(sessionId), secret),
    }),
    write({ sessionId, secret }: RefreshToken): string {
      const id = uuidToBytes(sessionId);
      return encodeBase64url(Buffer.concat([id, secret, tagOf(id, secret)]));
    },
    /** Null: nothing that this server ever wrote. */
    read(text: string): RefreshToken | null {
      const bytes = decodeOrNull(text);
      if (bytes?.length !== ID_BYTES + SECRET_BYTES + TAG_BYTES) return null;
      const id = bytes.subarray(0, ID_BYTES);
      const secret = bytes.subarray(ID_BYTES, ID_BYTES + SECRET_BYTES);
      if (!timingSafeEqual(tagOf(id, secret), bytes.subarray(ID_BYTES + SECRET_BYTES))) return null;
      return { sessionId: uuidFromBytes<SessionId>(id), secret };
    },
  };
}
export type RefreshTokens = ReturnType<typeof createRefreshTokens>;

export function hashRefreshSecret(secret: Uint8Array): Uint8Array {
  return createHash('sha256').update(secret).digest();
}

/** Whether a genuine secret is the session's newest, the one before it, or stolen goods. */
export function judgeRefresh(usedHash: Uint8Array, state: RefreshState): RefreshDecision {
  if (timingSafeEqual(usedHash, state.currentHash)) return 'rotate';
  const isPrevious = state.previousHash !== null && timingSafeEqual(usedHash, state.previousHash);
  return isPrevious && state.age <= GRACE_MS ? 'repeat' : 'revoke';
}

function decodeOrNull(text: string): Uint8Array | null {
  try {
    return decodeBase64url(text);
  } catch {
    return null;
  }
}
