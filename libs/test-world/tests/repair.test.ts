import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Person } from '../src/index.js';
import { countCommits, incarnationOf } from './repair/restored-server.js';
import { openBareWorld, type BareWorld } from './bare-world.js';
import { holdsWelcomes, requestOf, wasLetBackIn } from './repair/let-back-in.js';
import { backUp, putSessionBack, readSession, spoilSession } from './repair/stored-sessions.js';
import { areWell, everything, expectOnce, openPair, talk, unopened } from './repair/talk.js';

/* Stores that were spoilt or are older than the server remembers, and a server that lies about groups: people chat on. */

let stage: BareWorld;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

const isHeld = (who: Person) => who.waitFor(async () => (await who.onlyChat()).hold ?? undefined, 'a hold');

async function deviceOf(who: Person): Promise<string> {
  const start = await who.engine.start();
  if (start.kind !== 'signed-in') throw new Error(`${who.name} is ${start.kind}`);
  return start.account.deviceId;
}

describe('a device that fell out of step is let back in', () => {
  test('its stored keys were spoilt: what was said stays, what waited goes out, what can’t be read says so', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
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
    expect(await incarnationOf(stage.database, conversation)).toBe(1);
  }, 120_000);

  test('the commit that it missed was swept meanwhile: it comes back without an alarm', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
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
    const swept = await stage.database.query(
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
    expect(await incarnationOf(stage.database, conversation)).toBe(1);
  }, 120_000);

  test('an epoch that it doesn’t know: the peer is already further', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
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
    expect(await incarnationOf(stage.database, conversation)).toBe(1);
  }, 120_000);

  test('its store is an older copy: nothing goes out twice, and what it said since stands as unread', async () => {
    const { alice, bob } = await openPair(stage.world);
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
    const { alice, bob, conversation } = await openPair(stage.world);
    alice.goesOffline();
    await bob.engine.close();
    await spoilSession(bob);
    await bob.reload();
    await isHeld(bob);
    await requestOf(stage, { who: bob, conversation, before: null });
    await stage.database.query(
      'CREATE TABLE kept_requests AS SELECT * FROM groups.requests WHERE conversation_id = $1',
      [conversation],
    );
    bob.goesOffline();
    await alice.comesBack();
    await holdsWelcomes(stage, { who: alice, conversation, count: 1 });
    await stage.database.query(
      'CREATE TABLE kept_welcomes AS SELECT * FROM groups.welcomes WHERE conversation_id = $1',
      [conversation],
    );
    await stage.database.query(
      'CREATE TABLE kept_bodies AS SELECT * FROM groups.welcome_bodies WHERE conversation_id = $1',
      [conversation],
    );
    await bob.comesBack();
    await wasLetBackIn(bob);
    await talk({ alice, bob }, 'mended');
    const commits = await countCommits(stage.database, conversation);

    await stage.database.query('INSERT INTO groups.requests SELECT * FROM kept_requests');
    await stage.database.query('INSERT INTO groups.welcome_bodies SELECT * FROM kept_bodies');
    await stage.database.query(
      'INSERT INTO groups.welcomes OVERRIDING SYSTEM VALUE SELECT * FROM kept_welcomes',
    );
    for (const who of [alice, bob]) {
      who.goesOffline();
      await who.comesBack();
      await who.getsOnline();
    }
    await holdsWelcomes(stage, { who: bob, conversation, count: 0 });
    await talk({ alice, bob }, 'after');
    expect(await countCommits(stage.database, conversation)).toBe(commits);
    await expectOnce(bob, [...everything('mended'), ...everything('after')]);
  }, 120_000);
});

describe('a server that lies about groups gains nothing', () => {
  test('a message of an epoch that nobody has reached', async () => {
    const { alice, bob, conversation } = await openPair(stage.world);
    bob.goesOffline();
    await alice.says('moved to another epoch');
    await alice.seesState('moved to another epoch', 'sent');
    // MLSMessage: version, wire format, a group id of 32 bytes with its length, then the epoch as 8 bytes.
    await stage.database.query(
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
    const { alice, bob } = await openPair(stage.world);
    bob.goesOffline();
    await bob.says('waits in between');
    await stage.database.query(
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
    const { alice, bob, conversation } = await openPair(stage.world);
    const mallory = await stage.world.person('mallory');
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
    await stage.database.query('BEGIN');
    await stage.database.query(`SET LOCAL session_replication_role = replica`);
    // At a place that bob has read, that no commit of the chat has, and that the log's newest one is beyond.
    await stage.database.query(
      'UPDATE groups.commits SET conversation_id = $1, seq = 2 WHERE conversation_id = $2',
      [conversation, other],
    );
    for (const table of ['welcome_bodies', 'welcomes'])
      await stage.database.query(
        `UPDATE groups.${pg.escapeIdentifier(table)} SET conversation_id = $1 WHERE conversation_id = $2`,
        [conversation, other],
      );
    await stage.database.query('COMMIT');
    await bob.comesBack();
    await holdsWelcomes(stage, { who: bob, conversation, count: 0 });
    await talk({ alice, bob }, 'after');
    const chats = await bob.engine.conversations();
    expect(chats.map(({ peer }) => peer?.username)).toEqual([alice.name]);
    await areWell(alice, bob);
  }, 120_000);
});
