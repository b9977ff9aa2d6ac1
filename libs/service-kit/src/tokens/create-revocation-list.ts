import type { Bus } from '@wisp/bus';
import { subjects, unreachable, type Revocation, type TokenClaims, type UserId } from '@wisp/protocol';
import type { Logger } from '../logging/create-logger.js';

export interface RevocationList {
  /** Whether this token ended before its time. */
  isRevoked(claims: TokenClaims): boolean;
  /** Whether auth-service has been heard; a condition of readiness. */
  isComplete(): boolean;
  /** Called for each revocation that is new to this process, also those learnt after a reconnect. */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  stop(): Promise<void>;
}

export interface RevocationListOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Tokens live 15 minutes at most; one more for clocks that differ. */
const KEEP_MS = 16 * 60_000;
const RETRY_MS = 500;

/** Whether a revocation ends the token: all of the user's, one device's or one session's that are older than it. */
export function revokes(revocation: Revocation, claims: TokenClaims): boolean {
  return (
    revocation.user === claims.sub &&
    (revocation.session === undefined || revocation.session === claims.sid) &&
    (revocation.device === undefined || revocation.device === claims.dev) &&
    // `iat` is in whole seconds, rounded down: in doubt the token is old.
    claims.iat * 1_000 <= revocation.at
  );
}

/**
 * Keeps the revocations of the last 15 minutes: hears `v1.auth.revoked`, and asks auth-service at the start and after
 * each reconnect of the bus, until it answers.
 */
export function createRevocationList(options: RevocationListOptions): RevocationList {
  const { bus, logger, now = Date.now } = options;
  const byUser = new Map<UserId, Revocation[]>();
  const listeners = new Set<(revocation: Revocation) => void>();
  let complete = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  function add(revocation: Revocation): void {
    const known = byUser.get(revocation.user) ?? [];
    if (known.some((one) => isSame(one, revocation))) return;
    byUser.set(revocation.user, [...known, revocation]);
    for (const listener of listeners) listener(revocation);
  }

  function forgetOld(): void {
    const oldest = now() - KEEP_MS;
    for (const [user, revocations] of byUser) {
      const kept = revocations.filter(({ at }) => at >= oldest);
      if (kept.length > 0) byUser.set(user, kept);
      else byUser.delete(user);
    }
  }

  async function ask(): Promise<void> {
    clearTimeout(retry);
    try {
      const { revocations } = await bus.request(subjects.listRevocations(), {}, { timeoutMs: 2_000 });
      forgetOld();
      for (const revocation of revocations) add(revocation);
      complete = true;
    } catch (error) {
      if (stopped) return;
      logger.debug({ error }, 'revocations not known yet');
      clearTimeout(retry);
      retry = setTimeout(() => void ask(), RETRY_MS);
    }
  }

  const subscription = bus.subscribe(subjects.sessionRevoked(), (revocation) => {
    forgetOld();
    add(revocation);
  });
  const endStatus = bus.onStatus((status) => {
    switch (status.kind) {
      case 'reconnected':
      case 'slow-consumer':
        return void ask();
      case 'disconnected':
      case 'closed':
      case 'malformed':
      case 'handler-failed':
      case 'not-permitted':
        return;
      default:
        return unreachable(status);
    }
  });
  void ask();

  return {
    isRevoked: (claims) => byUser.get(claims.sub)?.some((revocation) => revokes(revocation, claims)) ?? false,
    isComplete: () => complete,
    onRevoked(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      endStatus();
      await subscription.drain();
    },
  };
}

function isSame(one: Revocation, other: Revocation): boolean {
  return one.at === other.at && one.session === other.session && one.device === other.device;
}
