import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Person } from '../src/index.js';
import { openBareWorld, type BareWorld } from './bare-world.js';

/* A server that tampers with a log can do no better than whoever writes to its database: these tests do just that. */

let stage: BareWorld;
let names = 0;

beforeAll(async () => {
  stage = await openBareWorld();
}, 60_000);

afterAll(() => stage.close());

/** Two people with a chat; the second one is offline, so that the log can be tampered with before they read it. */
async function pairWithBobAway(): Promise<{ alice: Person; bob: Person; conversation: string }> {
  names += 1;
  const [alice, bob] = [await stage.world.person(`alice${names}`), await stage.world.person(`bob${names}`)];
  await alice.chatWith(bob);
  const conversation = await bob.hearsFrom(alice);
  await alice.says('before');
  await bob.sees('before');
  bob.goesOffline();
  return { alice, bob, conversation };
}

async function seqsOf(conversation: string): Promise<string[]> {
  const { rows } = await stage.database.query<{ seq: string }>(
    'SELECT seq FROM messages.entries WHERE conversation_id = $1 AND kind = 0 ORDER BY seq DESC LIMIT 2',
    [conversation],
  );
  return rows.map(({ seq }) => seq).reverse();
}

const isHeld = async (who: Person) => {
  const { hold } = await who.onlyChat();
  return hold?.kind === 'histories-differ' ? hold : undefined;
};

describe('a log that was tampered with', () => {
  test('a permanent message that was kept back holds sending, until a person goes on', async () => {
    const { alice, bob, conversation } = await pairWithBobAway();
    for (const text of ['kept back', 'shown']) {
      await alice.says(text);
      await alice.seesState(text, 'sent');
    }
    const [first] = await seqsOf(conversation);
    await stage.database.query('DELETE FROM messages.entries WHERE conversation_id = $1 AND seq = $2', [
      conversation,
      first,
    ]);
    await bob.comesBack();
    await bob.sees('shown');
    await bob.waitFor(() => isHeld(bob), 'the hold');
    await expect(bob.says('too early')).rejects.toMatchObject({ code: 'held' });
    const { id } = await bob.onlyChat();
    await bob.engine.releaseHold({ conversation: id });
    await bob.says('going on');
    await alice.sees('going on');
  }, 60_000);

  test('a message that the sender deleted for everyone explains its own gap', async () => {
    const { alice, bob } = await pairWithBobAway();
    const slip = await alice.says('a slip');
    await alice.seesState('a slip', 'sent');
    await alice.says('after it');
    await alice.engine.deleteForEveryone({ conversation: slip.conversation, key: slip.key });
    await alice.seesState('after it', 'sent');
    await alice.says('the end');
    await alice.seesState('the end', 'sent');
    await bob.comesBack();
    await bob.sees('the end');
    expect(await bob.texts()).not.toContain('a slip');
    expect((await bob.onlyChat()).hold).toBeNull();
  }, 60_000);

  test('two messages that changed places: the older one is refused', async () => {
    const { alice, bob, conversation } = await pairWithBobAway();
    for (const text of ['first', 'second']) {
      await alice.says(text);
      await alice.seesState(text, 'sent');
    }
    const [one, two] = await seqsOf(conversation);
    await stage.database.query(
      `UPDATE messages.entries AS e SET body = o.body, n = o.n FROM messages.entries AS o
        WHERE e.conversation_id = $1 AND o.conversation_id = $1
          AND ((e.seq = $2 AND o.seq = $3) OR (e.seq = $3 AND o.seq = $2))`,
      [conversation, one, two],
    );
    await bob.comesBack();
    await bob.sees('second');
    await bob.waitFor(
      async () =>
        (await bob.read()).find(
          ({ content }) => content.kind === 'undecryptable' && content.reason === 'refused',
        ),
      'the refusal',
    );
    expect(await bob.texts()).not.toContain('first');
  }, 60_000);

  test('a message under another device’s name is refused', async () => {
    const { alice, bob, conversation } = await pairWithBobAway();
    await alice.says('whose is it');
    await alice.seesState('whose is it', 'sent');
    const [, newest] = await seqsOf(conversation);
    await stage.database.query(
      `UPDATE messages.entries SET device_id = gen_random_uuid() WHERE conversation_id = $1 AND seq = $2`,
      [conversation, newest],
    );
    await bob.comesBack();
    await alice.says('mine');
    await bob.sees('mine');
    expect(await bob.texts()).not.toContain('whose is it');
  }, 60_000);

  test('changed bytes open nowhere', async () => {
    const { alice, bob, conversation } = await pairWithBobAway();
    await alice.says('as it was');
    await alice.seesState('as it was', 'sent');
    const [, newest] = await seqsOf(conversation);
    await stage.database.query(
      `UPDATE messages.entries SET body = set_byte(body, length(body) - 1, get_byte(body, length(body) - 1) # 1)
        WHERE conversation_id = $1 AND seq = $2`,
      [conversation, newest],
    );
    await bob.comesBack();
    await bob.waitFor(
      async () => (await bob.read()).find(({ content }) => content.kind === 'undecryptable'),
      'a placeholder',
    );
    expect(await bob.texts()).not.toContain('as it was');
  }, 60_000);

  test('a log cut short below what was read is noticed', async () => {
    const { alice, bob, conversation } = await pairWithBobAway();
    await bob.comesBack();
    await alice.says('seen by both');
    await bob.sees('seen by both');
    bob.goesOffline();
    await stage.database.query('DELETE FROM messages.entries WHERE conversation_id = $1 AND kind = 0', [
      conversation,
    ]);
    await stage.database.query(
      'UPDATE messages.conversations SET head = head - 1, changed = pg_current_xact_id() WHERE conversation_id = $1',
      [conversation],
    );
    await bob.comesBack();
    await bob.waitFor(() => isHeld(bob), 'the hold');
    expect(await bob.texts()).toContain('seen by both');
  }, 60_000);
});
