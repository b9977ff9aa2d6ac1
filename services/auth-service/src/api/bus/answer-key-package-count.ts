import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { KeyPackages } from '../../domain/key-package.js';
import { QUEUE } from './queue.js';

export function answerKeyPackageCount(bus: Bus, { keyPackages }: { keyPackages: KeyPackages }): Subscription {
  return bus.handle(subjects.countKeyPackages(), QUEUE, async ({ device }) => {
    const { count } = await keyPackages.count(device);
    return { count };
  });
}
