import type { MessageKey, MessageView } from '@wisp/client';
import type { UserId } from '@wisp/protocol';
import { isSameDay } from '../../strings/moments.js';

/** Where a bubble stands in its run: what its corners and its time depend on. */
export type Place = 'solo' | 'first' | 'mid' | 'last';

export type Row =
  | { kind: 'day'; id: string; at: number }
  | { kind: 'unread'; id: string; count: number }
  | { kind: 'notice'; id: string; message: MessageView }
  | { kind: 'line'; id: string; words: 'trace.server' | 'trace.away' }
  | MessageRow
  | TraceRow;

export interface MessageRow {
  kind: 'message';
  id: string;
  message: MessageView;
  place: Place;
  /** The newest own message says its state in words. */
  newestOwn: boolean;
  /** Own messages that wait, on the last of them. */
  waiting: number;
}

export interface TraceRow {
  kind: 'trace';
  id: string;
  author: UserId;
  by: UserId;
  own: boolean;
  keys: MessageKey[];
  at: number;
  place: Place;
}

const RUN_GAP = 5 * 60 * 1000;

interface Timeline {
  /** In timeline order. */
  messages: MessageView[];
  hidden: readonly MessageKey[];
  /** The order of the message that was the first unread one at opening. */
  unreadFrom: number | null;
  unreadAtOpening: number;
  /** At this order something went unseen while one was away. */
  goneAt: number | null;
}

/** What the timeline shows, line by line: days, the unread line, runs of bubbles, traces and notices. */
export function timelineRows({ messages, hidden, unreadFrom, unreadAtOpening, goneAt }: Timeline): Row[] {
  const rows: Row[] = [];
  const hides = new Set(hidden);
  let before: MessageView | null = null;
  let unreadPlaced = unreadFrom === null;
  let gonePlaced = goneAt === null;
  const placeGone = () => {
    if (!gonePlaced) rows.push({ kind: 'line', id: 'gone', words: 'trace.away' });
    gonePlaced = true;
  };

  for (const message of messages) {
    if (hides.has(message.key)) continue;
    // What has waited since yesterday stands last all the same: days never run backwards.
    if (!before || (message.at > before.at && !isSameDay(before.at, message.at))) {
      rows.push({ kind: 'day', id: `day ${message.key}`, at: message.at });
    }
    if (message.order >= (goneAt ?? Infinity)) placeGone();
    if (!unreadPlaced && message.order >= (unreadFrom ?? 0)) {
      rows.push({ kind: 'unread', id: 'unread', count: unreadAtOpening });
      unreadPlaced = true;
    }
    addRow(rows, message);
    if (!before || message.at > before.at) before = message;
  }
  placeGone();
  placeInRuns(rows);
  markNewestOwn(rows);
  return rows;
}

function addRow(rows: Row[], message: MessageView): void {
  const { content, key } = message;
  if (content.kind === 'notice') {
    rows.push({ kind: 'notice', id: key, message });
  } else if (content.kind === 'removed-by-server') {
    rows.push({ kind: 'line', id: key, words: 'trace.server' });
  } else if (content.kind === 'deleted') {
    const last = rows.at(-1);
    if (last?.kind === 'trace' && last.by === content.by && last.author === message.author) {
      last.keys.push(key);
    } else {
      const { author, own, at } = message;
      rows.push({ kind: 'trace', id: key, author, by: content.by, own, keys: [key], at, place: 'solo' });
    }
  } else {
    rows.push({ kind: 'message', id: key, message, place: 'solo', newestOwn: false, waiting: 0 });
  }
}

/** One author, no more than five minutes between neighbours, nothing between them. */
function placeInRuns(rows: Row[]): void {
  rows.forEach((row, at) => {
    if (row.kind !== 'message' && row.kind !== 'trace') return;
    const joinsUp = isRun(rows[at - 1], row);
    const joinsDown = isRun(row, rows[at + 1]);
    row.place = joinsUp ? (joinsDown ? 'mid' : 'last') : joinsDown ? 'first' : 'solo';
  });
}

function isRun(upper: Row | undefined, lower: Row | undefined): boolean {
  const above = inRun(upper);
  const below = inRun(lower);
  return above !== null && below !== null && above.author === below.author && below.at - above.at <= RUN_GAP;
}

function inRun(row: Row | undefined): { author: UserId; at: number } | null {
  if (row?.kind === 'trace') return row;
  // What can't be opened explains itself and stands alone.
  if (row?.kind === 'message' && row.message.content.kind === 'text') return row.message;
  return null;
}

function markNewestOwn(rows: Row[]): void {
  const own = rows.filter((row) => row.kind === 'message' && row.message.own);
  const newest = own.at(-1);
  if (newest?.kind !== 'message') return;
  newest.newestOwn = true;
  newest.waiting = own.filter(
    (row) => row.kind === 'message' && row.message.state?.kind === 'sending',
  ).length;
}
