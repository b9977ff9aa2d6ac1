import { openEngine } from '@wisp/client/node';
import {
  createAccount,
  createSession,
  encodeBase64url,
  endSession,
  httpOperations,
  sessionAnswer,
  type ConversationId,
  type HttpOperation,
  type SessionAnswer,
} from '@wisp/protocol';
import type { z } from 'zod';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { World } from '../../src/index.js';
import { until } from '../../src/until.js';
import { call } from './call.js';
import { callOf } from './operation-call.js';

/** A request that an engine made and that succeeded. */
export interface Recorded {
  operation: HttpOperation;
  /** With the query. */
  path: string;
  body: unknown;
}

/** Somebody whose engine has gone and whose tokens are left. */
export interface Actor {
  /** Bound to the device. */
  token: string;
  session: SessionAnswer;
  registration: z.output<typeof createAccount.body>;
  recorded: Recorded[];
  cookie: string;
}

/** Two people in a conversation, and a stranger. All their engines have closed: nothing stirs any more. */
export interface Cast {
  alice: Actor;
  bob: Actor;
  mallory: Actor;
  conversation: ConversationId;
  /** Alice's messages as they stand in the log, base64url. */
  bodies: string[];
  /** Mallory's token without a device. */
  withoutDevice: string;
  /** A token of Mallory's whose session has ended. */
  ended: string;
}

export async function gatherCast(world: World): Promise<Cast> {
  const [alice, bob, mallory] = await Promise.all(
    ['alice', 'bob', 'mallory'].map((name) => register(world, name)),
  );
  if (!alice || !bob || !mallory) throw new Error('somebody is missing');
  const conversation = await alice.engine.startDirect((await bob.actor()).session.userId);
  await alice.engine.send({ conversation, text: 'hi' });
  const watched = { on: (listener: () => void) => bob.engine.on(listener) };
  const heard = async () => {
    const [chat] = await bob.engine.conversations();
    return chat?.snippet ? true : undefined;
  };
  await until(watched, heard, () => Promise.resolve('bob heard nothing'));
  const settled = async () => ((await isAllAcknowledged(world.databaseUrl)) ? true : undefined);
  await until(watched, settled, () => Promise.resolve('an acknowledgement is missing'));
  const actors = await Promise.all([alice, bob, mallory].map((one) => one.leave()));
  const [a, b, m] = actors;
  if (!a || !b || !m) throw new Error('somebody is missing');
  const [lasting, ended] = [await signInAgain(world.url, m), await signInAgain(world.url, m)];
  const signOut = callOf(endSession, { params: { id: ended.sessionId } });
  const gone = await call(world.url, { ...signOut, token: ended.token });
  if (gone.status !== endSession.status) throw new Error('a session did not end');
  return {
    alice: a,
    bob: b,
    mallory: m,
    conversation,
    bodies: await readBodies(world.databaseUrl),
    withoutDevice: lasting.token,
    ended: ended.token,
  };
}

async function register(world: World, name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'wisp-bad-input-'));
  const recorded: Recorded[] = [];
  let session: SessionAnswer | undefined;
  let cookie = '';
  const recordingFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    const operation = httpOperations.find(
      (one) => one.method === (init?.method ?? 'GET') && matches(one.path, pathname),
    );
    if (operation === undefined || response.status !== operation.status) return response;
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    recorded.push({ operation, path: pathname + search, body });
    if (operation === createAccount) {
      session = sessionAnswer.parse(await response.clone().json());
      cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    }
    return response;
  };
  const engine = openEngine({ server: world.url, folder, fetch: recordingFetch, random: () => 0 });
  await engine.start();
  const { words } = await engine.register({
    username: name,
    password: 'correct horse battery staple canyon',
  });
  const questions = await engine.recoveryQuestions();
  await engine.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
  const actor = (): Promise<Actor> => {
    if (session === undefined) throw new Error(`${name} has no session`);
    const registration = recorded.find(({ operation }) => operation === createAccount)?.body;
    return Promise.resolve({
      token: session.token,
      session,
      registration: createAccount.body.parse(registration),
      recorded,
      cookie,
    });
  };
  return {
    engine,
    actor,
    async leave() {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
      return actor();
    },
  };
}

/** The written-out path wins: `/welcomes` isn't `/:id`. */
function matches(path: string, pathname: string): boolean {
  const segments = pathname.split('/');
  const wanted = path.split('/');
  const isLiteral = httpOperations.some((one) => one.path === pathname);
  return (
    wanted.length === segments.length &&
    (!isLiteral || path === pathname) &&
    wanted.every((segment, i) => segment.startsWith(':') || segment === segments[i])
  );
}

/** Both have the whole log, and the server has stored that they do: no mark is on its way any more. */
async function isAllAcknowledged(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ all: boolean }>(
    `SELECT count(*) = 2 AND bool_and(acked_seq = (SELECT max(seq) FROM messages.entries)) AS all
       FROM messages.members WHERE EXISTS (SELECT FROM messages.entries WHERE n = 1 HAVING count(*) = 2)`,
  );
  await client.end();
  return rows[0]?.all ?? false;
}

async function readBodies(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ body: Buffer }>(
    `SELECT body FROM messages.entries WHERE n IS NOT NULL ORDER BY seq`,
  );
  await client.end();
  return rows.map(({ body }) => encodeBase64url(body));
}

/** A further session of somebody, bound to no device. */
async function signInAgain(url: string, actor: Actor): Promise<SessionAnswer> {
  const { username, authKeys } = actor.registration;
  const body = { username, slot: 'password', authKey: authKeys.password };
  const answer = await call(url, callOf(createSession, { body }));
  return sessionAnswer.parse(JSON.parse(answer.text));
}
