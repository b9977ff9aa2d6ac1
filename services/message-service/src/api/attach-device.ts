import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { ReadLog } from '../domain/read-log.js';
import { queue } from './bus-address.js';

export function handleAttachDevice(bus: Bus, { log }: { log: Pick<ReadLog, 'attachDevice'> }): Subscription {
  return bus.handle(subjects.attachDevice(), { queue }, async (caller) => ({
    conversations: await log.attachDevice(caller),
  }));
}
