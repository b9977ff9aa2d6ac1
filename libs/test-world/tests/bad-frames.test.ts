import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ackFrame,
  appendFrame,
  clientFrames,
  errorAck,
  handshake,
  PROTOCOL_VERSION,
  renewFrame,
  syncFrame,
  typingFrame,
  watchFrame,
  type ClientFrame,
  type ProblemCode,
} from '@wisp/protocol';
import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { openWorld, type World } from '../src/index.js';
import { gatherCast, type Cast } from './bad-input/cast.js';
import { forgedTokens } from './bad-input/forged-tokens.js';
import { openFrameSocket, type FrameSocket } from './bad-input/frame-socket.js';
import { malformedValues, sampleOf } from './bad-input/malformed-values.js';
import { mutateSomewhere } from './bad-input/mutate-somewhere.js';
import { openRawSocket } from './bad-input/raw-socket.js';
import { openStored, type Stored } from './bad-input/stored.js';

let world: World;
let cast: Cast;
let stored: Stored;
let before: Record<string, string>;
/** Alice's socket is there all the time. */
let witness: FrameSocket;
let isWitnessGone = false;
/** Mallory's is new for each test, with all that one socket may ask. */
let mallory: FrameSocket;

const auth = (token: string) => ({ token, protocol: PROTOCOL_VERSION });

async function join(token: string): Promise<FrameSocket> {
  const opened = await openFrameSocket(world.url, auth(token));
  if (opened === null || 'code' in opened) throw new Error(`refused: ${opened?.code ?? 'closed'}`);
  return opened;
}

beforeAll(async () => {
  world = await openWorld();
  cast = await gatherCast(world);
  stored = await openStored(world.databaseUrl);
  witness = await join(cast.alice.token);
  void witness.closed.then(() => (isWitnessGone = true));
});
afterAll(async () => {
  witness.leave();
  await stored.close();
  await world.close();
});
beforeEach(async () => {
  mallory = await join(cast.mallory.token);
  before = await stored.look();
});
/** Nothing was stored, the gateway lives, and a socket that has nothing to do with it is undisturbed. */
afterEach(async () => {
  mallory.leave();
  expect(syncFrame.ack.safeParse(await witness.ask('sync', {})).success).toBe(true);
  expect(isWitnessGone).toBe(false);
  expect(await stored.look()).toEqual(before);
});

function expectRefusal(answer: unknown, codes: readonly ProblemCode[], what: string): void {
  const refusal = errorAck.strict().safeParse(answer);
  const found = refusal.success ? refusal.data.code : JSON.stringify(answer)?.slice(0, 200);
  expect(codes.map((code) => `${what}: ${code}`)).toContain(`${what}: ${found}`);
  const isAboutAField = refusal.data?.code === 'malformed' || refusal.data?.code === 'too-large';
  if (isAboutAField) expect([what, refusal.data?.field]).toEqual([what, expect.stringMatching(/./)]);
}

/** Its ack in the form that it promises, or a refusal; never a fault of the server. */
function expectDocumented(frame: ClientFrame, answer: unknown, what: string): void {
  if (frame.ack.safeParse(answer).success) return;
  expectRefusal(answer, ['malformed', 'too-large', 'forbidden', 'unauthorized', 'rate-limited'], what);
}

const named = clientFrames.map((frame): [string, ClientFrame] => [frame.event, frame]);

describe.each(named)('%s', (event, frame) => {
  const sample = sampleOf(frame.payload);

  test('malformed', async () => {
    const cases = malformedValues(frame.payload, sample);
    expect(cases.length).toBeGreaterThan(10);
    for (const { what, value } of cases) {
      expectRefusal(await mallory.ask(event, value), ['malformed', 'too-large'], what);
    }
  });

  test('without a payload, with two, with bytes', async () => {
    const wrong: [string, unknown[]][] = [
      ['none', []],
      ['two', [sample, sample]],
      ['many', Array<unknown>(200).fill(sample)],
      ['bytes', [Buffer.from(JSON.stringify(sample))]],
      ['bytes within', [{ ...(sample as object), surplus: Buffer.alloc(3) }]],
      ['bytes behind', [sample, Buffer.alloc(1000)]],
    ];
    for (const [what, payloads] of wrong) {
      expectRefusal(await mallory.ask(event, ...payloads), ['malformed'], what);
    }
  });

  test('oversized: refused up to the bound of all frames, beyond it the socket is closed', async () => {
    const large = { ...(sample as object), surplus: 'x'.repeat(1_500_000) };
    expectRefusal(await mallory.ask(event, large), ['malformed'], 'large');
    void mallory.ask(event, { ...(sample as object), surplus: 'x'.repeat(2_500_000) }).catch(() => undefined);
    await mallory.closed;
  });

  test('senseless, repeated, at once: the same answer each time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => mallory.ask(event, sample)));
    for (const answer of answers) expectDocumented(frame, answer, event);
  });
});

