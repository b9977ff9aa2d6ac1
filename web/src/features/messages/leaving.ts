import type { MessageRow, Row } from './timeline-rows.js';

/** A row whose message is out of the store already; it only dissolves. */
export interface LeavingRow {
  kind: 'leaving';
  id: string;
  row: MessageRow;
}

/** More than these at once would be a spectacle; the rest just close. */
const AT_ONCE = 6;

interface Change {
  before: readonly Row[];
  after: readonly Row[];
  leaving: readonly LeavingRow[];
  isOnScreen: (id: string) => boolean;
}

/** Which rows dissolve now: bubbles that were on the screen and are no longer in the timeline. */
export function nextLeaving({ before, after, leaving, isOnScreen }: Change): LeavingRow[] {
  const here = new Set(after.map((row) => row.id));
  const still = leaving.filter((row) => !here.has(row.id));
  for (const row of before) {
    if (still.length >= AT_ONCE) break;
    if (row.kind !== 'message' || here.has(row.id) || !isOnScreen(row.id)) continue;
    if (row.message.content.kind !== 'text') continue;
    still.push({ kind: 'leaving', id: row.id, row });
  }
  return still;
}

/** The timeline with the leaving rows where they stood: below the nearest row above them that is still here. */
export function withLeaving(
  rows: readonly Row[],
  leaving: readonly LeavingRow[],
  lastOrder: readonly string[],
): (Row | LeavingRow)[] {
  if (leaving.length === 0) return [...rows];
  const merged: (Row | LeavingRow)[] = [...rows];
  for (const row of leaving) {
    const stood = lastOrder.indexOf(row.id);
    let at = 0;
    for (let above = stood - 1; above >= 0; above -= 1) {
      const found = merged.findIndex((other) => other.id === lastOrder[above]);
      if (found >= 0) {
        at = found + 1;
        break;
      }
    }
    merged.splice(at, 0, row);
  }
  return merged;
}
