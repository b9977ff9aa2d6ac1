import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import { leaveConversation, type DeparturePorts } from '../domain/leave-conversation.js';
import { queue, shard } from './bus-address.js';

export function handleLeaveConversation(bus: Bus, ports: DeparturePorts): Subscription {
  return bus.handle(subjects.leaveConversation(shard), { queue }, async (departure) => ({
    left: await leaveConversation(ports, departure),
  }));
}
