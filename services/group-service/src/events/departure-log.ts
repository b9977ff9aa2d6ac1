import { BusError, type Bus } from '@wisp/bus';
import { shardOf, subjects } from '@wisp/protocol';
import type { DepartureLog } from '../domain/ports.js';
import { AWAY } from './away.js';

/** The log of message-service, over the bus. */
export function createDepartureLog(bus: Bus): DepartureLog {
  return {
    async leave(departure) {
      try {
        await bus.request(subjects.leaveConversation(shardOf(departure.conversation)), departure);
        return true;
      } catch (error) {
        if (error instanceof BusError && AWAY.has(error.code)) return false;
        throw error;
      }
    },
  };
}
