import type { Database, Transaction } from './connect-database.js';

/** An expected outcome for which nothing may be stored. */
class RolledBack extends Error {
  readonly outcome: unknown;

  constructor(outcome: unknown) {
    super('rolled back');
    this.outcome = outcome;
  }
}

/** Runs `work` in one transaction. `rollBack(outcome)` undoes everything and makes `outcome` the result. */
export async function runTransaction<Outcome>(
  database: Database,
  work: (tx: Transaction, rollBack: (outcome: Outcome) => never) => Promise<Outcome>,
): Promise<Outcome> {
  let abandoned: RolledBack | undefined;
  try {
    return await database.$transaction(
      (tx) =>
        work(tx, (outcome) => {
          abandoned = new RolledBack(outcome);
          throw abandoned;
        }),
      { maxWait: 2_000, timeout: 5_000 },
    );
  } catch (error) {
    // Only `rollBack` makes one, from this call's own Outcome.
    if (error instanceof RolledBack && error === abandoned) return error.outcome as Outcome;
    throw error;
  }
}
