import type { Announcements } from './announcements.js';
import type { ForgetList } from './forget-read.js';
import type { Mark, MovedMarks } from './log.js';

export interface MarkLog {
  moveMarks(marks: readonly Mark[]): Promise<MovedMarks>;
}

export interface AcknowledgePorts {
  readonly log: MarkLog;
  readonly announcements: Announcements;
  readonly forget: ForgetList;
}

/** Moves marks, tells the senders, and answers the indices of marks that are to be sent again. */
export async function acknowledge(
  { log, announcements, forget }: AcknowledgePorts,
  marks: readonly Mark[],
): Promise<number[]> {
  const { timeline, moved, busy } = await log.moveMarks(marks);
  for (const { conversation } of moved) forget.add(conversation);
  // A lost one is told by the next mark.
  await announcements.announce(
    timeline,
    moved.map((mark) => ({ kind: 'acked', ...mark })),
  );
  const locked = new Set(busy.map(placeOf));
  return marks.flatMap((mark, index) => (locked.has(placeOf(mark)) ? [index] : []));
}

const placeOf = ({ conversation, device }: Mark) => `${conversation}/${device}`;
