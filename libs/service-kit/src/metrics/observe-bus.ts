import type { Bus } from '@wisp/bus';
import type { Logger } from '../logging/create-logger.js';
import type { Metrics } from './create-metrics.js';

/** Counts and logs what befalls the bus. Returns the function that ends it. */
export function observeBus(bus: Bus, { logger, metrics }: { logger: Logger; metrics: Metrics }): () => void {
  const events = metrics.counter({
    name: 'bus_events_total',
    help: 'What befell the bus.',
    labels: ['kind'],
  });
  const connected = metrics.gauge({ name: 'bus_connected', help: '1 while the broker can be reached.' });
  connected.set(bus.isConnected() ? 1 : 0);
  return bus.onStatus((status) => {
    events.inc({ kind: status.kind });
    connected.set(bus.isConnected() ? 1 : 0);
    switch (status.kind) {
      case 'disconnected':
        return logger.warn({}, 'bus disconnected');
      case 'reconnected':
        return logger.info({}, 'bus reconnected');
      case 'closed':
        return status.error ? logger.error({ error: status.error }, 'bus closed') : undefined;
      case 'slow-consumer':
        return logger.warn({ subject: status.subject }, 'bus events dropped: too slow');
      case 'malformed':
        return logger.warn(
          { subject: status.subject, kind: status.what, field: status.field },
          'malformed on the bus',
        );
      case 'handler-failed':
        return logger.error({ subject: status.subject, error: status.error }, 'a bus handler failed');
      case 'not-permitted':
        return logger.error({ subject: status.subject }, 'the broker refuses a subject');
    }
  });
}
