import { encodeBase64url, unreachable, type CommitAnswer, type ProblemExtras } from '@wisp/protocol';
import { refuse, type Refusal } from '@wisp/service-kit';
import type { CommitOutcome } from '../domain/accept-commit.js';

/** What an operation that takes commits may answer beside the common problems. */
export type CommitProblem =
  | 'forbidden'
  | 'stale-commit'
  | 'commit-refused'
  | 'conversation-exists'
  | 'direct-exists'
  | 'incarnation-exists';

const RETRY_SECONDS = 1;

/** What the domain found, as HTTP says it, in the words that the operation has for it. */
export function answerCommit<Code extends CommitProblem>(
  outcome: CommitOutcome,
  codes: readonly Code[],
): CommitAnswer | Refusal<Code | 'rate-limited' | 'unavailable'> {
  function refuseAs(code: CommitProblem, extras: ProblemExtras = {}): Refusal<Code> {
    const known = codes.find((one) => one === code);
    if (known === undefined) throw new Error(`the operation has no word for ${code}`);
    return refuse(known, extras);
  }
  switch (outcome.kind) {
    case 'appended': {
      const { conversation, commitId, seq, hash, acceptedAt } = outcome.record;
      return { conversation, commitId, seq, hash: encodeBase64url(hash), acceptedAt };
    }
    case 'forbidden':
    case 'conversation-exists':
    case 'incarnation-exists':
      return refuseAs(outcome.kind);
    case 'direct-exists':
      return refuseAs('direct-exists', { conversation: outcome.conversation });
    case 'stale':
      return refuseAs('stale-commit', { newestCommitSeq: outcome.newestCommitSeq });
    case 'refused':
      return refuseAs('commit-refused', { reason: outcome.reason });
    case 'rate-limited':
      return refuse('rate-limited', { retryAfter: outcome.retryAfter });
    case 'unavailable':
      return refuse('unavailable', { retryAfter: RETRY_SECONDS });
    default:
      return unreachable(outcome);
  }
}
