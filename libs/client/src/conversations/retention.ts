import type { Retention, Seq } from '@wisp/protocol';
import type { Context } from './context.js';
import type { AbsentRecord } from './records.js';
import type { Away, Room } from './room.js';

/*
 * What an absence may have cost because the server keeps nothing for ever (protocol §5). A server that lies must gain
 * nothing of what this device was there for: the absence goes by the device's own clock, and a shorter word than any
 * before it counts for nothing.
 */

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
/** A device is seldom away for so long: below it a statement would explain everyday gaps. */
const LEAST_STAY = 30 * DAY;
const COMMITS_STAY = 90 * DAY;
/** No log lacks more in earnest, and sums of it stay numbers. */
const MANY = 1_000_000_000;

/** How long the server keeps commits and messages without a timer, ms. */
export interface Stays {
  messages: number;
  commits: number;
}

/** The longest that was ever stated. Null: nothing was. */
export function longerOf(before: Retention | null, stated: Retention | undefined): Retention | null {
  if (before === null || stated === undefined) return stated ?? before;
  return {
    messages: Math.max(before.messages, stated.messages),
    commits: Math.max(before.commits, stated.commits),
  };
}

/** What is believed of a statement. Without one nothing explains a missing message. */
export function staysOf(stated: Retention | null): Stays {
  if (stated === null) return { messages: Infinity, commits: COMMITS_STAY };
  return {
    messages: Math.max(LEAST_STAY, stated.messages * SECOND),
    commits: Math.max(LEAST_STAY, stated.commits * SECOND),
  };
}

/** One moment by the device's own clock, `wall`, and by the server's. */
export interface Now {
  wall: number;
  server: number;
}

export const nowOf = ({ clock, time }: Pick<Context, 'clock' | 'time'>): Now => ({
  wall: clock.now(),
  server: time.now(),
});

/**
 * By this device's own clock: nothing after an entry was accepted before that. The later of the server's stamp and of
 * what the sender signed.
 */
export function acceptedAfter(
  before: number,
  entry: { acceptedAt?: number; sentAt?: number },
  { wall, server }: Now,
): number {
  const stamped = entry.acceptedAt === undefined ? 0 : wall - (server - entry.acceptedAt);
  return Math.max(before, Math.min(wall, Math.max(stamped, entry.sentAt ?? 0)));
}

/** Longer than messages are kept, by this device's own clock: some may have come and been swept meanwhile. */
export function isLong(away: Pick<Away, 'lasted' | 'stays'>): boolean {
  return away.lasted > away.stays.messages;
}

/** The next that the log lacks was accepted so long ago, as far as can be told, that it may have been swept. */
export function isOldEnough(acceptedOn: number, { messages }: Stays, wall: number): boolean {
  return acceptedOn + messages < wall;
}

/**
 * The log is complete up to `through`: adds what lies between and is gone. Own entries are accounted for. What is too
 * young in a long absence counts as neither: it had a timer, or was a commit, or its sender's next word tells.
 */
export async function countAbsences(context: Context, room: Room, through: Seq): Promise<AbsentRecord> {
  const { record, away } = room;
  const { absent } = record;
  // What was walked before a repair has been counted.
  const after = Math.max(record.cursor, record.rewalkTo) as Seq;
  if (through <= after) return absent;
  if (away === null || !isLong(away))
    return { ...absent, other: await addGone(context, room, { to: absent.other, after, through }) };
  const border = Math.max(after, Math.min(through, away.to)) as Seq;
  return {
    swept: isOldEnough(record.acceptedOn, away.stays, context.clock.now())
      ? await addGone(context, room, { to: absent.swept, after, through: border })
      : absent.swept,
    other: await addGone(context, room, { to: absent.other, after: border, through }),
  };
}

async function addGone(
  context: Context,
  { id }: Room,
  { to, ...range }: { to: number; after: Seq; through: Seq },
): Promise<number> {
  if (range.through <= range.after) return to;
  const own = await context.store.countHashes(id, range);
  return Math.min(MANY, to + range.through - range.after - own);
}
