import type { EngineErrorCode } from './face.js';

/** Why a command of the engine failed; UIs choose their words by `code`. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    options?: ErrorOptions & { retryAfter?: number },
  ) {
    super(code, options);
    if (options?.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }

  /** With `rate-limited`: seconds until another try makes sense. */
  readonly retryAfter?: number;
}
