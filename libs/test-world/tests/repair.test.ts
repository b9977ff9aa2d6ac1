import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { openWorld, type Person, type World } from '../src/index.js';
import { copyLog, countCommits, incarnationOf, restoreLog } from './repair/restored-server.js';
import { backUp, putSessionBack, readSession, spoilSession } from './repair/stored-sessions.js';
import { areWell, everything, expectOnce, openPair, talk, unopened } from './repair/talk.js';

/* Stores that were spoilt or are older than the server remembers, and a server that was restored: people chat on. */

let world: World;
let database: pg.Client;

beforeAll(async () => {
  world = await openWorld();
  database = new pg.Client({ connectionString: world.databaseUrl });
  await database.connect();
}, 60_000);

afterAll(async () => {
  await database.end();
  await world.close();
});

/** group-service follows the log. */
async function isInIncarnation(who: Person, conversation: string, incarnation: number): Promise<void> {
  await who.waitFor(
    async () => ((await incarnationOf(database, conversation)) === incarnation ? true : undefined),
    `incarnation ${incarnation}`,
  );
}

const isHeld = (who: Person) => who.waitFor(async () => (await who.onlyChat()).hold ?? undefined, 'a hold');

async function wasLetBackIn(who: Person): Promise<void> {
  await who.waitFor(
    async () =>
      (await who.read()).find(
        ({ content }) => content.kind === 'notice' && content.notice.kind === 'let-back-in',
      ),
    'the notice',
  );
}

async function deviceOf(who: Person): Promise<string> {
  const start = await who.engine.start();
  if (start.kind !== 'signed-in') throw new Error(`${who.name} is ${start.kind}`);
  return start.account.deviceId;
}

/** Waits for a request of somebody that is another one than `before`. */
const requestOf = (who: Person, conversation: string, before: Buffer | null) =>
  who.waitFor(async () => {
    const { rows } = await database.query<{ statement: Buffer }>(
      'SELECT statement FROM groups.requests WHERE conversation_id = $1',
      [conversation],
    );
    const [request] = rows;
    return request && !(before?.equals(request.statement) ?? false) ? request.statement : undefined;
  }, 'a request');

