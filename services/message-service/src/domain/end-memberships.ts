import type { UserId } from '@wisp/protocol';
import type { Announcements } from './announcements.js';
import type { EndedMemberships } from './log.js';

export interface EndingLog {
  endMemberships(user: UserId): Promise<EndedMemberships>;
}

export interface EndingPorts {
  readonly log: EndingLog;
  readonly announcements: Announcements;
}

export interface AccountEndings {
  add(user: UserId): void;
  /** Ends the memberships of those that were added; what fails is tried again in the next run. */
  run(): Promise<void>;
}

/** Deleted accounts: their devices leave every conversation without a commit; peers go on reading. */
export function createAccountEndings({ log, announcements }: EndingPorts): AccountEndings {
  const waiting = new Set<UserId>();
  return {
    add: (user) => void waiting.add(user),
    async run() {
      for (const user of [...waiting]) {
        const { timeline, conversations } = await log.endMemberships(user);
        waiting.delete(user);
        await announcements.announce(
          timeline,
          conversations.map(({ conversation, newestCommitSeq, devices }) => ({
            kind: 'ended',
            conversation,
            newestCommitSeq,
            user,
            devices: [...devices],
          })),
        );
      }
    },
  };
}
