import type { CommitAnswer, ConversationId } from '@wisp/protocol';
import { refuse, type DeviceCaller, type Limit, type Refusal } from '@wisp/service-kit';
import { acceptCommit, type CommitInput, type CommitPorts } from '../domain/accept-commit.js';
import { answerCommit, type CommitProblem } from './answer-commit.js';
import { decodeField } from './decode-field.js';

export interface CommitRouteParts {
  readonly ports: CommitPorts;
  /** Requests of one account, whatever becomes of them. */
  readonly perAccount: Limit;
  /** Bytes of one account's commits and Welcomes, whatever becomes of them. */
  readonly bytesPerAccount: Limit;
}

export interface CommitRequest<Code extends CommitProblem> {
  readonly caller: DeviceCaller;
  readonly conversation: ConversationId;
  readonly target: CommitInput['target'];
  readonly body: { readonly commit: string; readonly welcome?: string | undefined };
  readonly problems: readonly Code[];
}

/** What creating, committing and starting anew have in common: bytes in, the commit's answer out. */
export async function acceptCommitRequest<Code extends CommitProblem>(
  { ports, perAccount, bytesPerAccount }: CommitRouteParts,
  { caller, conversation, target, body, problems }: CommitRequest<Code>,
): Promise<CommitAnswer | Refusal<Code | 'malformed' | 'rate-limited' | 'unavailable'>> {
  const taken = await perAccount.take(caller.user);
  if (!taken.ok) return refuseRate(taken);
  const commit = decodeField(body.commit, 'commit');
  if ('refused' in commit) return commit;
  const welcome = body.welcome === undefined ? null : decodeField(body.welcome, 'welcome');
  if (welcome !== null && 'refused' in welcome) return welcome;
  const filled = await bytesPerAccount.take(caller.user, commit.length + (welcome?.length ?? 0));
  if (!filled.ok) return refuseRate(filled);
  const { user, device } = caller;
  const input = { caller: { user, device }, conversation, target, commit, welcome };
  return answerCommit(await acceptCommit(ports, input), problems);
}

function refuseRate({ retryAfterMs }: { readonly retryAfterMs: number }): Refusal<'rate-limited'> {
  return refuse('rate-limited', { retryAfter: Math.ceil(retryAfterMs / 1_000) });
}
