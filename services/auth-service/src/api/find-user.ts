import { encodeBase64url, findUser } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Accounts, DeviceLists } from '../domain/account.js';
import { takeEach, type Attempts } from '../domain/attempts.js';
import { refuseRate } from './refusals.js';

export interface FindUserParts {
  accounts: Accounts;
  deviceLists: DeviceLists;
  searches: { byAccount: Attempts; fromAddress: Attempts };
}

export function findUserRoute({ accounts, deviceLists, searches }: FindUserParts): Route {
  return route(findUser, async ({ caller, query, address }) => {
    const allowed = await takeEach([
      { attempts: searches.byAccount, key: caller.user },
      { attempts: searches.fromAddress, key: address },
    ]);
    if (allowed.kind === 'rate-limited') return refuseRate(allowed);
    const account = await accounts.byName(query.username);
    const newest = account && (await deviceLists.newest(account.userId));
    if (account === null || newest === null || newest.deleted) return refuse('not-found');
    const { userId, username } = account;
    return { userId, username, deviceList: encodeBase64url(newest.statement) };
  });
}
