import type { Limit, Take } from '@wisp/service-kit';

/** Messages that are taken beyond those at hand; an account has 1,200 a minute. */
const SPARE = 20;
/** As long as the account's window. */
const KEEP_MS = 60_000;

/**
 * One socket's part of its account's limit, taken in lumps, so that most messages ask nobody: nothing goes that the
 * limit hasn't given, and what isn't used in time lapses.
 */
export class AppendAllowance {
  private spare = 0;
  private until = 0;

  constructor(
    private readonly limit: Limit,
    private readonly now: () => number,
  ) {}

  async take(account: string, messages: number): Promise<Take> {
    if (this.now() >= this.until) this.spare = 0;
    if (this.spare >= messages) {
      this.spare -= messages;
      return { ok: true };
    }
    const taken = await this.limit.take(account, messages + SPARE);
    if (taken.ok) {
      this.spare += SPARE;
      this.until = this.now() + KEEP_MS;
    }
    return taken;
  }
}
