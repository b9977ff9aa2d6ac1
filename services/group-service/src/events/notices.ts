import { BusError, type Bus } from '@wisp/bus';
import { cellOf, subjects, type Notice, type UserId } from '@wisp/protocol';
import type { Logger } from '@wisp/service-kit';
import type { Notices } from '../domain/ports.js';

/** Ids in one notice: far below the broker's largest payload. */
const MAX_AUDIENCE = 5_000;

/** Doorbells by way of the cells' gateways. */
export function createNotices({ bus, logger }: { bus: Bus; logger: Logger }): Notices {
  function give(cell: number, notice: Notice): void {
    try {
      bus.publish(subjects.noticeGiven(cell), notice);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      // What it would have rung for is stored; devices ask at their next connect.
      logger.warn({ error, kind: notice.kind }, 'a notice was not given');
    }
  }

  function giveAll(audience: readonly UserId[], noticeFor: (part: UserId[]) => Notice): void {
    for (const [cell, users] of byCell(audience, (user) => user)) {
      for (let at = 0; at < users.length; at += MAX_AUDIENCE) {
        give(cell, noticeFor(users.slice(at, at + MAX_AUDIENCE)));
      }
    }
  }

  return {
    welcomesReleased(conversation, welcomed) {
      for (const [cell, some] of byCell(welcomed, ({ user }) => user)) {
        give(cell, { kind: 'welcome', conversation, devices: some.map(({ device }) => device) });
      }
    },
    requestsStored: (conversation, audience) =>
      giveAll(audience, (part) => ({ kind: 'requests', conversation, audience: part })),
    devicesChanged: (user, audience) =>
      giveAll(audience, (part) => ({ kind: 'devices', user, audience: part })),
    deviceMissing: (user, { conversation, audience }) =>
      giveAll(audience, (part) => ({ kind: 'device-missing', conversation, user, audience: part })),
  };
}

function byCell<T>(items: readonly T[], userOf: (item: T) => UserId): Map<number, T[]> {
  const cells = new Map<number, T[]>();
  for (const item of items) {
    const cell = cellOf(userOf(item));
    cells.set(cell, [...(cells.get(cell) ?? []), item]);
  }
  return cells;
}
