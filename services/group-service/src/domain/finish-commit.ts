import { unreachable, type ConversationId, type Seq } from '@wisp/protocol';
import type { CommitRefusal } from './commit-refusal.js';
import type { CommitLog, CommitRecord, CommitStore, Notices, PendingCommit } from './ports.js';

export interface FinishPorts {
  readonly commits: CommitStore;
  readonly log: Pick<CommitLog, 'append'>;
  readonly notices: Notices;
}

export type FinishOutcome =
  | { readonly kind: 'appended'; readonly record: CommitRecord }
  | { readonly kind: 'stale'; readonly newestCommitSeq: Seq }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'conversation-exists' }
  | { readonly kind: 'incarnation-exists' }
  | { readonly kind: 'refused'; readonly reason: CommitRefusal }
  /** In doubt: it stays pending. */
  | { readonly kind: 'unavailable' };

/**
 * Hands a pending commit to the log and does what the answer asks for. Any replica may do it at any time, also side
 * by side: the log gives the same answer, and it is applied once.
 */
export async function finishCommit(ports: FinishPorts, commit: PendingCommit): Promise<FinishOutcome> {
  const { commits, log, notices } = ports;
  const verdict = await log.append(commit);
  switch (verdict.kind) {
    case 'appended': {
      const { seq, acceptedAt } = verdict;
      const applied = await commits.apply(commit, { seq, acceptedAt });
      // Whoever applied it rings; a bell that is lost with the process is made up for by the device's next start.
      if (applied !== null) notices.welcomesReleased(commit.conversation, commit.delta.welcomed);
      const { conversation, commitId, caller, hash } = commit;
      return { kind: 'appended', record: { conversation, commitId, caller, hash, seq, acceptedAt } };
    }
    case 'unavailable':
      return { kind: 'unavailable' };
    // The log's answers are final: a stale or foreign commit never becomes right, so trying again is of no use.
    case 'stale':
      await commits.release(commit);
      return { kind: 'stale', newestCommitSeq: verdict.newestCommitSeq };
    case 'not-member':
      await commits.release(commit);
      return { kind: 'forbidden' };
    case 'conversation-exists':
      await commits.release(commit);
      return { kind: commit.delta.opens === 'incarnation' ? 'incarnation-exists' : 'conversation-exists' };
    case 'device-known':
      await commits.release(commit);
      return { kind: 'refused', reason: 'device-known' };
    case 'invalid':
      await commits.release(commit);
      return { kind: 'refused', reason: 'limits' };
    default:
      return unreachable(verdict);
  }
}

/** Finishes whatever is on its way in this conversation; `settled` also if there was nothing. */
export async function settleConversation(
  ports: FinishPorts,
  conversation: ConversationId,
): Promise<'settled' | 'unavailable'> {
  const pending = await ports.commits.readPending(conversation);
  if (pending === null) return 'settled';
  const outcome = await finishCommit(ports, pending);
  return outcome.kind === 'unavailable' ? 'unavailable' : 'settled';
}

/** Finishes what others left behind: each replica calls it again and again. Answers how many it took up. */
export async function finishOverdue(ports: FinishPorts, limit: number): Promise<number> {
  const overdue = await ports.commits.takeOverdue(limit);
  for (const conversation of overdue) {
    // The log is away: the rest would only wait as well.
    if ((await settleConversation(ports, conversation)) === 'unavailable') break;
  }
  return overdue.length;
}
