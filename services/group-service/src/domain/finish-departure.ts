import type { ConversationId, UserId } from '@wisp/protocol';
import type { Departure, DepartureLog, DepartureStore } from './ports.js';

export interface DeparturePorts {
  readonly departures: DepartureStore;
  readonly departureLog: DepartureLog;
}

/** Makes the log serve and accept a user no more who has left; false while it is away. */
export async function finishDeparture(
  ports: DeparturePorts,
  of: { conversation: ConversationId; user: UserId },
): Promise<boolean> {
  return finishAll(ports, await ports.departures.listUntold(of));
}

/** Tells the log what others left behind: each replica calls it again and again. */
export async function finishDepartures(ports: DeparturePorts, limit: number): Promise<void> {
  await finishAll(ports, await ports.departures.listUntold({ limit }));
}

async function finishAll(
  { departures, departureLog }: DeparturePorts,
  untold: readonly Departure[],
): Promise<boolean> {
  for (const departure of untold) {
    // The log is away: the rest would only wait as well.
    if (!(await departureLog.leave(departure))) return false;
    await departures.markTold(departure);
  }
  return true;
}
