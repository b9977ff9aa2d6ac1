import { classifyDatabaseError, type Logger, type Metrics } from '@wisp/service-kit';
import type { AppendObserver } from './domain/append-messages.js';
import type { FetchPorts } from './domain/fetch-entries.js';
import type { PublisherObserver } from './events/publisher.js';

export type Observer = AppendObserver &
  PublisherObserver &
  FetchPorts['observer'] & {
    expired(count: number, latestByMs: number): void;
    retired(count: number): void;
    queue(state: { size: number; ageMs: number; timeline: number }): void;
    sweepFailed(part: string): (error: unknown) => void;
  };

/** What the service counts and measures, by stage. */
export function createObserver({ metrics, logger }: { metrics: Metrics; logger: Logger }): Observer {
  const stages = metrics.histogram({
    name: 'append_stage_seconds',
    help: 'How long a batch of appends spent in each stage.',
    labels: ['stage'],
  });
  const batches = metrics.histogram({
    name: 'append_batch_messages',
    help: 'Messages in a batch of appends.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
  });
  const verdicts = metrics.counter({
    name: 'append_verdicts_total',
    help: 'Verdicts on appended messages.',
    labels: ['verdict'],
  });
  const queued = metrics.gauge({ name: 'append_queue_messages', help: 'Messages that wait for the log.' });
  const age = metrics.gauge({ name: 'append_queue_age_seconds', help: 'How long the oldest has waited.' });
  const timeline = metrics.gauge({ name: 'log_timeline', help: "The number of the log's timeline." });
  const expired = metrics.counter({
    name: 'expired_entries_total',
    help: 'Entries deleted at their deadline.',
  });
  const late = metrics.histogram({
    name: 'expiry_late_seconds',
    help: 'How far past its deadline the oldest entry of a sweep was.',
  });
  const retired = metrics.counter({ name: 'retired_entries_total', help: 'Entries past the retention.' });
  const above = metrics.counter({
    name: 'cursor_above_head_total',
    help: 'Engines that have read what this log no longer has.',
  });
  const lost = metrics.counter({
    name: 'publish_failures_total',
    help: 'Envelopes and flushes that the bus refused.',
  });

  return {
    batchDone(batch, ms) {
      stages.observe({ stage: 'queue' }, ms.queue / 1_000);
      stages.observe({ stage: 'log' }, ms.log / 1_000);
      stages.observe({ stage: 'publish' }, ms.publish / 1_000);
      batches.observe(batch.verdicts.length);
      for (const { kind } of batch.verdicts) verdicts.inc({ verdict: kind });
    },
    overloaded: (messages) => verdicts.inc({ verdict: 'overloaded' }, messages),
    cursorAboveHead() {
      above.inc();
      logger.warn({}, 'a cursor stands above the head: this log has lost entries');
    },
    publishFailed(error) {
      lost.inc();
      logger.debug({ error }, 'the bus refused an envelope');
    },
    expired(count, latestByMs) {
      expired.inc(count);
      late.observe(latestByMs / 1_000);
    },
    retired: (count) => retired.inc(count),
    queue(state) {
      queued.set(state.size);
      age.set(state.ageMs / 1_000);
      timeline.set(state.timeline);
    },
    sweepFailed: (part) => (error) => {
      if (classifyDatabaseError(error) === 'unavailable')
        logger.warn({ part, error }, 'a sweep found no database');
      else logger.error({ part, error }, 'a sweep failed');
    },
  };
}
