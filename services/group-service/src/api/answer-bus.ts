import type { Bus, Subscription } from '@wisp/bus';
import { subjects } from '@wisp/protocol';
import { announceDeletion, announceDeviceList, type AnnouncePorts } from '../domain/announce-device-list.js';
import { mayAdd, type MayAddPorts } from '../domain/may-add.js';
import type { WelcomeStore } from '../domain/ports.js';

export interface BusParts {
  readonly bus: Bus;
  readonly ports: AnnouncePorts & MayAddPorts;
  readonly welcomes: WelcomeStore;
}

const queue = 'group-service';

/** What other services ask, and what auth-service says that it has done. One replica answers each. */
export function answerBus({ bus, ports, welcomes }: BusParts): Subscription[] {
  return [
    bus.handle(subjects.mayAdd(), { queue }, async (question) => ({
      allowed: await mayAdd(ports, question),
    })),
    bus.handle(subjects.countWelcomes(), { queue }, async ({ device }) => ({
      count: await welcomes.count(device),
    })),
    bus.subscribe(subjects.deviceListPublished(), ({ user }) => announceDeviceList(ports, user), { queue }),
    bus.subscribe(subjects.accountDeleted(), (deletion) => announceDeletion(ports, deletion), { queue }),
  ];
}
