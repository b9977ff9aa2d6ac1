import pg from 'pg';
import { openWorld, type World } from '../src/index.js';

/** A world, and the database behind it for what only a spoilt or hostile server does. */
export interface BareWorld {
  world: World;
  database: pg.Client;
  close(): Promise<void>;
}

export async function openBareWorld(): Promise<BareWorld> {
  const world = await openWorld();
  const database = new pg.Client({ connectionString: world.databaseUrl });
  await database.connect();
  return {
    world,
    database,
    async close() {
      await database.end();
      await world.close();
    },
  };
}
