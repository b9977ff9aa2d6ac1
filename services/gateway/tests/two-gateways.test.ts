import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRedis, type RedisPart } from '@wisp/deploy-local/parts';
import { devicesFrame, entriesFrame, peerPresenceFrame, peerTypingFrame } from '@wisp/protocol';
import type { Client } from './client.js';
import { newPerson, sealed } from './messages.js';
import { connect, startWorld, type RunningGateway, type World } from './world.js';

let world: World;
let redis: RedisPart;
let left: RunningGateway;
let right: RunningGateway;
beforeAll(async () => {
  [world, redis] = await Promise.all([startWorld(), startRedis()]);
  [left, right] = (await Promise.all([1, 2].map(() => world.startGateway({ redisUrl: redis.url })))) as [
    RunningGateway,
    RunningGateway,
  ];
});
afterAll(async () => {
  await world.stop();
  await redis.stop();
});

test('the log: each delivers to its own', async () => {
  const { alice, bob, conversation } = await world.duo();
  const [a, b] = await Promise.all([
    connect(left, world.auth.token(alice)),
    connect(right, world.auth.token(bob)),
  ]);
  for (let n = 1; n <= 3; n += 1) await a.ask('append', { conversation, messages: [sealed({ n })] });
  await b.sees(entriesFrame, ({ entries }) => entries.some(({ seq }) => seq === 4));
  expect(b.payloads(entriesFrame).map(({ entries }) => entries[0]?.seq)).toEqual([2, 3, 4]);
  await b.ask('append', { conversation, messages: [sealed({ n: 1 })] });
  await a.sees(entriesFrame, ({ entries }) => entries.some(({ seq }) => seq === 5));
  for (const client of [a, b]) client.leave();
});

test('typing: to members who watch, wherever they are, and to nobody else', async () => {
  const [alice, bob, carol, mallory] = [newPerson(), newPerson(), newPerson(), newPerson()];
  const conversation = await world.converse(alice, bob, carol);
  const sockets = [
    connect(left, world.auth.token(alice)),
    connect(right, world.auth.token(bob)),
    connect(right, world.auth.token(carol)),
    connect(right, world.auth.token(mallory)),
  ];
  const [a, b, c, m] = (await Promise.all(sockets)) as [Client, Client, Client, Client];
  expect(await b.ask('watch', { conversation })).toEqual({});
  expect(await m.ask('watch', { conversation })).toEqual({ code: 'forbidden' });
  expect(await m.ask('typing', { conversation, on: true })).toEqual({ code: 'forbidden' });
  await a.ask('typing', { conversation, on: true });
  expect(await b.sees(peerTypingFrame)).toEqual({ conversation, user: alice.user, on: true });

  await b.ask('watch', { conversation: null });
  await c.ask('watch', { conversation });
  await a.ask('typing', { conversation, on: false });
  expect(await c.sees(peerTypingFrame)).toEqual({ conversation, user: alice.user, on: false });
  world.give({ kind: 'devices', user: alice.user, audience: [alice.user, bob.user, mallory.user] });
  for (const client of [a, b, m]) await client.sees(devicesFrame);
  expect(b.payloads(peerTypingFrame)).toHaveLength(1);
  for (const client of [a, m]) expect(client.payloads(peerTypingFrame)).toEqual([]);
  for (const client of [a, b, c, m]) client.leave();
});

test('presence: of people with whom one shares a conversation, wherever they are', async () => {
  const { alice, bob } = await world.duo();
  const stranger = newPerson();
  const s = await connect(right, world.auth.token(stranger));
  const a = await connect(left, world.auth.token(alice));
  expect(await a.ask('presence', { users: [bob.user, stranger.user] })).toEqual({ online: [] });
  const [b, b2, b3] = await Promise.all(
    [right, right, left].map((one) => connect(one, world.auth.token(bob))),
  );
  await a.sees(peerPresenceFrame);
  expect(await a.ask('presence', { users: [bob.user] })).toEqual({ online: [bob.user] });

  // Who comes late hears of those at the other gateway too.
  b3?.leave();
  const a2 = await connect(left, world.auth.token(alice));
  await a2.ask('presence', { users: [bob.user] });
  expect(await a2.sees(peerPresenceFrame, ({ online }) => online)).toEqual({ user: bob.user, online: true });

  b?.leave();
  b2?.leave();
  await a2.sees(peerPresenceFrame, ({ online }) => !online);
  expect(a.payloads(peerPresenceFrame).every(({ user }) => user === bob.user)).toBe(true);
  for (const client of [a, a2, s]) client.leave();
});

test('Redis away: only the ephemeral stops', async () => {
  const { alice, bob, conversation } = await world.duo();
  const [a, b] = await Promise.all([
    connect(left, world.auth.token(alice)),
    connect(right, world.auth.token(bob)),
  ]);
  await b.ask('watch', { conversation });
  await redis.kill();
  expect(await a.ask('typing', { conversation, on: true })).toEqual({});
  expect(await a.ask('presence', { users: [bob.user] })).toEqual({ online: [] });
  expect(await a.ask('append', { conversation, messages: [sealed({ n: 1 })] })).toMatchObject({
    results: [{ status: 'stored' }],
  });
  await b.sees(entriesFrame);
  expect((await fetch(`${left.url}/readyz`)).status).toBe(200);
  const late = await connect(left, world.auth.token(newPerson()));
  for (const client of [a, b, late]) client.leave();
  redis = await startRedis({ port: redis.port });
});
