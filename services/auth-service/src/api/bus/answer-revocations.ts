import type { Bus, Subscription } from '@wisp/bus';
import { subjects, type Revocation } from '@wisp/protocol';
import { QUEUE } from './queue.js';

export function answerRevocations(
  bus: Bus,
  { listRevocations }: { listRevocations: () => Promise<Revocation[]> },
): Subscription {
  return bus.handle(subjects.listRevocations(), QUEUE, async () => ({
    revocations: await listRevocations(),
  }));
}
