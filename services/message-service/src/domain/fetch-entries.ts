import type { FetchAnswer, FetchWish } from '@wisp/protocol';
import type { Caller } from './log.js';
import type { ReadLog } from './read-log.js';

export interface FetchPorts {
  readonly log: Pick<ReadLog, 'fetchEntries'>;
  readonly observer: { cursorAboveHead(): void };
}

/** Pages of logs. An engine that has read beyond the head has seen what this log has lost: an alarm. */
export async function fetchEntries(
  { log, observer }: FetchPorts,
  caller: Caller,
  wishes: readonly FetchWish[],
): Promise<FetchAnswer> {
  const answer = await log.fetchEntries(caller, wishes);
  answer.pages.forEach((page, index) => {
    const wish = wishes[index];
    if (page.status === 'ok' && wish && wish.after > page.head) observer.cursorAboveHead();
  });
  return answer;
}
