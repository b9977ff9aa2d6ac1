import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyLog, restoreLog } from './repair/restored-server.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { isInIncarnation } from './repair/let-back-in.js';
import { areWell, everything, expectOnce, openPair, talk, unopened } from './repair/talk.js';

/* What was said since the copy was made is with the people who said it. */

let stage: BareWorld;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

describe('a server that was restored from an older copy', () => {
  test('what it lost is sent again, and nobody sees anything twice', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    const copy = await copyLog(stage.database, conversation);
    await talk({ alice, bob }, 'lost by the server');
    bob.goesOffline();
    await alice.says('only alice has this');
    await alice.seesState('only alice has this', 'sent');
    alice.goesOffline();
    await restoreLog(stage.database, conversation, copy);
    await alice.comesBack();
    await bob.comesBack();
    await bob.sees('only alice has this');
    await talk({ alice, bob }, 'after');
    const all = [
      ...everything('before'),
      ...everything('lost by the server'),
      'only alice has this',
      ...everything('after'),
    ];
    await expectOnce(alice, all);
    await expectOnce(bob, all);
    await areWell(alice, bob);
    expect(await unopened(alice)).toEqual([]);
    expect(await unopened(bob)).toEqual([]);
    await isInIncarnation(stage, { who: bob, conversation, incarnation: 2 });
  }, 120_000);

  test('what was taken back stays taken back, though the copy still had it', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    bob.goesOffline();
    const slip = await alice.says('a slip');
    await alice.seesState('a slip', 'sent');
    const copy = await copyLog(stage.database, conversation);
    await alice.engine.deleteForEveryone({ conversation: slip.conversation, key: slip.key });
    await alice.waitFor(async () => {
      const { rowCount } = await stage.database.query(
        'SELECT 1 FROM messages.entries WHERE conversation_id = $1 AND seq = $2',
        [conversation, copy.head],
      );
      return rowCount === 0 ? true : undefined;
    }, 'the server to delete');
    alice.goesOffline();
    await restoreLog(stage.database, conversation, copy);
    await bob.comesBack();
    await alice.comesBack();
    await talk({ alice, bob }, 'after');
    await bob.seesNoMore('a slip');
    expect(await alice.texts()).not.toContain('a slip');
  }, 120_000);

  test('somebody who was connected all the time follows too', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    const copy = await copyLog(stage.database, conversation);
    await talk({ alice, bob }, 'lost');
    await restoreLog(stage.database, conversation, copy);
    await alice.says('into the restored log');
    await bob.sees('into the restored log');
    await talk({ alice, bob }, 'after');
    const all = [
      ...everything('before'),
      ...everything('lost'),
      'into the restored log',
      ...everything('after'),
    ];
    await expectOnce(alice, all);
    await expectOnce(bob, all);
    await areWell(alice, bob);
  }, 120_000);
});
