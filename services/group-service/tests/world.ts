import { createBroker, type Bus } from '@wisp/bus';
import { createMessageService } from '@wisp/message-service';
import { encodeBase64url, subjects, type ConversationId, type DeviceId, type Notice } from '@wisp/protocol';
import {
  createLimits,
  createLogger,
  createMetrics,
  createReadiness,
  listen,
  type TokenVerifier,
} from '@wisp/service-kit';
import { fileURLToPath } from 'node:url';
import { createGroupService } from '../src/index.js';
import type { TestCommit } from './commits.js';
import { createDatabase, type TestDatabase } from './databases.js';
import { firstDevice, SERVER, type Person } from './people.js';
import { startTestAuth, type TestAuth } from './test-auth.js';

const folder = (service: string) => fileURLToPath(new URL(`../../${service}/migrations`, import.meta.url));
export const migrations = folder('group-service');
export const logger = createLogger({ service: 'test', level: 'silent' });

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** The database, the bus, the log and auth-service: all that a group-service needs around it. */
export interface Surroundings {
  readonly database: TestDatabase;
  readonly bus: Bus;
  readonly auth: TestAuth;
  readonly notices: Notice[];
  readonly connect: () => Promise<Bus>;
  /** The log comes and goes. */
  stopLog(): Promise<void>;
  startLog(): Promise<void>;
  /** The log's member table. */
  members(conversation: ConversationId): Promise<{ device: DeviceId; role: number }[]>;
  entries(conversation: ConversationId): Promise<{ seq: string; commit_id: string }[]>;
  stop(): Promise<void>;
}

export async function startSurroundings(): Promise<Surroundings> {
  const database = await createDatabase();
  const broker = createBroker();
  const bus = await broker.connect();
  const auth = startTestAuth(await broker.connect());
  const notices: Notice[] = [];
  bus.subscribe(subjects.noticeGiven(0), (notice) => void notices.push(notice));

  let messages: Awaited<ReturnType<typeof createMessageService>> | undefined;
  async function startLog(): Promise<void> {
    const nobody: TokenVerifier = { verify: () => Promise.resolve({ kind: 'invalid' }) };
    messages = await createMessageService({
      config: {
        databaseUrl: database.url,
        appendConnections: 3,
        readConnections: 2,
        backgroundConnections: 1,
        unreadSeconds: 60,
        commitSeconds: 86_400,
        messageSeconds: 86_400,
      },
      bus: await broker.connect(),
      verifier: nobody,
      limits: createLimits(),
      logger,
      metrics: createMetrics({ service: 'message-service' }),
      readiness: createReadiness(),
    });
  }
  async function stopLog(): Promise<void> {
    await messages?.drain();
    await messages?.stop();
    messages = undefined;
  }
  await startLog();
  return {
    database,
    bus,
    auth,
    notices,
    connect: () => broker.connect(),
    startLog,
    stopLog,
    members: (conversation) =>
      database.query(
        `select device_id as device, role::int from messages.members
         where conversation_id = $1 and left_seq is null order by device_id`,
        [conversation],
      ),
    entries: (conversation) =>
      database.query('select seq, commit_id from messages.entries where conversation_id = $1 order by seq', [
        conversation,
      ]),
    async stop() {
      await stopLog();
      await database.drop();
    },
  };
}

export interface World extends Surroundings {
  call(
    person: Person | null,
    request: { method: string; path: string; body?: unknown; token?: string; device?: DeviceId },
  ): Promise<Answer>;
  post(
    person: Person,
    request: { path: string; commit: Pick<TestCommit, 'bytes' | 'welcome'>; device?: DeviceId | undefined },
  ): Promise<Answer>;
  create(person: Person, commit: TestCommit, device?: DeviceId): Promise<Answer>;
  commit(person: Person, commit: TestCommit, device?: DeviceId): Promise<Answer>;
  /** As if a minute had passed without a commit. */
  rest(conversation: ConversationId): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const around = await startSurroundings();
  const { database, auth } = around;
  const service = createGroupService({
    config: {
      databaseUrl: database.url,
      databaseConnections: 8,
      commitSeconds: 86_400,
      redisUrl: 'none',
      serverId: SERVER,
      trustedProxies: 0,
    },
    bus: await around.connect(),
    logger,
  });
  await service.start();
  const http = await listen(service.app, { port: 0 });

  const world: World = {
    ...around,
    async call(person, { method, path, body, token, device }) {
      const bearer =
        token ?? (person && auth.token(person, { device: device ?? firstDevice(person).id })) ?? undefined;
      const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
        method,
        headers: {
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      };
    },
    post: (person, { path, commit: { bytes, welcome }, device }) =>
      world.call(person, {
        method: 'POST',
        path,
        body: {
          commit: encodeBase64url(bytes),
          ...(welcome !== null && { welcome: encodeBase64url(welcome) }),
        },
        ...(device !== undefined && { device }),
      }),
    create: (person, { bytes, welcome, after }, device) =>
      world.call(person, {
        method: 'POST',
        path: '/api/conversations',
        body: {
          conversation: after.conversation,
          kind: after.kind,
          commit: encodeBase64url(bytes),
          ...(welcome !== null && { welcome: encodeBase64url(welcome) }),
        },
        ...(device !== undefined && { device }),
      }),
    commit: (person, commit, device) =>
      world.post(person, {
        path: `/api/conversations/${commit.after.conversation}/commits`,
        commit,
        device,
      }),
    async rest(conversation) {
      await database.query(
        `update groups.conversations set next_commit_at = now() - interval '1 minute' where conversation_id = $1`,
        [conversation],
      );
    },
    async stop() {
      await http.close(0);
      await service.drain();
      await service.stop();
      await around.stop();
    },
  };
  return world;
}
