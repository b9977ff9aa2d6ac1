import { storedCookies } from '../src/account/stored-cookies.js';
import { openAccount } from '../src/account/open-account.js';
import type { Account, AccountEvent } from '../src/account/account.js';
import { openLevelGround } from '../src/store/level-ground.js';
import { openHome } from '../src/store/open-home.js';
import type { StoreHome } from '../src/store/store-home.js';
import { accessTokens, type AccessTokens } from '../src/transport/access-tokens.js';
import { httpClient } from '../src/transport/http-client.js';
import type { Clock } from '../src/clock.js';

export interface AccountEngine {
  account: Account;
  tokens: AccessTokens;
  events: AccountEvent[];
}

export interface AccountEngineInput {
  baseUrl: string;
  folder: string;
  clock: Clock;
  wrapHome?: (home: StoreHome) => StoreHome;
  fetch?: typeof fetch;
}

/** The account's part of an engine in Node, against a server at `baseUrl`. */
export function accountEngine(input: AccountEngineInput): AccountEngine {
  const { baseUrl, folder, clock, wrapHome = (home: StoreHome) => home } = input;
  const cookies = storedCookies();
  const line = { baseUrl, fetch: input.fetch ?? fetch, clock, cookies };
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
