import type { Bus, Subscription } from '@wisp/bus';
import { subjects, syncMessages } from '@wisp/protocol';
import { route, type Limit, type Route } from '@wisp/service-kit';
import type { ReadLog } from '../domain/read-log.js';
import { overLimit } from './account-limit.js';
import { queue } from './bus-address.js';

type Ports = { readonly log: Pick<ReadLog, 'syncDevice'> };

export function handleSyncDevice(bus: Bus, { log }: Ports): Subscription {
  return bus.handle(subjects.syncDevice(), { queue }, ({ since, ...caller }) =>
    log.syncDevice(caller, since),
  );
}

export function syncDeviceRoute({ log, limit }: Ports & { readonly limit: Limit }): Route {
  return route(
    syncMessages,
    async ({ caller, query }) => (await overLimit(limit, caller.user)) ?? log.syncDevice(caller, query.since),
  );
}