describe('by somebody who is no member', () => {
  test('a conversation of others is like one that nobody has', async () => {
    const unknown = '00000000-0000-4000-8000-000000000001';
    for (const conversation of [cast.conversation, unknown]) {
      for (const body of cast.bodies) {
        const answer = await mallory.ask('append', { conversation, messages: [body] });
        expect(appendFrame.ack.parse(answer).results).toEqual([{ status: 'not-member' }]);
      }
      expect(await mallory.ask('watch', { conversation })).toEqual({ code: 'forbidden' });
      expect(await mallory.ask('typing', { conversation, on: true })).toEqual({ code: 'forbidden' });
      expect(await mallory.ask('ack', { conversation, seq: 1 })).toEqual({});
    }
    const users = [cast.alice.session.userId, cast.bob.session.userId];
    expect(await mallory.ask('presence', { users })).toEqual({ online: [] });
    expect(syncFrame.ack.parse(await mallory.ask('sync', {}))).toMatchObject({ conversations: [], left: [] });
  });

  test('renewal by tokens that are forged, over, ended, without a device or somebody else’s', async () => {
    for (const [what, token] of forgedTokens(cast.mallory.token)) {
      expectRefusal(await mallory.ask('renew', { token }), ['unauthorized', 'malformed'], what);
    }
    const renew = (token: string) => mallory.ask('renew', { token });
    expect(await renew(cast.ended)).toEqual({ code: 'session-ended' });
    expect(await renew(cast.withoutDevice)).toEqual({ code: 'device-not-listed' });
    expect(await renew(cast.alice.token)).toEqual({ code: 'forbidden' });
    expect(renewFrame.ack.safeParse(await renew(cast.mallory.token)).success).toBe(true);
  });
});

describe('by a member, repeated and out of order', () => {
  test('what stands in the log is a duplicate, what skips a number a gap, what is none malformed', async () => {
    const append = async (...messages: string[]) => {
      const answer = await witness.ask('append', { conversation: cast.conversation, messages });
      return appendFrame.ack.parse(answer).results.map(({ status }) => status);
    };
    const duplicates = cast.bodies.map(() => 'duplicate');
    expect(duplicates.length).toBeGreaterThan(0);
    expect(await append(...cast.bodies)).toEqual(duplicates);
    expect(await append(...cast.bodies.toReversed())).toEqual(duplicates);
    expect(await append('AAAA', 'A'.repeat(80_000))).toEqual(['malformed', 'malformed']);
    // The trailing bits of base64url are no schema's to check.
    expect(await append('AB')).toEqual(['malformed']);
  });

  test('marks below what is marked, of nothing, and beyond the log', async () => {
    const { conversation } = cast;
    for (const seq of [1, 0, 999_999, Number.MAX_SAFE_INTEGER, 1]) {
      expect(ackFrame.ack.parse(await witness.ask('ack', { conversation, seq }))).toEqual({});
    }
  });

  test('sync by tokens of another time', async () => {
    const tokens = [
      '0.0',
      '1.0',
      '999999999999999.1',
      '1.9999999999999999999',
      '9'.repeat(64),
      'x',
      '-',
      '1.1.1',
    ];
    for (const since of tokens) {
      expect(syncFrame.ack.safeParse(await witness.ask('sync', { since })).success).toBe(true);
    }
  });

  test('watching and typing, in any order and twice', async () => {
    const { conversation } = cast;
    const watched = [null, null, conversation, conversation, null, conversation, null];
    const answers = await Promise.all(watched.map((one) => witness.ask('watch', { conversation: one })));
    for (const answer of answers) expect(watchFrame.ack.parse(answer)).toEqual({});
    for (const on of [false, false, true, true]) {
      expect(typingFrame.ack.parse(await witness.ask('typing', { conversation, on }))).toEqual({});
    }
  });
});

describe('handshake', () => {
  const open = (wrong: unknown) => openFrameSocket(world.url, wrong);

  test('malformed', async () => {
    const sample = { ...(sampleOf(handshake) as object), ...auth(cast.mallory.token) };
    for (const { what, value } of malformedValues(handshake, sample)) {
      const answer = await open(value);
      // What isn't even an object is below the frames: the line is closed.
      if (answer === null && (typeof value !== 'object' || Array.isArray(value))) continue;
      // A token of another form is no token.
      expectRefusal(answer, /^token: /.test(what) ? ['malformed', 'unauthorized'] : ['malformed'], what);
    }
  });

  test('forged, over, ended, without a device', async () => {
    for (const [what, token] of forgedTokens(cast.mallory.token)) {
      expectRefusal(await open(auth(token)), ['unauthorized', 'malformed'], what);
    }
    expect(await open(auth(cast.ended))).toEqual({ code: 'session-ended' });
    expect(await open(auth(cast.withoutDevice))).toEqual({ code: 'device-not-listed' });
  });
});

