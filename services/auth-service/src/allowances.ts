import type { Limits } from '@wisp/service-kit';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** How often what may be asked. By address: of those who haven't signed in yet. */
export function createAllowances(limits: Limits, registrationsPerHour: number) {
  const limit = (name: string, points: number, windowSeconds: number) =>
    limits.limit({ name: `auth-${name}`, points, windowSeconds });
  return {
    guesses: {
      // Short, so that a person who mistypes waits for seconds.
      atAccountFromAddress: limit('guess-account-address', 5, 20),
      fromAddress: limit('guess-address', 200, 10 * MINUTE),
      atAccount: limit('guess-account', 100, HOUR),
    },
    registrations: limit('registration', registrationsPerHour, HOUR),
    lookups: limit('lookup', 600, MINUTE),
    refreshes: limit('refresh', 1_200, MINUTE),
    searches: {
      byAccount: limit('search', 60, MINUTE),
      // Accounts are cheap: the names of a server aren't to be read out by many of them.
      fromAddress: limit('search-address', 600, 10 * MINUTE),
    },
    uploads: limit('upload', 60, 10 * MINUTE),
    claims: limit('claim', 600, 10 * MINUTE),
  };
}

export type Allowances = ReturnType<typeof createAllowances>;
