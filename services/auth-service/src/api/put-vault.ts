import { putVault, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Vaults } from '../domain/account.js';
import { writeKeep } from '../domain/write-keep.js';
import { readBytes } from './read-bytes.js';
import { refuseVault } from './refusals.js';

export function putVaultRoute({ vaults }: { vaults: Vaults }): Route {
  return route(putVault, async ({ caller, body, request }) => {
    const etag = request.headers['if-match'];
    if (etag === undefined) return refuse('malformed', { field: 'if-match' });
    const read = readBytes({ vault: body.vault });
    if (read.kind === 'malformed') return read.refusal;
    const input = { userId: caller.user, etag, bytes: read.bytes.vault };
    const outcome = await writeKeep({ vaults }, input);
    switch (outcome.kind) {
      case 'stored':
        return { etag: outcome.etag };
      case 'stale':
        return refuse('precondition-failed');
      case 'bad-vault':
        return refuseVault();
      default:
        return unreachable(outcome);
    }
  });
}