test('events that nobody knows', async () => {
  const events = [
    'error',
    'message',
    'synced',
    'entries',
    'append ',
    'APPEND',
    '',
    '__proto__',
    'constructor',
    'ping',
  ];
  for (const event of events) {
    expectRefusal(await mallory.ask(event, {}), ['malformed'], event);
    expectRefusal(await mallory.ask(event), ['malformed'], event);
  }
});

test('real frames with something in them turned at random', async () => {
  const { conversation, bodies } = cast;
  const real: [ClientFrame, unknown][] = [
    [appendFrame, { conversation, messages: bodies }],
    [ackFrame, { conversation, seq: 1 }],
    [watchFrame, { conversation }],
    [typingFrame, { conversation, on: true }],
    [syncFrame, { since: '1.0' }],
  ];
  const property = fc.asyncProperty(fc.constantFrom(...real), fc.gen(), async ([frame, payload], gen) => {
    const wrong = mutateSomewhere(payload, gen);
    expectDocumented(frame, await mallory.ask(frame.event, wrong), frame.event);
  });
  // fast-check prints the seed and the shortest counterexample.
  await fc.assert(property, { seed: randomInt(2 ** 31), numRuns: 300, endOnFailure: true });
});

describe('below Socket.IO', () => {
  const connectPacket = () => `40${JSON.stringify(auth(cast.mallory.token))}`;
  const garbage: [string, (string | Uint8Array)[]][] = [
    ['nothing', ['']],
    ['an unknown packet', ['9']],
    ['no packet', ['x'.repeat(1000)]],
    ['a message of nothing', ['4']],
    ['an unknown Socket.IO packet', ['49', '4x', '4\u0000']],
    ['half an event', ['42["append"']],
    ['an event that is no list', ['42{}', '42null', '421', '42"append"']],
    ['an event without a name', ['42[]', '42[null]', '42[{}]', '42[["append"]]']],
    ['an event by number', ['421[7,{}]']],
    ['names that are Socket.IO’s own', ['42["connect"]', '42["disconnect"]', '42["newListener",1]']],
    ['depth', [`421["sync",${'['.repeat(50_000)}${']'.repeat(50_000)}]`]],
    ['an ack of nothing', ['43[]', '439[{}]', '431{}']],
    ['an error of its own', ['44{"message":"x"}']],
    ['a second connect', ['40{}', '40']],
    ['another namespace', ['40/other,{}', '42/other,["append",{}]', '40/admin']],
    ['a thousand namespaces', Array.from({ length: 1000 }, (_, i) => `40/${i},{}`)],
    ['bytes that nobody announced', [Buffer.from([1, 2, 3])]],
    ['bytes announced, text sent', ['451-["append",{"_placeholder":true,"num":0}]', '42["sync",{}]']],
    [
      'bytes announced without end',
      ['459999999999-["append",{"_placeholder":true,"num":0}]', Buffer.alloc(10)],
    ],
    ['bytes in a place that is none', ['451-["append",{"_placeholder":true,"num":7}]', Buffer.alloc(10)]],
    ['an upgrade', ['2probe', '5', '3', '6']],
    ['a ping of its own, and the end', ['2', '1']],
    ['what no frame may hold', [Buffer.alloc(2_500_000)]],
  ];

  test.each(garbage)('%s: before and after the handshake', async (_, packets) => {
    for (const isConnected of [false, true]) {
      const raw = await openRawSocket(world.url);
      if (isConnected) {
        const greeted = raw.hears('42["synced"');
        raw.send(connectPacket());
        await greeted;
      }
      for (const packet of packets) raw.send(packet);
      // Closed for it, or alive and able to go on.
      const answer = raw.hears(isConnected ? '4399' : '40{');
      raw.send(isConnected ? '4299["sync",{}]' : connectPacket());
      await Promise.race([raw.closed, answer]);
      raw.leave();
    }
  });

  test('a frame before the handshake closes', async () => {
    const raw = await openRawSocket(world.url);
    raw.send(`421${JSON.stringify(['append', { conversation: cast.conversation, messages: cast.bodies }])}`);
    await raw.closed;
  });

  test('other transports and versions are refused', async () => {
    for (const query of [
      'EIO=4&transport=polling',
      'EIO=3&transport=websocket',
      'transport=x',
      '',
      'EIO=4&sid=x',
    ]) {
      const answer = await fetch(`${world.url}/socket.io/?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toMatch(/node_modules|Error:/);
    }
  });

  test('many who never shake hands keep nobody out', async () => {
    const idle = await Promise.all(Array.from({ length: 200 }, () => openRawSocket(world.url)));
    const late = await join(cast.bob.token);
    expect(await late.ask('sync', {})).toHaveProperty('since');
    late.leave();
    for (const raw of idle) raw.leave();
  });
});
