import { encodeBase64url, getVault } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Vaults } from '../domain/account.js';

export function getVaultRoute({ vaults }: { vaults: Vaults }): Route {
  return route(getVault, async ({ caller, response }) => {
    const stored = await vaults.get(caller.user);
    // The account was deleted while its token lives.
    if (stored === null) return refuse('unauthorized');
    response.set('ETag', stored.etag);
    return { vault: encodeBase64url(stored.bytes), etag: stored.etag };
  });
}
