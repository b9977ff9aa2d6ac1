import type { Bus, Subscription } from '@wisp/bus';
import { decodeBase64url, subjects } from '@wisp/protocol';
import type { KeyPackages } from '../../domain/key-package.js';
import { QUEUE } from './queue.js';

export function answerClaims(bus: Bus, { keyPackages }: { keyPackages: KeyPackages }): Subscription {
  return bus.handle(subjects.checkClaims(), QUEUE, async ({ packages, ...rest }) => ({
    claimed: await keyPackages.wereClaimed({
      ...rest,
      packages: packages.map((each) => ({ ...each, ref: decodeBase64url(each.ref) })),
    }),
  }));
}
