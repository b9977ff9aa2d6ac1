import { unreachable, type AppendCommitReply } from '@wisp/protocol';
import { itemOfCommit, ring, type Announcements } from './announcements.js';
import type { ForgetList } from './forget-read.js';
import type { CommitVerdict, NewCommit } from './log.js';

export interface CommitLog {
  /** One transaction: the entry, the membership, the roles. Never rejects. */
  appendCommit(commit: NewCommit): Promise<CommitVerdict>;
}

export interface CommitPorts {
  readonly log: CommitLog;
  readonly announcements: Announcements;
  readonly forget: ForgetList;
}

/** Stores a commit with the membership it makes, tells the gateways, then answers. group-service has judged it. */
export async function appendCommit(
  { log, announcements, forget }: CommitPorts,
  commit: NewCommit,
): Promise<AppendCommitReply> {
  const verdict = await log.appendCommit(commit);
  switch (verdict.kind) {
    case 'stored': {
      const { timeline, seq, acceptedAt } = verdict;
      // Whoever was removed holds back no after-read message any more.
      if (commit.removes.length > 0) forget.add(commit.conversation);
      const told = await announcements.announce(timeline, [itemOfCommit(commit, { seq, acceptedAt })]);
      return told ? { status: 'appended', seq, acceptedAt, timeline } : { status: 'unavailable' };
    }
    case 'known': {
      const { timeline, seq, acceptedAt, newestCommitSeq, head } = verdict;
      const told = await announcements.announce(timeline, [ring(commit.conversation, newestCommitSeq, head)]);
      return told ? { status: 'appended', seq, acceptedAt, timeline } : { status: 'unavailable' };
    }
    case 'stale':
      return { status: 'stale', newestCommitSeq: verdict.newestCommitSeq };
    case 'not-member':
    case 'conversation-exists':
    case 'device-known':
    case 'unavailable':
      return { status: verdict.kind };
    default:
      return unreachable(verdict);
  }
}
