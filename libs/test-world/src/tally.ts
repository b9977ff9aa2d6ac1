import type { Person } from './person.js';

/** A backlog of hundreds of messages is walked and sent, on whatever else the machine has to do. */
const STORM_PATIENCE_MS = 120_000;

export interface Tally {
  /** Texts that stand as sent on their author's device. */
  acknowledged: number;
  /** Said or acknowledged, and missing on a device. */
  lost: number;
  doubled: number;
  reordered: number;
}

/** What of all that was said stands on the devices of both: each text once, each author's in their order. */
export async function tally(
  pair: readonly Person[],
  said: ReadonlyMap<Person, readonly string[]>,
): Promise<Tally> {
  const sum: Tally = { acknowledged: 0, lost: 0, doubled: 0, reordered: 0 };
  for (const author of pair) {
    const texts = said.get(author) ?? [];
    sum.acknowledged += texts.length;
    for (const reader of pair) {
      const seen = (await reader.texts()).filter((text) => texts.includes(text));
      const once = [...new Set(seen)];
      const expected = texts.filter((text) => once.includes(text));
      sum.lost += texts.length - once.length;
      sum.doubled += seen.length - once.length;
      sum.reordered += once.filter((text, i) => text !== expected[i]).length;
    }
  }
  return sum;
}

/** Waits until everything that was said has been acknowledged and stands on the other side. */
export async function settle(
  pair: readonly Person[],
  said: ReadonlyMap<Person, readonly string[]>,
): Promise<void> {
  for (const person of pair) await person.getsOnline();
  for (const author of pair) {
    await allIsSent(author);
    const last = said.get(author)?.at(-1);
    if (last === undefined) continue;
    for (const reader of pair) await readsAsFar(reader, last);
  }
}

async function readsAsFar(reader: Person, last: string): Promise<void> {
  await reader.waitFor(
    async () => ((await reader.texts()).includes(last) ? true : undefined),
    `"${last}"`,
    STORM_PATIENCE_MS,
  );
}

/** Waits until the server has acknowledged all that somebody said. */
export async function allIsSent(author: Person): Promise<void> {
  await author.waitFor(
    async () => ((await author.engine.connection()).waiting === 0 ? true : undefined),
    'everything to be sent',
    STORM_PATIENCE_MS,
  );
}
