import { claimKeyPackages as operation, encodeBase64url, unreachable } from '@wisp/protocol';
import { refuse, route, type Route } from '@wisp/service-kit';
import type { Attempts } from '../domain/attempts.js';
import { claimKeyPackages, type Membership } from '../domain/claim-key-packages.js';
import type { KeyPackages } from '../domain/key-package.js';
import { refuseRate } from './refusals.js';

export interface ClaimKeyPackagesParts {
  keyPackages: KeyPackages;
  membership: Membership;
  claims: Attempts;
}

export function claimKeyPackagesRoute({ keyPackages, membership, claims }: ClaimKeyPackagesParts): Route {
  return route(operation, async ({ caller, params, body }) => {
    const allowed = await claims.take(caller.user);
    if (!allowed.ok) return refuseRate({ kind: 'rate-limited', ...allowed });
    const outcome = await claimKeyPackages(
      { keyPackages, membership },
      {
        claimer: caller.user,
        claimerDevice: caller.device,
        claimId: body.claimId,
        target: params.id,
        conversation: body.conversationId,
      },
    );
    switch (outcome.kind) {
      case 'claimed':
        return {
          deviceList: encodeBase64url(outcome.deviceList),
          packages: outcome.packages.map(({ deviceId, ref, bytes, lastResort }) => ({
            deviceId,
            ref: encodeBase64url(ref),
            keyPackage: encodeBase64url(bytes),
            lastResort,
          })),
        };
      case 'no-such-user':
        return refuse('not-found');
      case 'no-key-packages':
        return refuse('no-key-packages');
      case 'forbidden':
        return refuse('forbidden');
      case 'claim-taken':
        return refuse('malformed', { field: 'claimId' });
      case 'gone':
        return refuse('unauthorized');
      default:
        return unreachable(outcome);
    }
  });
}
