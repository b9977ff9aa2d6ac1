import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { byeFrame, PROTOCOL_VERSION } from '@wisp/protocol';
import { Client } from './client.js';
import { newPerson, sealed } from './messages.js';
import { connect, startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('a gateway that drains says when to come back elsewhere, takes nobody new, and finishes what it has', async () => {
  const { alice, bob, conversation } = await world.duo();
  const gateway = await world.startGateway({ drainSeconds: 20 });
  const ready = async () => (await fetch(`${gateway.url}/readyz`)).status;
  expect(await ready()).toBe(200);
  const [a, b] = await Promise.all([alice, bob].map((person) => connect(gateway, world.auth.token(person))));
  if (!a || !b) throw new Error('somebody is missing');
  const letGo = await world.database.hold(
    'SELECT 1 FROM messages.conversations WHERE conversation_id = $1 FOR UPDATE',
    [conversation],
  );
  const inFlight = a.ask('append', { conversation, messages: [sealed({ n: 1 })] });

  let isDrained = false;
  const drained = gateway.gateway.drain().then(() => (isDrained = true));
  // Engines choose a random moment within it: they don't come back all at once.
  expect(await a.sees(byeFrame)).toEqual({ within: 14_000 });
  expect(await b.sees(byeFrame)).toEqual({ within: 14_000 });
  expect(await ready()).toBe(503);
  const late = { token: world.auth.token(newPerson()), protocol: PROTOCOL_VERSION };
  expect(await Client.open(gateway.url, late)).toEqual({ code: 'overloaded', retryAfter: 2 });

  b.leave();
  await letGo();
  expect(await inFlight).toMatchObject({ results: [{ status: 'stored' }] });
  expect(isDrained).toBe(false);
  a.leave();
  await drained;
  await gateway.stop();
});

test('who stays is cut off when the time is over', async () => {
  const gateway = await world.startGateway({ drainSeconds: 1 });
  const client = await connect(gateway, world.auth.token(newPerson()));
  await gateway.gateway.drain();
  expect(client.isConnected).toBe(true);
  await gateway.stop();
  await client.gone();
});
