import { refreshSession, type SessionAnswer, type UserId } from '@wisp/protocol';
import type { Clock } from '../clock.js';
import { sendRequest, type Line } from './send-request.js';
import type { CallResult } from './transport.js';

/** A token is renewed this long before its end, or at a third of its life if that is shorter. */
const RENEWAL_MARGIN_MS = 60_000;

export type SessionEvent = { type: 'renewed'; answer: SessionAnswer } | { type: 'ended' };

/** The access token, in memory only, and its renewal by the refresh cookie. */
export interface AccessTokens {
  on(listener: (event: SessionEvent) => void): () => void;
  /** The newest answer, also when its token has ended. */
  current(): SessionAnswer | null;
  /** At start: the cookie, if there is one, belongs to this user. */
  expect(user: UserId): void;
  /** Takes the token of a registration or a sign-in. */
  adopt(answer: SessionAnswer): void;
  /** Forgets the token, as after a sign-out. */
  forget(): void;
  /** The server refused this token: it isn't used again. */
  discard(token: string): void;
  /** A token that is good for a while; renews when needed, once for all who wait. */
  fresh(): Promise<CallResult<SessionAnswer>>;
  /** ms until `fresh` would renew. */
  renewalIn(): number;
}

interface Held {
  answer: SessionAnswer;
  /** On the monotonic clock: the device's wall clock may be off by hours. */
  renewAt: number;
}

export function accessTokens(line: Line, clock: Clock): AccessTokens {
  const listeners = new Set<(event: SessionEvent) => void>();
  let held: Held | null = null;
  let newest: SessionAnswer | null = null;
  let owner: UserId | null = null;
  let renewal: Promise<CallResult<SessionAnswer>> | null = null;
  /** Moves with each sign-in and sign-out: a renewal that began before one must not undo it. */
  let era = 0;

  const emit = (event: SessionEvent) => listeners.forEach((listener) => listener(event));

  function hold(answer: SessionAnswer): void {
    const life = answer.expiresAt - answer.time;
    newest = answer;
    owner = answer.userId;
    held = { answer, renewAt: clock.monotonic() + life - Math.min(RENEWAL_MARGIN_MS, life / 3) };
  }

  async function renew(): Promise<CallResult<SessionAnswer>> {
    const began = era;
    const result = await sendRequest(line, refreshSession, {});
    if (began !== era) return { kind: 'unreachable', reason: 'bad-answer' };
    if (result.kind === 'ok') {
      if (owner !== null && owner !== result.value.userId)
        return { kind: 'unreachable', reason: 'bad-answer' };
      hold(result.value);
      emit({ type: 'renewed', answer: result.value });
    } else if (result.kind === 'problem' && result.problem.status === 401) {
      held = null;
      emit({ type: 'ended' });
    }
    return result;
  }

  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: () => newest,
    expect(user) {
      owner = user;
    },
    adopt(answer) {
      era++;
      hold(answer);
      emit({ type: 'renewed', answer });
    },
    forget() {
      era++;
      held = newest = owner = null;
    },
    discard(token) {
      if (held?.answer.token === token) held = null;
    },
    async fresh() {
      if (held && clock.monotonic() < held.renewAt) return { kind: 'ok', value: held.answer };
      renewal ??= renew().finally(() => (renewal = null));
      return renewal;
    },
    renewalIn: () => (held ? Math.max(0, held.renewAt - clock.monotonic()) : 0),
  };
}
