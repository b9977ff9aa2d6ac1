import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { Person } from '../../src/index.js';

/*
 * What can happen to the store of a device that is switched off: it is sealed, so its bytes can only be spoilt, or be
 * older ones.
 */

type Records = ClassicLevel<string, Uint8Array>;
export type StoredSession = ReadonlyMap<string, Uint8Array>;

async function withRecords<Result>(who: Person, use: (records: Records) => Promise<Result>): Promise<Result> {
  const records: Records = new ClassicLevel(join(who.folder, 'records'), {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression: false,
  });
  await records.open();
  try {
    return await use(records);
  } finally {
    await records.close();
  }
}

/** Collection and key, as the store joins them. */
const SESSIONS = { gte: 'sessions ', lt: 'sessions!' };

/** The sealed MLS state of all chats. */
export const readSession = (who: Person): Promise<StoredSession> =>
  withRecords(who, async (records) => new Map(await records.iterator(SESSIONS).all()));

export const putSessionBack = (who: Person, session: StoredSession): Promise<void> =>
  withRecords(who, (records) =>
    records.batch([...session].map(([key, value]) => ({ type: 'put' as const, key, value }))),
  );

/** One bit of everything that is stored of the MLS state. */
export async function spoilSession(who: Person): Promise<void> {
  const sealed = await readSession(who);
  if (sealed.size === 0) throw new Error(`${who.name} has no session`);
  await putSessionBack(
    who,
    new Map([...sealed].map(([key, value]) => [key, value.map((byte, i) => (i === 40 ? byte ^ 1 : byte))])),
  );
}

/** One bit of one record of a collection (the newest with `about` in its key, where there is one), or of each. */
export async function spoilRecords(
  who: Person,
  collection: string,
  { which, about }: { which: 'one' | 'every'; about: string },
): Promise<number> {
  return withRecords(who, async (records) => {
    const all = await records.iterator({ gte: `${collection} `, lt: `${collection}!` }).all();
    const newest = all.findLast(([key]) => key.includes(about)) ?? all.at(-1);
    const chosen = which === 'every' || newest === undefined ? all : [newest];
    await records.batch(chosen.map(([key, value]) => ({ type: 'put' as const, key, value: flipBit(value) })));
    return chosen.length;
  });
}

const flipBit = (sealed: Uint8Array) => sealed.map((byte, i) => (i === 30 ? byte ^ 1 : byte));

/** A copy of the whole store of a device that is switched off. */
export async function backUp(who: Person): Promise<{ restore: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wisp-copy-'));
  await cp(who.folder, folder, { recursive: true });
  return {
    async restore() {
      await rm(who.folder, { recursive: true, force: true });
      await cp(folder, who.folder, { recursive: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
