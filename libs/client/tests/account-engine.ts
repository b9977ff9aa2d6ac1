import { storedCookies } from '../src/account/stored-cookies.js';
import { openAccount } from '../src/account/open-account.js';
import type { Account, AccountEvent } from '../src/account/account.js';
import { openLevelGround } from '../src/store/level-ground.js';
import { openHome } from '../src/store/open-home.js';
import type { StoreHome } from '../src/store/store-home.js';
import { accessTokens, type AccessTokens } from '../src/transport/access-tokens.js';
import { httpClient } from '../src/transport/http-client.js';
import type { HandClock } from './hand-clock.js';

export interface AccountEngine {
  account: Account;
  tokens: AccessTokens;
  events: AccountEvent[];
}

/** The account's part of an engine in Node, against a server at `baseUrl`. */
export function accountEngine(
  baseUrl: string,
  folder: string,
  clock: HandClock,
  wrapHome: (home: StoreHome) => StoreHome = (home) => home,
): AccountEngine {
  const cookies = storedCookies();
  const line = { baseUrl, fetch, clock, cookies };
  const tokens = accessTokens(line, clock);
  const account = openAccount({
    openHome: async () => wrapHome(openHome(await openLevelGround(folder))),
    http: httpClient(line, tokens),
    tokens,
    cookies,
    now: clock.now,
  });
  const events: AccountEvent[] = [];
  account.on((event) => events.push(event));
  return { account, tokens, events };
}
