import { expect, test } from '@jest/globals';
import { nextLeaving, withLeaving } from './leaving.js';
import { message } from './test-messages.js';
import { timelineRows } from './timeline-rows.js';

const rowsOf = (...numbers: number[]) =>
  timelineRows({
    messages: numbers.map((n) => message(n)),
    hidden: [],
    unreadFrom: null,
    unreadAtOpening: 0,
    goneAt: null,
  });
const ids = (rows: readonly { id: string }[]) => rows.map((row) => row.id);
const key = (n: number) => message(n).key as string;

test('a bubble that was on the screen dissolves where it stood', () => {
  const before = rowsOf(1, 2, 3);
  const after = rowsOf(1, 3);
  const leaving = nextLeaving({ before, after, leaving: [], isOnScreen: () => true });
  expect(ids(leaving)).toEqual([key(2)]);
  expect(ids(withLeaving(after, leaving, ids(before)))).toEqual(ids(before));
});

test('what was off the screen is simply gone', () => {
  const leaving = nextLeaving({
    before: rowsOf(1, 2),
    after: rowsOf(1),
    leaving: [],
    isOnScreen: (id) => id === key(1),
  });
  expect(leaving).toEqual([]);
});

test('at most six dissolve at once', () => {
  const before = rowsOf(1, 2, 3, 4, 5, 6, 7, 8);
  const leaving = nextLeaving({ before, after: [], leaving: [], isOnScreen: () => true });
  expect(leaving).toHaveLength(6);
});

test('a message that comes back by Undo stops leaving', () => {
  const before = rowsOf(1, 2);
  const leaving = nextLeaving({ before, after: rowsOf(1), leaving: [], isOnScreen: () => true });
  expect(nextLeaving({ before: rowsOf(1), after: before, leaving, isOnScreen: () => true })).toEqual([]);
});

test('two neighbours that leave keep their order', () => {
  const before = rowsOf(1, 2, 3, 4);
  const after = rowsOf(1, 4);
  const leaving = nextLeaving({ before, after, leaving: [], isOnScreen: () => true });
  expect(ids(withLeaving(after, leaving, ids(before)))).toEqual(ids(before));
});
