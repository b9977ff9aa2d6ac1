import { randomBytes, randomUUID } from 'node:crypto';
import { createBroker, type Broker, type Bus } from '@wisp/bus';
import {
  createAccount,
  createSession,
  problem as problemSchema,
  sessionAnswer,
  subjects,
  type HttpOperation,
  type Problem,
  type ResponseOf,
  type ServerId,
  type SessionAnswer,
} from '@wisp/protocol';
import { createApp, createLogger, createMetrics, listen, type Limits } from '@wisp/service-kit';
import { createAuthService, type AuthConfig } from '../src/index.js';
import { createDatabase, type TestDatabase } from './database.js';
import { createPerson, registrationOf, type Person } from './person.js';

/** Limits that never end: those tests that aren't about limits use these. */
const endless: Limits = { limit: () => ({ take: () => Promise.resolve({ ok: true }) }) };

export interface Asked {
  params?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: unknown;
  token?: string | undefined;
  cookie?: string | undefined;
  ifMatch?: string;
}

export interface Answered<Operation extends HttpOperation = HttpOperation> {
  status: number;
  headers: Headers;
  /** The value of the refresh cookie that was set; '' when it was cleared. */
  cookie: string | undefined;
  setCookie: string | undefined;
  value: ResponseOf<Operation>;
  problem: Problem;
}

export interface World {
  url: string;
  serverId: ServerId;
  config: AuthConfig;
  database: TestDatabase;
  broker: Broker;
  /** Another part's connection to the bus. */
  bus: Bus;
  lines: string[];
  call<Operation extends HttpOperation>(operation: Operation, asked?: Asked): Promise<Answered<Operation>>;
  register(name?: string): Promise<SignedIn>;
  signIn(person: Person, changes?: Record<string, unknown>): Promise<SignedIn>;
  /** What group-service would say; true by default. */
  mayAdd: { allowed: boolean };
  stop(): Promise<void>;
}

export interface SignedIn {
  person: Person;
  answer: SessionAnswer;
  token: string;
  cookie: string;
}

export function makeConfig(databaseUrl: string, changes: Partial<AuthConfig> = {}): AuthConfig {
  return {
    databaseUrl,
    databaseConnections: 10,
    serverId: randomUUID() as ServerId,
    pepper: randomBytes(32),
    saltKey: randomBytes(32),
    keyEncryptionKey: randomBytes(32),
    bcryptCost: 4,
    tokenSeconds: 900,
    secureCookies: true,
    realtimeUrl: '/socket.io',
    registrationsPerHour: 100,
    ...changes,
  };
}

export interface WorldOptions {
  config?: Partial<AuthConfig>;
  limits?: Limits | 'real';
  /** An earlier world's: its database stays. */
  database?: TestDatabase;
  groups?: 'away';
}

/** The real service on a real PostgreSQL and the in-process bus, behind real HTTP. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const database = options.database ?? (await createDatabase());
  const config = makeConfig(database.url, options.config);
  const broker = createBroker();
  const lines: string[] = [];
  const logger = createLogger({ service: 'auth-service', level: 'debug', write: (line) => lines.push(line) });
  const metrics = createMetrics({ service: 'auth-service' });
  const own = await broker.connect();
  const service = await createAuthService({
    config,
    bus: own,
    logger,
    metrics,
    ...(options.limits === 'real' ? {} : { limits: options.limits ?? endless }),
  });
  const http = await listen(createApp({ logger, handlers: [service.router] }), { port: 0 });
  const url = `http://127.0.0.1:${http.port}`;
  const bus = await broker.connect();
  const mayAdd = { allowed: true };
  if (options.groups !== 'away') bus.handle(subjects.mayAdd(), { queue: 'group-service' }, () => mayAdd);

  const call: World['call'] = async (operation, asked = {}) => ask(url, operation, asked);

  async function enter(person: Person, answered: Answered): Promise<SignedIn> {
    if (answered.status !== 201) throw new Error(`not signed in: ${JSON.stringify(answered.problem)}`);
    const answer = sessionAnswer.parse(answered.value);
    return { person, answer, token: answer.token, cookie: answered.cookie ?? '' };
  }

  return {
    url,
    serverId: config.serverId,
    config,
    database,
    broker,
    bus,
    lines,
    call,
    mayAdd,
    async register(name) {
      const person = createPerson(config.serverId, name);
      return enter(person, await call(createAccount, { body: registrationOf(person) }));
    },
    async signIn(person, changes = {}) {
      const { username, authKeys, device } = person;
      const body = {
        username,
        slot: 'password',
        authKey: authKeys.password,
        deviceId: device.deviceId,
        ...changes,
      };
      return enter(person, await call(createSession, { body }));
    },
    async stop() {
      await http.close(0);
      await service.drain();
      await service.stop();
      await own.close();
      await bus.close();
      if (!options.database) await database.drop();
    },
  };
}

async function ask<Operation extends HttpOperation>(
  base: string,
  operation: Operation,
  { params = {}, query = {}, body, token, cookie, ifMatch }: Asked,
): Promise<Answered<Operation>> {
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const headers = new Headers();
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  if (cookie !== undefined) headers.set('cookie', `other=1; wisp_refresh=${cookie}`);
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  const response = await fetch(url, {
    method: operation.method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  const setCookie = response.headers.getSetCookie()[0];
  return {
    status: response.status,
    headers: response.headers,
    setCookie,
    cookie: setCookie && /^wisp_refresh=([^;]*)/.exec(setCookie)?.[1],
    value: (response.ok && operation.response
      ? operation.response.parse(json)
      : undefined) as ResponseOf<Operation>,
    problem: (response.ok ? undefined : problemSchema.parse(json)) as Problem,
  };
}
