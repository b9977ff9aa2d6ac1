import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closingFrame, devicesFrame, PROTOCOL_VERSION, type SessionId } from '@wisp/protocol';
import { randomUUID } from 'node:crypto';
import { Client } from './client.js';
import { newPerson, type Person } from './messages.js';
import { connect, startWorld, type RunningGateway, type World } from './world.js';

let world: World;
let gateway: RunningGateway;
beforeAll(async () => {
  world = await startWorld();
  gateway = await world.startGateway();
});
afterAll(() => world.stop());

const join = (person: Person) => connect(gateway, world.auth.token(person));
const seconds = () => Math.floor(Date.now() / 1000);
const anotherSession = (person: Person): Person => ({ ...person, session: randomUUID() as SessionId });

/** It still answers. */
const lives = async (client: Client) => expect(await client.ask('sync', {})).toHaveProperty('since');

describe('handshake', () => {
  const open = (auth: Record<string, unknown>) => Client.open(gateway.url, auth);
  const right = (token: unknown) => ({ token, protocol: PROTOCOL_VERSION });

  test('refuses what is malformed, naming the field', async () => {
    const token = world.auth.token(newPerson());
    expect(await open({})).toMatchObject({ code: 'malformed', field: 'token' });
    expect(await open(right(7))).toMatchObject({ code: 'malformed', field: 'token' });
    expect(await open(right('x'.repeat(4097)))).toMatchObject({ code: 'malformed', field: 'token' });
    expect(await open({ ...right(token), protocol: '1' })).toMatchObject({
      code: 'malformed',
      field: 'protocol',
    });
    expect(await open({ ...right(token), protocol: 0 })).toMatchObject({
      code: 'malformed',
      field: 'protocol',
    });
    expect(await open({ ...right(token), since: 'ä' })).toMatchObject({ code: 'malformed', field: 'since' });
    expect(await open({ ...right(token), surplus: 1 })).toMatchObject({ code: 'malformed' });
  });

  test('refuses tokens that are none, are over, of elsewhere, without a device, or ended', async () => {
    const person = newPerson();
    const token = (claims: Record<string, unknown>) => right(world.auth.token(person, claims));
    const over = { iat: seconds() - 700, exp: seconds() - 100 };
    expect(await open(right('x'))).toEqual({ code: 'unauthorized' });
    expect(await open(right(`${world.auth.token(person)}x`))).toEqual({ code: 'unauthorized' });
    expect(await open(token(over))).toEqual({ code: 'unauthorized' });
    expect(await open(token({ iss: randomUUID() }))).toEqual({ code: 'unauthorized' });
    expect(await open(token({ aud: 'other' }))).toEqual({ code: 'unauthorized' });
    expect(await open(token({ exp: seconds() + 3600 }))).toEqual({ code: 'unauthorized' });
    expect(await open(token({ dev: undefined }))).toEqual({ code: 'device-not-listed' });

    const listener = await join(anotherSession(person));
    world.revoke({ user: person.user, session: person.session });
    world.give({ kind: 'devices', user: person.user, audience: [person.user] });
    await listener.sees(devicesFrame);
    expect(await open(token({}))).toEqual({ code: 'session-ended' });
    await lives(listener);
    listener.leave();
  });

  test('what was revoked before a gateway started is known to it', async () => {
    const person = newPerson();
    world.auth.revoked.push({ user: person.user, device: person.device, at: Date.now() });
    const late = await world.startGateway();
    expect(await Client.open(late.url, right(world.auth.token(person)))).toEqual({ code: 'session-ended' });
    await late.stop();
  });
});

describe('revocation closes', () => {
  test('the sockets of a session, and leaves the others', async () => {
    const person = newPerson();
    const [one, two, other] = await Promise.all([join(person), join(person), join(anotherSession(person))]);
    world.revoke({ user: person.user, session: person.session });
    await Promise.all([one.gone(), two.gone()]);
    for (const client of [one, two])
      expect(client.payloads(closingFrame)).toEqual([{ code: 'session-ended' }]);
    await lives(other);
    other.leave();
  });

  test('the sockets of a device, and leaves the user’s others', async () => {
    const person = newPerson();
    const sibling = { ...newPerson(), user: person.user };
    const [one, other] = await Promise.all([join(person), join(sibling)]);
    world.revoke({ user: person.user, device: person.device });
    await one.gone();
    expect(one.payloads(closingFrame)).toEqual([{ code: 'session-ended' }]);
    await lives(other);
    other.leave();
  });

  test('everything of a user, and leaves strangers', async () => {
    const person = newPerson();
    const [one, two, stranger] = await Promise.all([
      join(person),
      join(anotherSession(person)),
      join(newPerson()),
    ]);
    world.revoke({ user: person.user });
    await Promise.all([one.gone(), two.gone()]);
    await lives(stranger);
    stranger.leave();
  });
});

describe('the end of a token', () => {
  test('closes the socket, unless it was renewed before', async () => {
    const [careless, careful] = [newPerson(), newPerson()];
    const short = { exp: seconds() + 2 };
    const [one, two] = await Promise.all(
      [careless, careful].map((person) => connect(gateway, world.auth.token(person, short))),
    );
    if (!one || !two) throw new Error('somebody is missing');
    const renewed = world.auth.token(careful, { exp: short.exp + 300 });
    expect(await two.ask('renew', { token: renewed })).toEqual({ until: (short.exp + 300) * 1000 });
    await one.gone();
    expect(one.payloads(closingFrame)).toEqual([{ code: 'unauthorized' }]);
    await lives(two);
    two.leave();
  });

  test('renewal takes a token of the same session and device only', async () => {
    const person = newPerson();
    const client = await join(person);
    const renew = (token: unknown) => client.ask('renew', { token });
    const { token } = world.auth;
    expect(await renew('x')).toEqual({ code: 'unauthorized' });
    expect(await renew(token(person, { exp: seconds() - 100 }))).toEqual({ code: 'unauthorized' });
    expect(await renew(token(person, { dev: undefined }))).toEqual({ code: 'device-not-listed' });
    expect(await renew(token(newPerson()))).toEqual({ code: 'forbidden' });
    expect(await renew(token(anotherSession(person)))).toEqual({ code: 'forbidden' });
    expect(await renew(token({ ...person, device: newPerson().device }))).toEqual({ code: 'forbidden' });
    const ended = anotherSession(person);
    world.revoke({ user: ended.user, session: ended.session });
    world.give({ kind: 'devices', user: person.user, audience: [person.user] });
    await client.sees(devicesFrame);
    expect(await renew(token(ended))).toEqual({ code: 'session-ended' });
    await lives(client);
    client.leave();
  });
});
