import type { Bus, Subscription } from '@wisp/bus';
import { fetchMessages, subjects } from '@wisp/protocol';
import { route, type Limit, type Route } from '@wisp/service-kit';
import { fetchEntries, type FetchPorts } from '../domain/fetch-entries.js';
import { overLimit } from './account-limit.js';
import { queue } from './bus-address.js';

export function handleFetchEntries(bus: Bus, ports: FetchPorts): Subscription {
  return bus.handle(subjects.fetchEntries(), { queue }, ({ conversations, ...caller }) =>
    fetchEntries(ports, caller, conversations),
  );
}

export function fetchEntriesRoute({ limit, ...ports }: FetchPorts & { readonly limit: Limit }): Route {
  return route(
    fetchMessages,
    async ({ caller, body }) =>
      (await overLimit(limit, caller.user)) ?? fetchEntries(ports, caller, body.conversations),
  );
}