describe('a device that fell out of step is let back in', () => {
  test('its stored keys were spoilt: what was said stays, what waited goes out, what can’t be read says so', async () => {
    const { alice, bob, conversation } = await openPair(world);
    bob.goesOffline();
    await bob.says('waited meanwhile');
    await bob.engine.close();
    await spoilSession(bob);
    await alice.says('nobody reads this');
    await alice.seesState('nobody reads this', 'sent');
    await bob.reload();
    await bob.comesBack();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await alice.sees('waited meanwhile');
    await talk({ alice, bob }, 'after');
    await expectOnce(bob, [...everything('before'), 'waited meanwhile', ...everything('after')]);
    await expectOnce(alice, [...everything('before'), 'waited meanwhile', ...everything('after')]);
    expect(await unopened(bob)).toEqual(['key-gone']);
    expect(await incarnationOf(database, conversation)).toBe(1);
  }, 120_000);

  test('the commit that it missed was swept meanwhile: it comes back without an alarm', async () => {
    const { alice, bob, conversation } = await openPair(world);
    const holds = new Set<string>();
    bob.engine.on((event) => {
      if (event.type === 'conversationChanged' && event.conversation.hold !== null)
        holds.add(event.conversation.hold.kind);
    });
    bob.goesOffline();
    const { id } = await alice.onlyChat();
    await alice.engine.setTimer({ conversation: id, timer: { mode: 'afterSend', ttlSeconds: 7200 } });
    await alice.waitFor(
      async () => ((await alice.onlyChat()).timer.mode === 'afterSend' ? true : undefined),
      'the timer',
    );
    await alice.says('nobody reads this');
    await alice.seesState('nobody reads this', 'sent');
    const swept = await database.query(
      `DELETE FROM messages.entries WHERE (conversation_id, seq) IN
         (SELECT conversation_id, max(seq) FROM messages.entries
           WHERE conversation_id = $1 AND kind <> 0 GROUP BY 1)`,
      [conversation],
    );
    expect(swept.rowCount).toBe(1);
    await bob.comesBack();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    expect([...holds]).toEqual(['out-of-step']);
    expect((await bob.onlyChat()).timer).toEqual({ mode: 'afterSend', ttlSeconds: 7200 });
    expect(await unopened(bob)).toEqual(['key-gone']);
    expect(await incarnationOf(database, conversation)).toBe(1);
  }, 120_000);

  test('an epoch that it doesn’t know: the peer is already further', async () => {
    const { alice, bob, conversation } = await openPair(world);
    await bob.engine.close();
    const older = await readSession(bob);
    await bob.reload();
    await alice.engine.setTimer({
      conversation: (await alice.onlyChat()).id,
      timer: { mode: 'afterRead', ttlSeconds: 7200 },
    });
    await bob.waitFor(
      async () => ((await bob.onlyChat()).timer.mode === 'afterRead' ? true : undefined),
      'the timer',
    );
    await bob.engine.close();
    await putSessionBack(bob, older);
    await alice.says('from the next epoch');
    await alice.seesState('from the next epoch', 'sent');
    await bob.reload();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    await expectOnce(bob, everything('after'));
    expect((await bob.onlyChat()).timer.mode).toBe('afterRead');
    expect(await incarnationOf(database, conversation)).toBe(1);
  }, 120_000);

  test('its store is an older copy: nothing goes out twice, and what it said since stands as unread', async () => {
    const { alice, bob } = await openPair(world);
    bob.goesOffline();
    await bob.says('in the copy, not yet sent');
    await bob.engine.close();
    const copy = await backUp(bob);
    await bob.reload();
    await bob.comesBack();
    await alice.sees('in the copy, not yet sent');
    await bob.says('after the copy');
    await alice.sees('after the copy');
    await alice.says('to the newer bob');
    await bob.sees('to the newer bob');
    await bob.engine.close();
    await copy.restore();
    await bob.reload();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    const both = [...everything('before'), 'in the copy, not yet sent', ...everything('after')];
    await expectOnce(bob, both);
    await expectOnce(alice, [...both, 'after the copy', 'to the newer bob']);
    expect(await unopened(bob)).toEqual(['key-gone', 'key-gone']);
  }, 120_000);

  test('a request or a Welcome that is played again changes nothing', async () => {
    const { alice, bob, conversation } = await openPair(world);
    alice.goesOffline();
    await bob.engine.close();
    await spoilSession(bob);
    await bob.reload();
    await isHeld(bob);
    await requestOf(bob, conversation, null);
    await database.query(
      'CREATE TABLE kept_requests AS SELECT * FROM groups.requests WHERE conversation_id = $1',
      [conversation],
    );
    bob.goesOffline();
    await alice.comesBack();
    await alice.waitFor(async () => {
      const { rowCount } = await database.query('SELECT 1 FROM groups.welcomes WHERE conversation_id = $1', [
        conversation,
      ]);
      return rowCount === 1 ? true : undefined;
    }, 'the Welcome');
    await database.query(
      'CREATE TABLE kept_welcomes AS SELECT * FROM groups.welcomes WHERE conversation_id = $1',
      [conversation],
    );
    await database.query(
      'CREATE TABLE kept_bodies AS SELECT * FROM groups.welcome_bodies WHERE conversation_id = $1',
      [conversation],
    );
    await bob.comesBack();
    await wasLetBackIn(bob);
    await talk({ alice, bob }, 'mended');
    const commits = await countCommits(database, conversation);

    await database.query('INSERT INTO groups.requests SELECT * FROM kept_requests');
    await database.query('INSERT INTO groups.welcome_bodies SELECT * FROM kept_bodies');
    await database.query('INSERT INTO groups.welcomes OVERRIDING SYSTEM VALUE SELECT * FROM kept_welcomes');
    for (const who of [alice, bob]) {
      who.goesOffline();
      await who.comesBack();
      await who.getsOnline();
    }
    await bob.waitFor(async () => {
      const { rowCount } = await database.query('SELECT 1 FROM groups.welcomes WHERE conversation_id = $1', [
        conversation,
      ]);
      return rowCount === 0 ? true : undefined;
    }, 'the refusal');
    await talk({ alice, bob }, 'after');
    expect(await countCommits(database, conversation)).toBe(commits);
    await expectOnce(bob, [...everything('mended'), ...everything('after')]);
  }, 120_000);
});

