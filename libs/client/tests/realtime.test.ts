import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ackFrame, makeProblem, PROTOCOL_VERSION, typingFrame, type ErrorAck } from '@wisp/protocol';
import { Server, type Socket } from 'socket.io';
import { accessTokens, type AccessTokens } from '../src/transport/access-tokens.js';
import { backoffDelay } from '../src/transport/backoff.js';
import { realtime } from '../src/transport/realtime.js';
import type { Realtime, RealtimeEvent, RealtimeState } from '../src/transport/transport.js';
import { handClock, type HandClock } from './hand-clock.js';
import { sessionAnswerOf } from './session-answer.js';

const conversation = '01890000-0000-7000-8000-000000000001';
const seq = 7;
const synced = {
  timeline: 1,
  since: 'here',
  time: 1,
  conversations: [],
  left: [],
  welcomes: 0,
  keyPackages: 9,
};

let http: HttpServer;
let gateway: Server;
let sockets: Socket[];
let greet: (socket: Socket) => void;
let refusal: ErrorAck | null;
let refresh: { status: number; body: unknown };
let clock: HandClock;
let tokens: AccessTokens;
let connection: Realtime;
let events: RealtimeEvent[];
let hasNetwork: boolean;
let since: string | undefined;
let wakeWaiters: () => void;

