import pg from 'pg';
import { openWorld, type Person, type World } from '../../src/index.js';
import { incarnationOf } from './restored-server.js';

/** A world, and the database behind it for what only a spoilt or hostile server does. */
export interface RepairStage {
  world: World;
  database: pg.Client;
  close(): Promise<void>;
}

export async function openRepairStage(): Promise<RepairStage> {
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

/** group-service follows the log. */
export async function isInIncarnation(
  { database }: RepairStage,
  { who, conversation, incarnation }: { who: Person; conversation: string; incarnation: number },
): Promise<void> {
  await who.waitFor(
    async () => ((await incarnationOf(database, conversation)) === incarnation ? true : undefined),
    `incarnation ${incarnation}`,
  );
}

export async function wasLetBackIn(who: Person): Promise<void> {
  await who.waitFor(
    async () =>
      (await who.read()).find(
        ({ content }) => content.kind === 'notice' && content.notice.kind === 'let-back-in',
      ),
    'the notice',
  );
}

/** Waits for a request of somebody that is another one than `before`. */
export function requestOf(
  { database }: RepairStage,
  { who, conversation, before }: { who: Person; conversation: string; before: Buffer | null },
): Promise<Buffer> {
  return who.waitFor(async () => {
    const { rows } = await database.query<{ statement: Buffer }>(
      'SELECT statement FROM groups.requests WHERE conversation_id = $1',
      [conversation],
    );
    const [request] = rows;
    return request && !(before?.equals(request.statement) ?? false) ? request.statement : undefined;
  }, 'a request');
}
