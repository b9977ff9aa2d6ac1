import type { UserId } from '@wisp/protocol';
import { itemsOfEnding, type Announcements } from './announcements.js';
import type { ForgetList } from './forget-read.js';
import type { EndedMemberships } from './log.js';

export interface EndingLog {
  endMemberships(user: UserId): Promise<EndedMemberships>;
}

export interface EndingPorts {
  readonly log: EndingLog;
  readonly announcements: Announcements;
  readonly forget: ForgetList;
}

export interface AccountEndings {
  add(user: UserId): void;
  /** Ends the memberships of those that were added; what fails is tried again in the next run. */
  run(): Promise<void>;
}

/** Deleted accounts: their devices leave every conversation without a commit; peers go on reading. */
export function createAccountEndings({ log, announcements, forget }: EndingPorts): AccountEndings {
  const waiting = new Set<UserId>();
  return {
    add: (user) => void waiting.add(user),
    async run() {
      for (const user of [...waiting]) {
        const ended = await log.endMemberships(user);
        // Whoever is gone holds back no after-read message any more.
        for (const { conversation } of ended.conversations) forget.add(conversation);
        waiting.delete(user);
        await announcements.announce(ended.timeline, itemsOfEnding(user, ended));
      }
    },
  };
}