/** Resolves once `condition` holds; looked at after each event of either side. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      const before = wakeWaiters;
      wakeWaiters = () => {
        before();
        resolve();
      };
    });
  }
}
const notice = () => {
  const waiters = wakeWaiters;
  wakeWaiters = () => {};
  waiters();
};
const untilState = (kind: RealtimeState['kind']) => until(() => connection.state.kind === kind);
const frames = () => events.flatMap((event) => (event.type === 'frame' ? [event.frame] : []));

beforeEach(async () => {
  wakeWaiters = () => {};
  sockets = [];
  events = [];
  refusal = null;
  hasNetwork = true;
  since = undefined;
  refresh = { status: 200, body: sessionAnswerOf({ token: 'token-2' }) };
  greet = (socket) => socket.emit('synced', synced);
  http = createServer((_, response) => {
    response.writeHead(refresh.status).end(JSON.stringify(refresh.body));
  });
  gateway = new Server(http, { transports: ['websocket'], serveClient: false });
  gateway.use((_, next) =>
    next(refusal ? Object.assign(new Error(refusal.code), { data: refusal }) : undefined),
  );
  gateway.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('disconnect', notice);
    greet(socket);
    notice();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  clock = handClock();
  tokens = accessTokens({ baseUrl, fetch, clock }, clock);
  tokens.adopt(sessionAnswerOf());
  connection = realtime({
    baseUrl,
    tokens,
    clock,
    random: () => 0.5,
    since: () => since,
    hasNetwork: () => hasNetwork,
  });
  connection.on((event) => {
    events.push(event);
    notice();
  });
});

afterEach(async () => {
  connection.stop();
  await gateway.close();
});

describe('connecting', () => {
  test('shows the token, the protocol and the sync token, and is online with the first frame', async () => {
    since = 'there';
    connection.start();
    await untilState('online');
    expect(sockets[0]?.handshake.auth).toEqual({
      token: 'token-1',
      protocol: PROTOCOL_VERSION,
      since: 'there',
    });
    await until(() => frames().length > 0);
    expect(events.map((event) => (event.type === 'state' ? event.state.kind : event.frame.event))).toEqual([
      'connecting',
      'online',
      'synced',
    ]);
    expect(frames()).toEqual([{ event: 'synced', payload: synced }]);
  });

  test('without a first frame it is given up after 10 s', async () => {
    greet = () => {};
    connection.start();
    await until(() => sockets.length === 1);
    clock.advance(10_000);
    expect(connection.state).toMatchObject({ kind: 'offline', reason: 'server-away' });
  });

  test('a lost connection is tried again at a random moment within 5 s', async () => {
    connection.start();
    await untilState('online');
    sockets[0]?.disconnect(true);
    await untilState('offline');
    expect(connection.state).toEqual({
      kind: 'offline',
      reason: 'server-away',
      retryAt: clock.now() + 2_500,
    });
    clock.advance(2_499);
    expect(connection.state.kind).toBe('offline');
    clock.advance(1);
    await untilState('online');
    expect(sockets).toHaveLength(2);
  });

  test('failures double the wait up to 30 s, and a success starts over', async () => {
    refusal = { code: 'overloaded' };
    connection.start();
    const waits: number[] = [];
    for (let round = 0; round < 6; round++) {
      await untilState('offline');
      const { state } = connection;
      if (state.kind !== 'offline') throw new Error('it went online');
      expect(state.reason).toBe('server-busy');
      waits.push((state.retryAt ?? 0) - clock.now());
      if (round < 5) clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([2_500, 7_500, 15_000, 22_500, 22_500, 22_500]);
    refusal = null;
    connection.wake();
    await untilState('online');
    sockets.at(-1)?.disconnect(true);
    await untilState('offline');
    expect(connection.state).toMatchObject({ retryAt: clock.now() + 2_500 });
  });

  test('a server that names a time is given it', async () => {
    refusal = { code: 'unavailable', retryAfter: 20 };
    connection.start();
    await untilState('offline');
    expect(connection.state).toMatchObject({ reason: 'server-busy', retryAt: clock.now() + 20_000 });
  });

  test('wake tries now; without a network the reason says so', async () => {
    connection.start();
    await untilState('online');
    hasNetwork = false;
    sockets[0]?.disconnect(true);
    await untilState('offline');
    expect(connection.state).toMatchObject({ reason: 'no-network' });
    connection.wake();
    await untilState('online');
  });

  test('protocol-too-old stops it', async () => {
    refusal = { code: 'protocol-too-old' };
    connection.start();
    await untilState('offline');
    expect(connection.state).toEqual({ kind: 'offline', reason: 'protocol-too-old' });
    expect(clock.timers()).toEqual([]);
    connection.wake();
    expect(connection.state.kind).toBe('offline');
  });

  test('a refused token is renewed', async () => {
    refusal = { code: 'unauthorized' };
    connection.start();
    await untilState('offline');
    refusal = null;
    connection.wake();
    await untilState('online');
    expect(sockets[0]?.handshake.auth['token']).toBe('token-2');
  });

  test('only auth-service can end the session', async () => {
    refusal = { code: 'session-ended' };
    connection.start();
    await untilState('offline');
    expect(connection.state).toMatchObject({ reason: 'server-away' });
    const ended = makeProblem('session-ended');
    refresh = { status: ended.status, body: ended };
    connection.wake();
    await until(() => connection.state.kind === 'offline' && connection.state.reason === 'session-ended');
    expect(clock.timers()).toEqual([]);
  });

  test('stop during a try leaves nothing behind', async () => {
    connection.start();
    connection.stop();
    expect(connection.state).toEqual({ kind: 'offline', reason: 'stopped' });
    expect(clock.timers()).toEqual([]);
    connection.start();
    await untilState('online');
  });

  test('bye moves to another gateway within its time', async () => {
    connection.start();
    await untilState('online');
    sockets[0]?.emit('bye', { within: 30_000 });
    await until(() => frames().some(({ event }) => event === 'bye'));
    clock.advance(14_999);
    expect(connection.state.kind).toBe('online');
    clock.advance(1);
    expect(connection.state.kind).toBe('connecting');
    await untilState('online');
    await until(() => sockets.length === 2 && sockets[0]?.disconnected === true);
  });

  test('the token is renewed over the open socket before its end', async () => {
    const renewals: unknown[] = [];
    greet = (socket) => {
      socket.on('renew', (payload: unknown, ack: (answer: unknown) => void) => {
        renewals.push(payload);
        ack({ until: 1 });
        notice();
      });
      socket.emit('synced', synced);
    };
    connection.start();
    await untilState('online');
    clock.advance(840_000);
    await until(() => renewals.length === 1);
    expect(renewals).toEqual([{ token: 'token-2' }]);
    expect(connection.state.kind).toBe('online');
  });
});

describe('frames', () => {
  test('that break their schema become a hint; unknown ones are nothing', async () => {
    connection.start();
    await untilState('online');
    sockets[0]?.emit('news', { of: 'a later protocol' });
    sockets[0]?.emit('head', { timeline: 1, conversation, seq: -1 });
    sockets[0]?.emit('head', { timeline: 1, conversation, seq });
    await until(() => frames().length === 3);
    expect(frames().slice(1)).toEqual([
      { event: 'hint', payload: { within: 5_000 } },
      { event: 'head', payload: { timeline: 1, conversation, seq } },
    ]);
  });

  const ack = () => connection.send(ackFrame, ackFrame.payload.parse({ conversation, seq }));

  async function online(answer: (payload: unknown, ack: (answer: unknown) => void) => void): Promise<void> {
    greet = (socket) => {
      socket.on('ack', answer);
      socket.emit('synced', synced);
    };
    connection.start();
    await untilState('online');
  }

  test('are answered', async () => {
    await online((payload, answer) => {
      expect(payload).toEqual({ conversation, seq });
      answer({});
    });
    expect(await ack()).toEqual({ kind: 'ok', value: {} });
  });

  test('are refused with a code', async () => {
    await online((_, answer) => answer({ code: 'rate-limited', retryAfter: 3 }));
    expect(await ack()).toEqual({ kind: 'refused', error: { code: 'rate-limited', retryAfter: 3 } });
  });

  test('an answer of no known form leaves it in doubt', async () => {
    await online((_, answer) => answer('yes'));
    expect(await ack()).toEqual({ kind: 'in-doubt' });
  });

  test('a lost connection leaves it in doubt', async () => {
    await online(() => sockets[0]?.disconnect(true));
    expect(await ack()).toEqual({ kind: 'in-doubt' });
  });

  test('silence leaves it in doubt after 10 s, and the connection is dropped', async () => {
    let arrived = false;
    await online(() => {
      arrived = true;
      notice();
    });
    const sent = ack();
    await until(() => arrived);
    clock.advance(10_000);
    expect(await sent).toEqual({ kind: 'in-doubt' });
    expect(connection.state.kind).toBe('offline');
  });

  test("don't go out while offline", async () => {
    expect(await ack()).toEqual({ kind: 'offline' });
  });

  test('that we made wrong are thrown', async () => {
    await online((_, answer) => answer({}));
    const wrong = { conversation: 'none', on: true } as never;
    await expect(connection.send(typingFrame, wrong)).rejects.toThrow();
  });
});

test('backoff is spread and bounded', () => {
  for (const random of [() => 0, () => 0.999]) {
    const waits = Array.from({ length: 12 }, (_, failures) => backoffDelay(failures, random));
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(waits.slice(1).every((wait) => wait >= 5_000)).toBe(true);
  }
  expect(backoffDelay(0, () => 0)).toBe(0);
});