describe('a server that lies about groups gains nothing', () => {
  test('a message of an epoch that nobody has reached', async () => {
    const { alice, bob, conversation } = await openPair(world);
    bob.goesOffline();
    await alice.says('moved to another epoch');
    await alice.seesState('moved to another epoch', 'sent');
    // MLSMessage: version, wire format, a group id of 32 bytes with its length, then the epoch as 8 bytes.
    await database.query(
      `UPDATE messages.entries AS e SET body = set_byte(body, 44, 200)
        WHERE conversation_id = $1 AND seq = (SELECT head FROM messages.conversations c WHERE c.conversation_id = $1)`,
      [conversation],
    );
    await bob.comesBack();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    expect(await unopened(bob)).toEqual(['key-gone']);
  }, 120_000);

  test('a counter that this device never gave out', async () => {
    const { alice, bob } = await openPair(world);
    bob.goesOffline();
    await bob.says('waits in between');
    await database.query(
      `UPDATE messages.members SET last_n = last_n + 3, changed = pg_current_xact_id() WHERE device_id = $1`,
      [await deviceOf(bob)],
    );
    await bob.comesBack();
    await wasLetBackIn(bob);
    await areWell(bob);
    // What may have gone out in another life waits for a word.
    const waiting = await bob.sees('waits in between');
    await bob.waitFor(async () => {
      const { state } = await bob.sees('waits in between');
      return state?.kind === 'asks' ? true : undefined;
    }, 'the question');
    await bob.engine.sendAgain({ conversation: waiting.conversation, key: waiting.key });
    await alice.sees('waits in between');
    expect(await bob.texts()).toEqual(expect.arrayContaining(everything('before')));
  }, 120_000);

  test('a stranger’s Welcome in place of the next incarnation', async () => {
    const { alice, bob, conversation } = await openPair(world);
    const mallory = await world.person('mallory');
    await alice.engine.setTimer({
      conversation: (await alice.onlyChat()).id,
      timer: { mode: 'afterRead', ttlSeconds: 3600 },
    });
    await bob.waitFor(
      async () => ((await bob.onlyChat()).timer.mode === 'afterRead' ? true : undefined),
      'the timer',
    );
    bob.goesOffline();
    const other = await mallory.chatWith(bob);
    await database.query('BEGIN');
    await database.query(`SET LOCAL session_replication_role = replica`);
    // At a place that bob has read, that no commit of the chat has, and that the log's newest one is beyond.
    await database.query(
      'UPDATE groups.commits SET conversation_id = $1, seq = 2 WHERE conversation_id = $2',
      [conversation, other],
    );
    for (const table of ['welcome_bodies', 'welcomes'])
      await database.query(
        `UPDATE groups.${pg.escapeIdentifier(table)} SET conversation_id = $1 WHERE conversation_id = $2`,
        [conversation, other],
      );
    await database.query('COMMIT');
    await bob.comesBack();
    await bob.waitFor(async () => {
      const { rowCount } = await database.query('SELECT 1 FROM groups.welcomes WHERE conversation_id = $1', [
        conversation,
      ]);
      return rowCount === 0 ? true : undefined;
    }, 'the refusal');
    await talk({ alice, bob }, 'after');
    const chats = await bob.engine.conversations();
    expect(chats.map(({ peer }) => peer?.username)).toEqual([alice.name]);
    await areWell(alice, bob);
  }, 120_000);
});

