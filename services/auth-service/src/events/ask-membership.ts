import type { Bus } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { Membership } from '../domain/claim-key-packages.js';

export function askMembership(bus: Bus): Membership {
  return {
    async mayAdd(question) {
      const { allowed } = await bus.request(subjects.mayAdd(), question);
      return allowed;
    },
  };
}
