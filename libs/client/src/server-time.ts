import type { Clock } from './clock.js';

/** What no server of this program can say in earnest: 2020 to 2200. */
const FIRST_TIME = Date.UTC(2020);
const LAST_TIME = Date.UTC(2200);
/** Answers take their time; and wall clocks drift while nobody looks. */
const LATENCY = 2000;
const DRIFT = 2 * 60_000;

/**
 * The server's clock as this device knows it. While the engine runs it goes by the monotonic clock, so that nobody
 * gains or loses time by setting the wall clock.
 */
export class ServerTime {
  private isHeard = false;
  private base: { server: number; monotonic: number };
  /** The furthest that the server's clock was ahead of the monotonic one since `takeSetBack` was last asked. */
  private furthest: number;

  constructor(private readonly clock: Clock) {
    this.base = { server: clock.now(), monotonic: clock.monotonic() };
    this.furthest = this.lead();
  }

  /**
   * Until the server itself is heard: `offset`, server less wall clock in ms, as the last connection found it; but no
   * time before `notBefore`, the server's then, in case somebody has set the wall clock back meanwhile.
   */
  assume(offset: number, notBefore = 0): void {
    if (this.isHeard) return;
    const server = Math.max(this.clock.now() + offset, notBefore);
    this.base = { server, monotonic: this.clock.monotonic() };
    this.furthest = this.lead();
  }

  /** Server time, ms since 1970. */
  now(): number {
    return Math.round(this.base.server + this.clock.monotonic() - this.base.monotonic);
  }

  /** The server has named its time. One that can't be is not taken. */
  correct(serverNow: number): void {
    if (serverNow < FIRST_TIME || serverNow > LAST_TIME) return;
    this.base = { server: serverNow, monotonic: this.clock.monotonic() };
    if (!this.isHeard && this.furthest - this.lead() < DRIFT) this.furthest = this.lead();
    this.isHeard = true;
    this.furthest = Math.max(this.furthest, this.lead());
  }

  /**
   * How far the server has set its clock back since this was last asked, in ms. Every deadline that was reckoned
   * before comes so much earlier: otherwise what it ends would live longer than its timer says.
   */
  takeSetBack(): number {
    const setBack = this.furthest - this.lead();
    if (setBack < LATENCY) return 0;
    this.furthest = this.lead();
    return Math.round(setBack);
  }

  /** Server less wall clock, ms. */
  offset(): number {
    return this.now() - this.clock.now();
  }

  private lead(): number {
    return this.base.server - this.base.monotonic;
  }
}
