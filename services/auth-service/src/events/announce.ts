import type { Bus } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import type { Logger } from '@wisp/service-kit';
import type { Announcer } from '../domain/announcer.js';

/** Publishes and waits until the broker has it. A broker that is away costs nothing but time: see `Announcer`. */
export function createAnnouncer(bus: Bus, logger: Logger): Announcer {
  async function attempt(name: string, publish: () => void): Promise<void> {
    try {
      publish();
      await bus.flush();
    } catch (error) {
      logger.warn({ error, name }, 'an event found no broker');
    }
  }

  return {
    async revoked(revocations) {
      if (revocations.length === 0) return;
      await attempt('revoked', () => {
        for (const revocation of revocations) bus.publish(subjects.sessionRevoked(), revocation);
      });
    },
    deviceListPublished: (published) =>
      attempt('device-list-published', () => bus.publish(subjects.deviceListPublished(), published)),
    accountDeleted: (deleted) => attempt('deleted', () => bus.publish(subjects.accountDeleted(), deleted)),
  };
}
