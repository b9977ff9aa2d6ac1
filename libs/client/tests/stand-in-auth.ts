import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  httpOperations,
  makeProblem,
  type DeviceId,
  type HttpOperation,
  type KdfParameters,
  type ProblemCode,
  type SessionAnswer,
  type UserId,
} from '@wisp/protocol';
import { userIdOf } from '@wisp/e2ee';
import { decodeBase64url, deviceList, statement } from '@wisp/protocol';

interface StoredUser {
  userId: UserId;
  username: string;
  authKeys: Record<string, string>;
  vault: string;
  vaultWrites: number;
  lists: string[];
  deleted: boolean;
}
interface StoredSession {
  id: string;
  user: StoredUser;
  device: DeviceId | undefined;
  refresh: string;
}

/** What the network or a lying server does to one operation. */
export interface Mischief {
  /** It takes effect and the answer is lost. */
  lose?: true;
  /** It never arrives. */
  cut?: true;
  refuse?: ProblemCode;
  tamper?: (answer: never) => unknown;
}

export interface StandInAuth {
  readonly baseUrl: string;
  readonly users: Map<string, StoredUser>;
  readonly sessions: StoredSession[];
  readonly keyPackages: Map<string, { count: number; lastResort: boolean; uploads: number }>;
  /** By operation name. */
  readonly mischief: Map<string, Mischief>;
  readonly calls: string[];
  /** Requests as they came in, to look for what must not be there. */
  readonly bodies: string[];
  time: number;
  kdf: KdfParameters;
  close(): Promise<void>;
}

type Outcome = { status: number; body?: unknown; cookie?: string } | ProblemCode;

/**
 * A server that answers auth-service's operations from memory and can be told to lie. It judges nothing: what a
 * server may do to an engine is its only subject. The real auth-service has the same stories told to it elsewhere.
 */
