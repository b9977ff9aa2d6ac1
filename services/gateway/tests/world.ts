import { createBroker, type Broker, type Bus } from '@wisp/bus';
import { createMessageService } from '@wisp/message-service';
import {
  shardOf,
  subjects,
  type AppendCommitReply,
  type AppendCommitRequest,
  type ConversationId,
  type DeliveryItem,
  type Notice,
  type Revocation,
} from '@wisp/protocol';
import {
  createApp,
  createHealthRoutes,
  createLimits,
  createLogger,
  createMetrics,
  createReadiness,
  listen,
} from '@wisp/service-kit';
import { randomUUID } from 'node:crypto';
import { createGateway, type Gateway, type GatewayParts } from '../src/index.js';
import { Client } from './client.js';
import { createDatabase, type TestDatabase } from './database.js';
import { newCommitId, newConversation, newPerson, seqOf, type Person } from './messages.js';
import { startTestAuth, type TestAuth } from './test-auth.js';

export const logger = createLogger({ service: 'test', level: 'silent' });

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly url: string;
  stop(): Promise<void>;
}

export type Commit = Partial<AppendCommitRequest> & Pick<Person, 'user' | 'device'>;

interface RunningLog {
  commit(conversation: ConversationId, commit: Commit): Promise<AppendCommitReply>;
  stop(): Promise<void>;
}

/** Gateways on a real log; auth-service and group-service are as much as they ask of them. */
export interface World {
  readonly broker: Broker;
  readonly bus: Bus;
  readonly auth: TestAuth;
  readonly database: TestDatabase;
  startGateway(config?: Partial<GatewayParts['config']>): Promise<RunningGateway>;
  /** Another on the same database; on a broker of its own nobody hears it. */
  startLog(elsewhere?: Broker): Promise<RunningLog>;
  commit(conversation: ConversationId, commit: Commit): Promise<AppendCommitReply>;
  /** A conversation of these people; the first has made it. */
  converse(...people: readonly Person[]): Promise<ConversationId>;
  /** A conversation of two. */
  duo(): Promise<{ alice: Person; bob: Person; conversation: ConversationId }>;
  revoke(revocation: Omit<Revocation, 'at'>): void;
  give(notice: Notice): void;
  /** A publisher that says what the test wants. */
  publisher(): { say(items: DeliveryItem[], more?: { skip?: number }): void };
  stop(): Promise<void>;
}

/** `join`: onto another bus than the world's own broker. */
export async function startWorld(options: { join?: () => Promise<Bus> } = {}): Promise<World> {
  const database = await createDatabase();
  const broker = createBroker();
  const { join = () => broker.connect() } = options;
  const bus = await join();
  const authBus = await join();
  const auth = startTestAuth(authBus);
  const running: { stop(): Promise<void> }[] = [];

  async function startLog(elsewhere?: Broker): Promise<RunningLog> {
    const own = await (elsewhere?.connect() ?? join());
    const asker = await (elsewhere?.connect() ?? join());
    const service = await createMessageService({
      config: {
        databaseUrl: database.url,
        appendConnections: 3,
        readConnections: 3,
        backgroundConnections: 1,
        unreadSeconds: 60,
        commitSeconds: 86_400,
        messageSeconds: 86_400,
      },
      bus: own,
      verifier: { verify: () => Promise.resolve({ kind: 'invalid' }) },
      limits: createLimits(),
      logger,
      metrics: createMetrics({ service: 'message-service' }),
      readiness: createReadiness(),
    });
    const log: RunningLog = {
      commit: (conversation, commit) =>
        asker.request(subjects.appendCommit(shardOf(conversation)), {
          conversation,
          commitId: newCommitId(),
          lastCommitSeq: seqOf(1),
          body: Buffer.from('a commit').toString('base64url'),
          adds: [],
          removes: [],
          roles: [],
          readmit: [],
          ...withoutSession(commit),
        }),
      stop: once(async () => {
        await service.drain();
        await service.stop();
        await own.close();
        await asker.close();
      }),
    };
    running.push(log);
    return log;
  }

  async function startGateway(config: Partial<GatewayParts['config']> = {}): Promise<RunningGateway> {
    const own = await join();
    const gateway = createGateway({
      bus: own,
      logger,
      config: {
        redisUrl: 'none',
        serverId: auth.serverId,
        cell: 0,
        handshakesPerSecond: 300,
        drainSeconds: 5,
        ...config,
      },
    });
    const http = await listen(createApp({ logger, handlers: [createHealthRoutes(gateway)] }), { port: 0 });
    gateway.attach(http.server);
    while (gateway.readiness.missing().length > 0) await new Promise(setImmediate);
    const one: RunningGateway = {
      gateway,
      url: `http://127.0.0.1:${http.port}`,
      stop: once(async () => {
        await gateway.stop();
        await http.close(0);
        await own.close();
      }),
    };
    running.unshift(one);
    return one;
  }

  const log = await startLog();
  const converse: World['converse'] = async (...[creator, ...others]) => {
    if (creator === undefined) throw new Error('nobody to converse');
    const conversation = newConversation();
    const adds = others.map(({ user, device }) => ({ user, device, role: 4 as const }));
    const reply = await log.commit(conversation, {
      ...creator,
      opens: 'create',
      lastCommitSeq: seqOf(0),
      adds,
    });
    if (reply.status !== 'appended') throw new Error(reply.status);
    return conversation;
  };
  return {
    broker,
    bus,
    auth,
    database,
    startGateway,
    startLog,
    commit: log.commit,
    converse,
    async duo() {
      const [alice, bob] = [newPerson(), newPerson()];
      return { alice, bob, conversation: await converse(alice, bob) };
    },
    revoke: (revocation) => bus.publish(subjects.sessionRevoked(), { ...revocation, at: Date.now() }),
    give: (notice) => bus.publish(subjects.noticeGiven(0), notice),
    publisher() {
      const process = randomUUID();
      let number = 0;
      return {
        say(items, { skip = 0 } = {}) {
          number += 1 + skip;
          bus.publish(subjects.deliver(0), { process, number, timeline: 1, items });
        },
      };
    },
    async stop() {
      for (const one of running) await one.stop();
      await Promise.all([bus.close(), authBus.close()]);
      await database.drop();
    },
  };
}

export const connect = ({ url }: RunningGateway, token: string) => Client.connect(url, token);

function withoutSession({ user, device, ...rest }: Commit) {
  const { session: _, ...commit } = rest as Commit & { session?: unknown };
  return { ...commit, user, device };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let ran: Promise<void> | undefined;
  return () => (ran ??= run());
}
