import type { Person } from '../../src/index.js';
import type { BareWorld } from '../bare-world.js';
import { incarnationOf } from './restored-server.js';

/** group-service follows the log. */
export async function isInIncarnation(
  { database }: BareWorld,
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
  { database }: BareWorld,
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

/** Waits until the server holds so many Welcomes: a new one came, or its device has used or refused it. */
export async function holdsWelcomes(
  { database }: BareWorld,
  { who, conversation, count }: { who: Person; conversation: string; count: number },
): Promise<void> {
  await who.waitFor(async () => {
    const { rowCount } = await database.query('SELECT 1 FROM groups.welcomes WHERE conversation_id = $1', [
      conversation,
    ]);
    return rowCount === count ? true : undefined;
  }, `${count} Welcomes`);
}
