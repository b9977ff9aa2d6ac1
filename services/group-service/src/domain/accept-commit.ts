import { createHash } from 'node:crypto';
import {
  CborRefusal,
  equalBytes,
  MlsRefusal,
  readCommitInfo,
  unreachable,
  type CommitInfo,
  type ConversationId,
  type ConversationKindName,
  type Seq,
} from '@wisp/protocol';
import { checkCommitInfo, checkStanding } from './check-commit-info.js';
import type { CommitRefusal } from './commit-refusal.js';
import { finishCommit, settleConversation, type FinishOutcome, type FinishPorts } from './finish-commit.js';
import { gatherFacts, type FactPorts } from './gather-facts.js';
import { projectedTable, type MemberTable } from './member-table.js';
import type { CommitLog, CommitRecord, KnownCommit, PendingCommit } from './ports.js';
import { emptyProjection, isMemberUser, type Caller, type Projection } from './projection.js';

export type CommitPorts = FinishPorts & FactPorts & { readonly log: CommitLog };

export interface CommitInput {
  readonly caller: Caller;
  readonly conversation: ConversationId;
  /** The kind of a conversation that is created; otherwise which commit of an existing one it is. */
  readonly target:
    | { readonly opens: 'create'; readonly kind: ConversationKindName }
    | { readonly opens: 'incarnation' }
    | { readonly opens: undefined };
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | null;
}

export type CommitOutcome =
  | FinishOutcome
  | { readonly kind: 'direct-exists'; readonly conversation: ConversationId }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number };

interface ReadInput extends CommitInput {
  readonly info: CommitInfo;
  readonly hash: Uint8Array;
}

/** Others' commits that may come between judging and claiming before the caller has to ask again. */
const MAX_ROUNDS = 5;

/**
 * Takes a commit through the house: judged by the projection at exactly its place in the log, kept, appended,
 * applied (server §2). The same commit again gets the first answer.
 */
export async function acceptCommit(ports: CommitPorts, input: CommitInput): Promise<CommitOutcome> {
  const info = readInfo(input.commit);
  if (typeof info === 'string') return { kind: 'refused', reason: info };
  const hash = createHash('sha256').update(input.commit).digest();
  const read: ReadInput = { ...input, info, hash };
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const outcome = await tryOnce(ports, read);
    if (outcome.kind !== 'again') return outcome;
  }
  return { kind: 'unavailable' };
}

function readInfo(commit: Uint8Array): CommitInfo | CommitRefusal {
  try {
    return readCommitInfo(commit).info;
  } catch (error) {
    if (error instanceof MlsRefusal) return 'framing';
    if (error instanceof CborRefusal) return 'commit-info-malformed';
    throw error;
  }
}

type Round = CommitOutcome | { readonly kind: 'again' };

async function tryOnce(ports: CommitPorts, input: ReadInput): Promise<Round> {
  const { commits } = ports;
  const { caller, conversation, info, target } = input;
  const known = await commits.findCommit(conversation, info.commitId);
  if (known !== null && isSameCommit(known, input)) {
    if (known.kind === 'appended') return answerAgain(ports, { record: known.record, target });
    const pending = await commits.readPending(conversation);
    return pending?.commitId === info.commitId ? finishCommit(ports, pending) : { kind: 'again' };
  }

  const projection = await projectionFor(ports, input);
  if (projection === 'exists') return { kind: 'conversation-exists' };
  if (projection === 'absent') return { kind: 'forbidden' };
  const table = await readTable(ports, input, projection);
  if (table === null) return { kind: 'unavailable' };
  const { opens } = target;
  const standing = checkStanding(projection, info, { caller, opens, table });
  if (standing.kind === 'forbidden') return standing;
  if (known !== null) return { kind: 'refused', reason: 'commit-id-known' };
  // A commit on its way may be in the log already: what is judged has to be the newest.
  if (await commits.hasPending(conversation)) {
    const settled = await settleConversation(ports, conversation);
    return settled === 'unavailable' ? { kind: 'unavailable' } : { kind: 'again' };
  }
  // Another replica's commit came in between.
  if (table.newestCommitSeq > projection.newestCommitSeq) return { kind: 'again' };
  if (standing.kind !== 'ok') return standing;

  const facts = await gatherFacts(ports, { caller, info, projection });
  if (facts === null) return { kind: 'unavailable' };
  const context = { caller, opens, table, hasWelcome: input.welcome !== null, facts };
  const verdict = checkCommitInfo(projection, info, context);
  if (verdict.kind !== 'allowed') return verdict;
  const { delta, isLimited } = verdict;
  const commit: PendingCommit = {
    conversation,
    commitId: info.commitId,
    caller,
    lastCommitSeq: info.lastCommitSeq,
    body: input.commit,
    hash: input.hash,
    delta,
    welcome: input.welcome,
    isLimited,
  };
  return claimAndFinish(ports, commit, projection.newestCommitSeq);
}

/** The first answer, unless the log was restored and has lost the commit: it never comes back as it was. */
async function answerAgain(
  { log }: CommitPorts,
  { record, target }: { record: CommitRecord } & Pick<CommitInput, 'target'>,
): Promise<Round> {
  if (target.opens === 'create') return { kind: 'appended', record };
  const table = await log.readMembers(record.conversation);
  if (table === null) return { kind: 'unavailable' };
  const { newestCommitSeq } = table;
  return newestCommitSeq < record.seq ? { kind: 'stale', newestCommitSeq } : { kind: 'appended', record };
}

/**
 * What the commit builds on in the log. The projection never has less than the log, but after a restore it may have
 * more, and then a next incarnation is the way on: so that one is placed by the log's own word. Who may be in it the
 * projection says, which has seen more.
 */
async function readTable(
  { log }: CommitPorts,
  { caller, conversation, target }: CommitInput,
  projection: Projection,
): Promise<MemberTable | null> {
  const asksLog = target.opens === 'incarnation' && isMemberUser(projection, caller.user);
  return asksLog ? log.readMembers(conversation) : projectedTable(projection);
}

/** The same bytes from the same device. */
function isSameCommit(known: KnownCommit, { caller, hash }: ReadInput): boolean {
  const first = known.kind === 'appended' ? known.record : known;
  return (
    equalBytes(first.hash, hash) && first.caller.device === caller.device && first.caller.user === caller.user
  );
}

async function projectionFor(
  { commits }: CommitPorts,
  { conversation, target }: CommitInput,
): Promise<Projection | 'exists' | 'absent'> {
  const projection = await commits.readProjection(conversation);
  if (target.opens !== 'create') return projection ?? 'absent';
  return projection === null ? emptyProjection(conversation, target.kind) : 'exists';
}

async function claimAndFinish(ports: CommitPorts, commit: PendingCommit, judgedAt: Seq): Promise<Round> {
  const claim = await ports.commits.claim(commit, judgedAt);
  switch (claim.kind) {
    case 'claimed':
      return finishCommit(ports, commit);
    case 'moved':
      return { kind: 'again' };
    case 'pair-taken': {
      if (claim.isOpen) return { kind: 'direct-exists', conversation: claim.conversation };
      // Its first commit decides: with it in the log the pair is taken, without it the pair is free again.
      const settled = await settleConversation(ports, claim.conversation);
      return settled === 'unavailable' ? { kind: 'unavailable' } : { kind: 'again' };
    }
    case 'conversation-exists':
    case 'rate-limited':
      return claim;
    default:
      return unreachable(claim);
  }
}
