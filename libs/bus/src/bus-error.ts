/**
 * Why a call over the bus failed.
 * - `no-responders`: nobody handles the subject. Known at once.
 * - `timeout`: no reply within `timeoutMs`. The work may have been done.
 * - `disconnected`: no connection to the broker, or it was lost with the reply outstanding (in doubt as well).
 * - `closed`: this bus was drained or closed.
 * - `too-large`: the encoded payload is above the broker's limit; nothing was sent.
 * - `not-permitted`: the broker refuses this subject to this user.
 * - `bad-request`: the handler's side refused the payload; `field` names what is wrong.
 * - `bad-reply`: the reply isn't what the subject promises; `field` names what is wrong.
 * - `unavailable`: the handler failed. The work may have been done.
 */
export type BusErrorCode =
  | 'no-responders'
  | 'timeout'
  | 'disconnected'
  | 'closed'
  | 'too-large'
  | 'not-permitted'
  | 'bad-request'
  | 'bad-reply'
  | 'unavailable';

/** What `request`, `publish` and `flush` throw. It never holds a payload. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;
  readonly subject: string;
  readonly field: string | undefined;

  constructor(code: BusErrorCode, subject: string, options: { field?: string; cause?: unknown } = {}) {
    const { field, cause } = options;
    super(`${code} on ${subject}${field ? ` (${field})` : ''}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.subject = subject;
    this.field = field;
  }
}
