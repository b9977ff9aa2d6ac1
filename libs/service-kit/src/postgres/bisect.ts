import { classifyDatabaseError } from './classify-database-error.js';

export type BatchOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Refused for its own data, alone. */
  | { readonly kind: 'poison'; readonly error: unknown }
  /** In doubt: a retry decides. */
  | { readonly kind: 'unavailable'; readonly error: unknown };

/**
 * Runs a batch as one; where its data is refused, halves it until the poison rows stand alone. Halves run in order,
 * one after the other. `run` answers one result per item, in order, or throws with nothing stored.
 * @throws whatever is neither poison nor unavailability
 */
export async function bisect<Item, Result>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<BatchOutcome<Result>[]> {
  if (items.length === 0) return [];
  try {
    const results = await run(items);
    if (results.length !== items.length) throw new RangeError('a batch answers one result per item');
    return results.map((result) => ({ kind: 'done', result }));
  } catch (error) {
    const kind = classifyDatabaseError(error);
    if (kind === 'fault') throw error;
    if (kind === 'unavailable') return items.map(() => ({ kind, error }));
    if (items.length === 1) return [{ kind, error }];
    const half = Math.ceil(items.length / 2);
    const first = await bisect(items.slice(0, half), run);
    return [...first, ...(await bisect(items.slice(half), run))];
  }
}