describe('a conversation that nothing else can mend begins its next incarnation', () => {
  test('a device that doesn’t know its own newest commit; the timer is restored', async () => {
    const { alice, bob, conversation } = await openPair(world);
    await bob.engine.close();
    const copy = await backUp(bob);
    await bob.reload();
    await bob.engine.setTimer({
      conversation: (await bob.onlyChat()).id,
      timer: { mode: 'afterRead', ttlSeconds: 3600 },
    });
    const hasTimer = (who: Person) =>
      who.waitFor(
        async () => ((await who.onlyChat()).timer.mode === 'afterRead' ? true : undefined),
        'the timer',
      );
    await hasTimer(alice);
    await bob.engine.close();
    await copy.restore();
    await bob.reload();
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await hasTimer(bob);
    await hasTimer(alice);
    await talk({ alice, bob }, 'after');
    await expectOnce(bob, [...everything('before'), ...everything('after')]);
    await expectOnce(alice, [...everything('before'), ...everything('after')]);
    await isInIncarnation(bob, conversation, 2);
  }, 120_000);

  test('both are out of step', async () => {
    const { alice, bob, conversation } = await openPair(world);
    alice.goesOffline();
    await alice.says('is anybody there');
    for (const who of [alice, bob]) {
      await who.engine.close();
      await spoilSession(who);
      await who.reload();
    }
    await alice.comesBack();
    await wasLetBackIn(alice);
    await wasLetBackIn(bob);
    await areWell(alice, bob);
    await talk({ alice, bob }, 'after');
    const all = [...everything('before'), 'is anybody there', ...everything('after')];
    await expectOnce(alice, all);
    await expectOnce(bob, all);
    await isInIncarnation(bob, conversation, 2);
  }, 120_000);

  test('nobody answers: after two requests the device begins anew by itself', async () => {
    const { alice, bob, conversation } = await openPair(world);
    await alice.engine.close();
    await bob.engine.close();
    await spoilSession(bob);
    await bob.reload();
    await bob.says('who is there');
    const first = await requestOf(bob, conversation, null);
    await world.timePasses(16 * 60_000);
    await requestOf(bob, conversation, first);
    await world.timePasses(3 * 60 * 60_000);
    await areWell(bob);
    await isInIncarnation(bob, conversation, 2);
    await alice.reload();
    await talk({ alice, bob }, 'after');
    await expectOnce(alice, [...everything('before'), 'who is there', ...everything('after')]);
  }, 120_000);
});

describe('a server that was restored from an older copy', () => {
  test('what it lost is sent again, and nobody sees anything twice', async () => {
    const { alice, bob, conversation } = await openPair(world);
    const copy = await copyLog(database, conversation);
    await talk({ alice, bob }, 'lost by the server');
    bob.goesOffline();
    await alice.says('only alice has this');
    await alice.seesState('only alice has this', 'sent');
    alice.goesOffline();
    await restoreLog(database, conversation, copy);
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
    await isInIncarnation(bob, conversation, 2);
  }, 120_000);

  test('what was taken back stays taken back, though the copy still had it', async () => {
    const { alice, bob, conversation } = await openPair(world);
    bob.goesOffline();
    const slip = await alice.says('a slip');
    await alice.seesState('a slip', 'sent');
    const copy = await copyLog(database, conversation);
    await alice.engine.deleteForEveryone({ conversation: slip.conversation, key: slip.key });
    await alice.waitFor(async () => {
      const { rowCount } = await database.query(
        'SELECT 1 FROM messages.entries WHERE conversation_id = $1 AND seq = $2',
        [conversation, copy.head],
      );
      return rowCount === 0 ? true : undefined;
    }, 'the server to delete');
    alice.goesOffline();
    await restoreLog(database, conversation, copy);
    await bob.comesBack();
    await alice.comesBack();
    await talk({ alice, bob }, 'after');
    await bob.seesNoMore('a slip');
    expect(await alice.texts()).not.toContain('a slip');
  }, 120_000);

  test('somebody who was connected all the time follows too', async () => {
    const { alice, bob, conversation } = await openPair(world);
    const copy = await copyLog(database, conversation);
    await talk({ alice, bob }, 'lost');
    await restoreLog(database, conversation, copy);
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