export async function standInAuth(): Promise<StandInAuth> {
  const users = new Map<string, StoredUser>();
  const sessions: StoredSession[] = [];
  const keyPackages: StandInAuth['keyPackages'] = new Map();
  const serverId = crypto.randomUUID();

  const openSession = (user: StoredUser, device: DeviceId | undefined): Outcome => {
    const session = { id: crypto.randomUUID(), user, device, refresh: crypto.randomUUID() };
    sessions.push(session);
    return answerSession(session, 201);
  };
  const answerSession = (session: StoredSession, status: number): Outcome => ({
    status,
    cookie: `refresh=${session.refresh}; Path=/api/auth/sessions; HttpOnly`,
    body: {
      token: session.id,
      time: server.time,
      expiresAt: server.time + 900_000,
      sessionId: session.id,
      userId: session.user.userId,
      username: session.user.username,
      deviceId: session.device,
      realtimeUrl: '/socket.io',
    } satisfies Record<keyof SessionAnswer, unknown>,
  });
  const byId = (id: string) => [...users.values()].find(({ userId }) => userId === id);

  const handlers: Record<string, (call: Call) => Outcome> = {
    getParameters: () => ({
      status: 200,
      body: { serverId, serverSalt: 'A'.repeat(43), kdf: server.kdf, protocol: { version: 1, oldest: 1 } },
    }),
    checkUsername: ({ params }) => ({ status: 200, body: { free: !users.has(params['username'] ?? '') } }),
    createAccount({ body }) {
      const { username, deviceId, authKeys, vault } = body;
      if (users.has(username)) return 'username-taken';
      const list = deviceList.decode(statement.decode(decodeBase64url(body.deviceList)).body);
      const userId = userIdOf(list.identityKey);
      const lists = [body.deviceList];
      const user = { userId, username, authKeys, vault, vaultWrites: 0, lists, deleted: false };
      users.set(username, user);
      return openSession(user, deviceId);
    },
    createSession({ body }) {
      const user = users.get(body.username);
      if (!user || user.deleted || user.authKeys[body.slot] !== body.authKey) return 'wrong-credentials';
      return openSession(user, body.deviceId);
    },
    refreshSession({ cookie }) {
      const session = sessions.find(({ refresh }) => cookie === `refresh=${refresh}`);
      if (!session) return 'session-ended';
      session.refresh = crypto.randomUUID();
      return answerSession(session, 200);
    },
    listSessions: ({ session }) => ({
      status: 200,
      body: {
        sessions: sessions
          .filter(({ user }) => user === session.user)
          .map(({ id, device }) => ({ sessionId: id, deviceId: device, createdAt: 1, refreshedAt: 1 })),
      },
    }),
    endSession({ params }) {
      const at = sessions.findIndex(({ id }) => id === params['id']);
      if (at < 0) return 'not-found';
      sessions.splice(at, 1);
      return { status: 204 };
    },
    getVault: ({ session: { user } }) => ({
      status: 200,
      body: { vault: user.vault, etag: `"${user.vaultWrites}"` },
    }),
    putVault({ session: { user }, body, ifMatch }) {
      if (ifMatch !== `"${user.vaultWrites}"`) return 'precondition-failed';
      user.vault = body.vault;
      user.vaultWrites += 1;
      return { status: 200, body: { etag: `"${user.vaultWrites}"` } };
    },
    deleteAccount({ session, body }) {
      if (session.user.authKeys['password'] !== body.proof.authKey) return 'wrong-credentials';
      session.user.deleted = true;
      return { status: 204 };
    },
    findUser({ query }) {
      const user = users.get(query.get('username') ?? '');
      if (!user) return 'not-found';
      return {
        status: 200,
        body: { userId: user.userId, username: user.username, deviceList: user.lists.at(-1) },
      };
    },
    getDeviceLists({ params, query }) {
      const user = byId(params['id'] ?? '');
      if (!user) return 'not-found';
      const { userId, deleted, lists } = user;
      const deviceLists = lists.slice(Number(query.get('after') ?? 0));
      return { status: 200, body: { userId, deleted, newest: lists.length, deviceLists } };
    },
    uploadKeyPackages({ session, body }) {
      const stock = keyPackages.get(session.user.username) ?? { count: 0, lastResort: false, uploads: 0 };
      stock.count += body.keyPackages.length;
      stock.lastResort ||= body.lastResort !== undefined;
      stock.uploads++;
      keyPackages.set(session.user.username, stock);
      return { status: 200, body: { count: stock.count } };
    },
    countKeyPackages({ session }) {
      const { count, lastResort } = keyPackages.get(session.user.username) ?? { count: 0, lastResort: false };
      return { status: 200, body: { count, lastResort } };
    },
  };

  const http = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const found = route(request);
    const mischief = server.mischief.get(found?.operation.name ?? '') ?? {};
    if (!found || mischief.cut) return void request.socket.destroy();
    server.calls.push(found.operation.name);
    server.bodies.push(text);
    const token = request.headers.authorization?.slice('Bearer '.length);
    const session = sessions.find(({ id }) => id === token);
    const wantsToken = found.operation.auth === 'account' || found.operation.auth === 'device';
    const outcome =
      mischief.refuse ??
      (wantsToken && !session
        ? 'unauthorized'
        : handlers[found.operation.name]?.({
            params: found.params,
            query: found.query,
            cookie: request.headers.cookie,
            ifMatch: request.headers['if-match'],
            body: text === '' ? undefined : JSON.parse(text),
            session: session as StoredSession,
          }));
    if (outcome === undefined || mischief.lose) return void request.socket.destroy();
    if (typeof outcome === 'string') {
      const problem = makeProblem(outcome);
      return void response.writeHead(problem.status).end(JSON.stringify(problem));
    }
    if (outcome.cookie) response.setHeader('set-cookie', outcome.cookie);
    const body = mischief.tamper ? mischief.tamper(outcome.body as never) : outcome.body;
    response.writeHead(outcome.status).end(body === undefined ? undefined : JSON.stringify(body));
  }
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');

  const server: StandInAuth = {
    baseUrl: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    users,
    sessions,
    keyPackages,
    mischief: new Map(),
    calls: [],
    bodies: [],
    time: 1_700_000_000_000,
    kdf: { alg: 'argon2id13', m: 64 * 1024, t: 3, p: 1 },
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  return server;
}

interface Call {
  params: Record<string, string>;
  query: URLSearchParams;
  cookie: string | undefined;
  ifMatch: string | undefined;
  // Requests are taken as they come: the engine under test made them by the operation's types.
  body: ReturnType<typeof JSON.parse>;
  session: StoredSession;
}

function route(
  request: IncomingMessage,
): { operation: HttpOperation; params: Record<string, string>; query: URLSearchParams } | null {
  const url = new URL(request.url ?? '/', 'http://localhost');
  for (const operation of httpOperations) {
    const pattern = new RegExp(`^${operation.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = operation.method === request.method ? pattern.exec(url.pathname) : null;
    if (match) return { operation, params: { ...match.groups }, query: url.searchParams };
  }
  return null;
}
