import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { Appender } from '../domain/append-messages.js';
import { queue, shard } from './bus-address.js';

export function handleAppendMessages(bus: Bus, appender: Appender): Subscription {
  return bus.handle(subjects.appendMessages(shard), { queue }, ({ messages, budgetMs }) =>
    appender.appendMessages(messages, budgetMs),
  );
}
