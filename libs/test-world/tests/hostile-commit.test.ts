import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Cheat } from '@wisp/e2ee/cheating-commit';
import type { ConversationId } from '@wisp/protocol';
import type { Person } from '../src/index.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { commitACheat } from './hostile/commit-a-cheat.js';
import { countCommits, incarnationOf } from './repair/restored-server.js';

/* A member whose commit is right for the whole world and wrong for the one who has to open it: only they can see it. */

let stage: BareWorld;
let names = 0;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

async function pair(): Promise<{ mallory: Person; bob: Person; conversation: ConversationId }> {
  names += 1;
  const [mallory, bob] = [
    await stage.world.person(`mallory${names}`),
    await stage.world.person(`bob${names}`),
  ];
  await mallory.chatWith(bob);
  const conversation = await bob.hearsFrom(mallory);
  await mallory.says('hi');
  await bob.sees('hi');
  await bob.says('hi yourself');
  await mallory.sees('hi yourself');
  return { mallory, bob, conversation };
}

/** What Bob's device asks of the others, as the server holds it. */
const askedFor = (bob: Person, conversation: ConversationId) =>
  bob.waitFor(async () => {
    const { rows } = await stage.database.query<{ statement: Buffer }>(
      'SELECT statement FROM groups.requests WHERE conversation_id = $1',
      [conversation],
    );
    return rows[0]?.statement;
  }, 'the request');

async function lineOf(person: Person): Promise<string[]> {
  return (await person.read()).flatMap(({ content }) => {
    if (content.kind === 'text') return [content.text];
    if (content.kind === 'undecryptable') return [`(${content.reason})`];
    return content.kind === 'notice' ? [`[${content.notice.kind}]`] : [];
  });
}

describe('a commit that cheats the one who has to open it', () => {
  test.each<[Cheat, string]>([
    ['planted-key', 'a path secret that gives other keys than the ones in the tree'],
    ['spoilt-secret', 'a path secret that doesn’t open'],
    ['false-tag', 'a confirmation tag that is made up'],
  ])(
    '%s: %s',
    async (cheat) => {
      const { mallory, bob, conversation } = await pair();
      bob.goesOffline();
      await mallory.says('before it');
      await mallory.seesState('before it', 'sent');
      const commits = await countCommits(stage.database, conversation);
      await commitACheat(mallory, conversation, cheat);
      // The server can't see what is wrong with it.
      await mallory.waitFor(
        async () => ((await countCommits(stage.database, conversation)) > commits ? true : undefined),
        'the commit to stand in the log',
      );
      await mallory.says('after it');
      await mallory.seesState('after it', 'sent');
      mallory.goesOffline();

      await bob.says('waits meanwhile');
      await bob.comesBack();
      const hold = await bob.waitFor(async () => (await bob.onlyChat()).hold ?? undefined, 'the hold');
      expect(hold).toEqual({ kind: 'out-of-step' });
      await askedFor(bob, conversation);
      await expect(bob.says('not now')).rejects.toThrow('held');
      expect(await lineOf(bob)).toEqual(['hi', 'hi yourself', 'before it', '(waiting)', 'waits meanwhile']);

      await mallory.comesBack();
      await mallory.sees('waits meanwhile');
      await bob.waitFor(
        async () => ((await bob.onlyChat()).hold === null ? true : undefined),
        'the end of the hold',
      );
      await mallory.says('and on');
      await bob.sees('and on');
      await bob.says('and on with you');
      await mallory.sees('and on with you');
      const said = ['hi', 'hi yourself', 'before it'];
      const then = ['waits meanwhile', 'and on', 'and on with you'];
      expect(await lineOf(bob)).toEqual([...said, '(key-gone)', '[let-back-in]', ...then]);
      expect(await mallory.texts()).toEqual([...said, 'after it', ...then]);
      expect(await incarnationOf(stage.database, conversation)).toBe(1);
    },
    120_000,
  );
});
