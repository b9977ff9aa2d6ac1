import { describe, expect, test } from '@jest/globals';
import { ada, bo, message, minute } from './test-messages.js';
import { timelineRows, type Row } from './timeline-rows.js';

const at = { hidden: [], unreadFrom: null, unreadAtOpening: 0, goneAt: null };

function places(rows: Row[]): string[] {
  return rows.map((row) => (row.kind === 'message' || row.kind === 'trace' ? row.place : row.kind));
}

describe('runs', () => {
  test('one author within five minutes of the neighbour is one run', () => {
    const rows = timelineRows({ ...at, messages: [message(0), message(5), message(10)] });
    expect(places(rows)).toEqual(['day', 'first', 'mid', 'last']);
  });

  test('another author, a longer pause and a notice end a run', () => {
    const notice = message(4, { content: { kind: 'notice', notice: { kind: 'let-back-in' } } });
    const rows = timelineRows({
      ...at,
      messages: [
        message(0),
        message(1, { author: ada }),
        message(2),
        message(3),
        notice,
        message(5),
        message(11),
      ],
    });
    expect(places(rows)).toEqual(['day', 'solo', 'solo', 'first', 'last', 'notice', 'solo', 'solo']);
  });

  test('what can’t be opened stands alone', () => {
    const closed = message(1, { content: { kind: 'undecryptable', reason: 'refused' } });
    const rows = timelineRows({ ...at, messages: [message(0), closed, message(2)] });
    expect(places(rows)).toEqual(['day', 'solo', 'solo', 'solo']);
  });
});

describe('what is left behind', () => {
  const deleted = { content: { kind: 'deleted', by: bo } } as const;

  test('deletions in a row become one trace that counts them', () => {
    const rows = timelineRows({ ...at, messages: [message(0), message(1, deleted), message(2, deleted)] });
    expect(places(rows)).toEqual(['day', 'first', 'last']);
    expect(rows.at(-1)).toMatchObject({ kind: 'trace', keys: [message(1).key, message(2).key] });
  });

  test('a message that the server removed is a line', () => {
    const rows = timelineRows({ ...at, messages: [message(0, { content: { kind: 'removed-by-server' } })] });
    expect(places(rows)).toEqual(['day', 'line']);
  });

  test('messages gone while away are one line in their place, which ends a run', () => {
    const messages = [message(0), message(1), message(2)];
    expect(places(timelineRows({ ...at, messages, goneAt: 1 }))).toEqual([
      'day',
      'solo',
      'line',
      'first',
      'last',
    ]);
    expect(places(timelineRows({ ...at, messages, goneAt: 9 }))).toEqual([
      'day',
      'first',
      'mid',
      'last',
      'line',
    ]);
  });

  test('a hidden message leaves no row and no day of its own', () => {
    const only = message(0);
    expect(timelineRows({ ...at, messages: [only], hidden: [only.key] })).toEqual([]);
  });
});

describe('the unread line', () => {
  test('stands before the first unread message', () => {
    const rows = timelineRows({
      messages: [message(0), message(1), message(2)],
      ...at,
      unreadFrom: 1,
      unreadAtOpening: 2,
    });
    expect(places(rows)).toEqual(['day', 'solo', 'unread', 'first', 'last']);
    expect(rows[2]).toMatchObject({ count: 2 });
  });

  test('keeps its place when that message has died', () => {
    const rows = timelineRows({
      messages: [message(0), message(2)],
      ...at,
      unreadFrom: 1,
      unreadAtOpening: 2,
    });
    expect(places(rows)).toEqual(['day', 'solo', 'unread', 'solo']);
  });

  test('isn’t drawn below everything', () => {
    const rows = timelineRows({ ...at, messages: [message(0)], unreadFrom: 5, unreadAtOpening: 1 });
    expect(places(rows)).toEqual(['day', 'solo']);
  });
});

test('a new day gets a pill', () => {
  const rows = timelineRows({ ...at, messages: [message(0), message(1, { at: minute(24 * 60) })] });
  expect(places(rows)).toEqual(['day', 'solo', 'day', 'solo']);
});

test('the newest own message says its state, and how many wait', () => {
  const waiting = { author: ada, state: { kind: 'sending' } } as const;
  const rows = timelineRows({
    ...at,
    messages: [message(0, waiting), message(1, waiting), message(2)],
  });
  expect(rows.filter((row) => row.kind === 'message').map((row) => [row.newestOwn, row.waiting])).toEqual([
    [false, 0],
    [true, 2],
    [false, 0],
  ]);
});

test('what has waited since yesterday stands last without turning the day back', () => {
  const yesterday = -24 * 60;
  const waiting = message(2, { author: ada, at: minute(yesterday), state: { kind: 'sending' } });
  expect(places(timelineRows({ ...at, messages: [message(1), waiting] }))).toEqual(['day', 'solo', 'solo']);
});
