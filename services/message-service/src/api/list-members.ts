import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { ReadLog } from '../domain/read-log.js';
import { queue } from './bus-address.js';

export function handleListMembers(bus: Bus, { log }: { log: Pick<ReadLog, 'listMembers'> }): Subscription {
  return bus.handle(subjects.listMembers(), { queue }, ({ conversation }) => log.listMembers(conversation));
}
