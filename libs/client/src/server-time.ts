import type { Clock } from './clock.js';

/**
 * The server's clock as this device knows it. While the engine runs it goes by the monotonic clock, so that nobody
 * gains or loses time by setting the wall clock.
 */
export class ServerTime {
  private isHeard = false;
  private base: { server: number; monotonic: number };

  constructor(private readonly clock: Clock) {
    this.base = { server: clock.now(), monotonic: clock.monotonic() };
  }

  /** Server less wall clock in ms, as the last connection found it; until the server itself is heard. */
  assume(offset: number): void {
    if (!this.isHeard) this.base = { server: this.clock.now() + offset, monotonic: this.clock.monotonic() };
  }

  /** Server time, ms since 1970. */
  now(): number {
    return Math.round(this.base.server + this.clock.monotonic() - this.base.monotonic);
  }

  /** The server has named its time. */
  correct(serverNow: number): void {
    this.isHeard = true;
    this.base = { server: serverNow, monotonic: this.clock.monotonic() };
  }

  /** Server less wall clock, ms. */
  offset(): number {
    return this.now() - this.clock.now();
  }
}
