import type { Clock } from '@wisp/client';

interface Alarm {
  at: number;
  run: () => void;
}

/**
 * A device's clock that runs by itself and can be pushed: `advance` moves monotonic and wall time and fires what has
 * become due; `setWrong` moves the wall clock alone, as a person does who sets it.
 */
export class HandClock implements Clock {
  private ahead = 0;
  private wrongBy = 0;
  private readonly alarms = new Set<Alarm>();

  now(): number {
    return Date.now() + this.ahead + this.wrongBy;
  }

  monotonic(): number {
    return performance.now() + this.ahead;
  }

  after(ms: number, run: () => void): () => void {
    const alarm: Alarm = { at: this.monotonic() + ms, run };
    this.alarms.add(alarm);
    const timer = setTimeout(() => this.fire(alarm), Math.min(Math.max(ms, 0), 2 ** 31 - 1));
    timer.unref();
    return () => {
      clearTimeout(timer);
      this.alarms.delete(alarm);
    };
  }

  /** Time passes for this device. */
  advance(ms: number): void {
    this.ahead += ms;
    const due = [...this.alarms].filter(({ at }) => at <= this.monotonic()).sort((a, b) => a.at - b.at);
    for (const alarm of due) this.fire(alarm);
  }

  /** Somebody sets the device's clock. */
  setWrong(byMs: number): void {
    this.wrongBy = byMs;
  }

  private fire(alarm: Alarm): void {
    if (this.alarms.delete(alarm)) alarm.run();
  }
}
