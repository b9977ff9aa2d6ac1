import type { AppendAnswer, AppendResult, ConversationId } from '@wisp/protocol';
import { unreachable } from '@wisp/protocol';
import { itemsOfMessage, type Announcements } from './announcements.js';
import { createAppendQueue, type AppendQueue, type Overloaded, type QueuedMessage } from './append-queue.js';
import type { AppendedBatch, AppendVerdict, Caller, NewMessage } from './log.js';
import { readMessage } from './read-message.js';

export interface UploadedMessage extends Caller {
  readonly conversation: ConversationId;
  /** Base64url, passed on to receivers as it came. */
  readonly body: string;
}

export interface AppendLog {
  /** One transaction; a verdict for each message. Never rejects. */
  append(batch: readonly NewMessage[]): Promise<AppendedBatch>;
  /** The newest timeline known. */
  timeline(): number;
}

export interface AppendObserver {
  /** A batch was stored and told; milliseconds of each stage. */
  batchDone(batch: AppendedBatch, ms: { queue: number; log: number; publish: number }): void;
  overloaded(messages: number): void;
}

export interface AppendPorts {
  readonly log: AppendLog;
  readonly announcements: Announcements;
  readonly observer: AppendObserver;
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs a task after so many milliseconds; for 0 once this tick's events are in. */
  later(ms: number, task: () => void): void;
}

export interface Appender {
  appendMessages(messages: readonly UploadedMessage[], budgetMs: number): Promise<AppendAnswer>;
  readonly queue: Pick<AppendQueue, 'size' | 'oldest'>;
}

/** In a crowd a message waits this long for company: a batch of 40 costs the log a fifth of 40 single ones. */
const PATIENCE_MS = { few: 16, many: 30 };
const MANY = 20;
const RETRY_AFTER_SECONDS = 1;

/**
 * Appends in batches. A lone message goes at once; in a crowd one batch gathers while another is at the log, and more
 * run side by side when a full one waits. A message is answered once its batch is stored, published and flushed.
 */
export function createAppender(
  { log, announcements, observer, now, later }: AppendPorts,
  { batchesAtOnce, queue = createAppendQueue() }: { batchesAtOnce: number; queue?: AppendQueue },
): Appender {
  let running = 0;
  let isPumpSoon = false;
  let isPumpLater = false;
  /** How many messages the last batch held: after one or none, who comes now goes at once. */
  let crowd = 0;

  function pumpSoon(): void {
    if (isPumpSoon) return;
    isPumpSoon = true;
    later(0, () => {
      isPumpSoon = false;
      pump();
    });
  }

  function pumpLater(ms: number): void {
    if (isPumpLater) return;
    isPumpLater = true;
    later(ms, () => {
      isPumpLater = false;
      pump();
    });
  }

  function patience(): number {
    if (crowd <= 1 && running === 0) return 0;
    return crowd < MANY ? PATIENCE_MS.few : PATIENCE_MS.many;
  }

  function pump(): void {
    while (running < batchesAtOnce && queue.size() > 0) {
      const left = patience() - (now() - queue.oldest());
      if (left > 0 && !queue.holdsBatch()) return pumpLater(Math.ceil(left));
      const batch = queue.take(now());
      // All who wait have a batch at the log already.
      if (batch.length === 0) return;
      running += 1;
      crowd = batch.length;
      void finish(batch);
    }
  }

  async function finish(batch: readonly QueuedMessage[]): Promise<void> {
    const taken = now();
    const answer = await log.append(batch.map(({ message }) => message));
    const stored = now();
    const items = batch.flatMap(({ message, text }, index) => {
      const verdict = answer.verdicts[index];
      return verdict ? itemsOfMessage(message, verdict, text) : [];
    });
    const isTold = await announcements.announce(answer.timeline, items);
    batch.forEach(({ settle }, index) => settle(toldVerdict(answer.verdicts[index], isTold)));
    const waitedFrom = batch.reduce((first, { queuedAt }) => Math.min(first, queuedAt), taken);
    observer.batchDone(answer, { queue: taken - waitedFrom, log: stored - taken, publish: now() - stored });
    queue.release(batch);
    running -= 1;
    pump();
  }

  return {
    queue,
    async appendMessages(messages, budgetMs) {
      const queuedAt = now();
      const queued: QueuedMessage[] = [];
      const results = messages.map((uploaded) => {
        const read = readMessage(uploaded);
        if (read.kind !== 'message') return Promise.resolve<AppendResult>({ status: read.kind });
        return new Promise<AppendResult>((resolve) => {
          queued.push({
            message: read.message,
            text: uploaded.body,
            deadline: queuedAt + budgetMs,
            queuedAt,
            settle: (verdict) => resolve(toResult(verdict)),
          });
        });
      });
      if (queue.push(queued)) {
        // Not at once: requests that came in one tick make one batch.
        pumpSoon();
      } else {
        observer.overloaded(queued.length);
        for (const { settle } of queued) settle({ kind: 'overloaded' });
      }
      return { results: await Promise.all(results), timeline: log.timeline() };
    },
  };
}

/** What nobody was told of isn't acknowledged: the retry is a duplicate, and rings. */
function toldVerdict(verdict: AppendVerdict | undefined, isTold: boolean): AppendVerdict {
  if (verdict === undefined) return { kind: 'unavailable' };
  const needsTelling = verdict.kind === 'stored' || verdict.kind === 'duplicate';
  return needsTelling && !isTold ? { kind: 'unavailable' } : verdict;
}

function toResult(verdict: AppendVerdict | Overloaded): AppendResult {
  switch (verdict.kind) {
    case 'stored':
      return { status: 'stored', seq: verdict.seq, acceptedAt: verdict.acceptedAt };
    case 'stale':
    case 'gap':
      return { status: verdict.kind, newestCommitSeq: verdict.newestCommitSeq };
    case 'duplicate':
    case 'not-member':
    case 'malformed':
    case 'unavailable':
      return { status: verdict.kind };
    case 'overloaded':
      return { status: 'overloaded', retryAfter: RETRY_AFTER_SECONDS };
    default:
      return unreachable(verdict);
  }
}
