import type { UserId } from '@wisp/protocol';
import type { Announcements } from './announcements.js';
import type { EndedMemberships } from './log.js';

export interface EndingLog {
  endMemberships(user: UserId): Promise<EndedMemberships>;
}

/** The account is gone: its devices leave every conversation without a commit; peers go on reading. */
export async function endMemberships(
  { log, announcements }: { log: EndingLog; announcements: Announcements },
  user: UserId,
): Promise<void> {
  const { timeline, conversations } = await log.endMemberships(user);
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
