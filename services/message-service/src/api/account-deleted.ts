import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { AccountEndings } from '../domain/end-memberships.js';
import { queue } from './bus-address.js';

/** One replica notes it; the next sweep does it. */
export function onAccountDeleted(bus: Bus, endings: AccountEndings): Subscription {
  return bus.subscribe(subjects.accountDeleted(), ({ user }) => endings.add(user), { queue });
}
