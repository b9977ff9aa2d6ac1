import { checkUsername } from '@wisp/protocol';
import { route, type Route } from '@wisp/service-kit';
import type { Accounts } from '../domain/account.js';
import type { Attempts } from '../domain/attempts.js';
import { refuseRate } from './refusals.js';

export function checkUsernameRoute({ accounts, lookups }: { accounts: Accounts; lookups: Attempts }): Route {
  return route(checkUsername, async ({ params, address }) => {
    const allowed = await lookups.take(address);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    return { free: !(await accounts.isNameTaken(params.username)) };
  });
}
