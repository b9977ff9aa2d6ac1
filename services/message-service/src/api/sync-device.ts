import type { Bus, Subscription } from '@wisp/bus';
import { subjects, syncMessages, type Retention, type SyncAnswer } from '@wisp/protocol';
import { route, type Limit, type Route } from '@wisp/service-kit';
import type { Caller } from '../domain/log.js';
import type { ReadLog } from '../domain/read-log.js';
import { overLimit } from './account-limit.js';
import { queue } from './bus-address.js';

interface Ports {
  readonly log: Pick<ReadLog, 'syncDevice'>;
  /** What the sweep goes by. */
  readonly retention: Retention;
}

export function handleSyncDevice(bus: Bus, ports: Ports): Subscription {
  return bus.handle(subjects.syncDevice(), { queue }, ({ since, ...caller }) =>
    syncDevice(ports, caller, since),
  );
}

export function syncDeviceRoute({ limit, ...ports }: Ports & { readonly limit: Limit }): Route {
  return route(
    syncMessages,
    async ({ caller, query }) =>
      (await overLimit(limit, caller.user)) ?? syncDevice(ports, caller, query.since),
  );
}

/** Says with each answer how long the log keeps what it holds: gaps that this explains are no lie. */
async function syncDevice(
  { log, retention }: Ports,
  caller: Caller,
  since: string | undefined,
): Promise<SyncAnswer> {
  return { ...(await log.syncDevice(caller, since)), retention };
}
