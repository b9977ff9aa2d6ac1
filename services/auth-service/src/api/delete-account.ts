import { deleteAccount as operation, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';
import type { SecretChecks } from '../domain/check-secret.js';
import { deleteAccount } from '../domain/delete-account.js';
import { readBytes } from './read-bytes.js';
import { clearRefreshCookie, type CookieSettings } from './refresh-cookie.js';
import { refuseSecret } from './refusals.js';

export interface DeleteAccountParts {
  secrets: SecretChecks;
  announcer: Announcer;
  cookies: CookieSettings;
}

export function deleteAccountRoute({ secrets, announcer, cookies }: DeleteAccountParts): Route {
  return route(operation, async ({ caller, body, address, response }) => {
    const read = readBytes({ 'proof.authKey': body.proof.authKey });
    if (read.kind === 'malformed') return read.refusal;
    const proof = { slot: body.proof.slot, authKey: read.bytes['proof.authKey'] };
    const account = await secrets.accounts.byId(caller.user);
    if (account === null) return refuse('unauthorized');
    const outcome = await deleteAccount(secrets, { account, address, proof });
    switch (outcome.kind) {
      case 'deleted':
        await announcer.revoked(outcome.revoked);
        await announcer.accountDeleted({ user: caller.user, at: outcome.at });
        clearRefreshCookie(response, cookies);
        return undefined;
      case 'gone':
        return refuse('unauthorized');
      case 'wrong-credentials':
      case 'overloaded':
      case 'rate-limited':
        return refuseSecret(outcome);
      default:
        return unreachable(outcome);
    }
  });
}
