import type { Announcements } from './announcements.js';
import type { Gone } from './log.js';

export interface ExpiryLog {
  /** Deletes up to `limit` entries past their time, with deadlines of the last `lookbackMs` or, without it, all. */
  expireEntries(range: { lookbackMs: number | undefined; limit: number }): Promise<{
    gone: readonly Gone[];
    count: number;
    /** Milliseconds that the oldest was late. */
    latestBy: number;
  }>;
  timeline(): number;
}

export interface ExpirySweep {
  /** Deletes everything that is due. */
  run(): Promise<void>;
}

const BATCH = 2_000;
/** What another replica had locked, and didn't delete after all, is found again for this long. */
const OVERLAP_MS = 60_000;
/** Now and then from the very first. */
const FULL_SCAN_EVERY_MS = 10 * 60_000;

export function createExpirySweep(ports: {
  readonly log: ExpiryLog;
  readonly announcements: Announcements;
  readonly observer: { expired(count: number, latestByMs: number): void };
  /** Monotonic milliseconds. */
  now(): number;
}): ExpirySweep {
  const { log, announcements, observer, now } = ports;
  let sweptAt: number | undefined;
  let fullScanAt = now();

  return {
    async run() {
      const startedAt = now();
      if (startedAt - fullScanAt >= FULL_SCAN_EVERY_MS) {
        sweptAt = undefined;
        fullScanAt = startedAt;
      }
      // A duration, not a time: only the database's clock says what is due.
      const lookbackMs = sweptAt === undefined ? undefined : startedAt - sweptAt + OVERLAP_MS;
      for (let count = BATCH; count === BATCH;) {
        const expired = await log.expireEntries({ lookbackMs, limit: BATCH });
        count = expired.count;
        if (count === 0) break;
        observer.expired(count, expired.latestBy);
        await announcements.announce(
          log.timeline(),
          expired.gone.map((gone) => ({ kind: 'expired', ...gone, seqs: [...gone.seqs] })),
        );
      }
      sweptAt = startedAt;
    },
  };
}
