import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import { acknowledge, type AcknowledgePorts } from '../domain/acknowledge.js';
import { queue, shard } from './bus-address.js';

export function handleAcknowledge(bus: Bus, ports: AcknowledgePorts): Subscription {
  return bus.handle(subjects.acknowledge(shard), { queue }, async ({ acks }) => ({
    busy: await acknowledge(ports, acks),
  }));
}
