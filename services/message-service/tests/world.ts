import { createBroker, type Broker, type Bus } from '@wisp/bus';
import {
  shardOf,
  subjects,
  type AppendAnswer,
  type AppendCommitReply,
  type AppendCommitRequest,
  type ConversationId,
  type DeliveryEnvelope,
  type DeliveryItem,
} from '@wisp/protocol';
import {
  createApp,
  createHealthRoutes,
  createLimits,
  createMetrics,
  createReadiness,
  listen,
  type HttpServer,
  type Metrics,
} from '@wisp/service-kit';
import { loadServiceConfig } from '../src/config.js';
import { createMessageService, type MessageService } from '../src/message-service.js';
import { createDatabase, logger, type TestDatabase } from './database.js';
import {
  newCommitId,
  newConversation,
  newPerson,
  sealedText,
  seqOf,
  type Person,
  type SealedOptions,
} from './messages.js';
import { createTokens, type TestTokens } from './tokens.js';

export interface Replica {
  readonly bus: Bus;
  readonly service: MessageService;
  readonly metrics: Metrics;
  readonly http: HttpServer;
  end(): Promise<void>;
}

/** What gateways of the cell hear. */
export interface Listener {
  readonly envelopes: DeliveryEnvelope[];
  /** Items of one conversation, so far. */
  items(conversation: ConversationId): DeliveryItem[];
  /** The first item that fits, now or later. */
  item<Kind extends DeliveryItem['kind']>(
    kind: Kind,
    conversation: ConversationId,
  ): Promise<Extract<DeliveryItem, { kind: Kind }>>;
  until(holds: (envelopes: readonly DeliveryEnvelope[]) => boolean): Promise<void>;
}

export interface World {
  readonly database: TestDatabase;
  readonly broker: Broker;
  /** A gateway's or group-service's side of the bus. */
  readonly bus: Bus;
  readonly tokens: TestTokens;
  readonly cell: Listener;
  startReplica(env?: Record<string, string>): Promise<Replica>;
  append(messages: readonly Upload[], budgetMs?: number): Promise<AppendAnswer>;
  commit(
    request: Partial<AppendCommitRequest> & Person & { conversation: ConversationId },
  ): Promise<AppendCommitReply>;
  /** A conversation of two. */
  duo(): Promise<{ alice: Person; bob: Person; conversation: ConversationId }>;
  end(): Promise<void>;
}

export type Upload = Person & { readonly conversation: ConversationId; readonly body: string };

export const upload = (conversation: ConversationId, who: Person, options: SealedOptions): Upload => ({
  ...who,
  conversation,
  body: sealedText(options),
});

function listenTo(bus: Bus): Listener {
  const envelopes: DeliveryEnvelope[] = [];
  const waiting = new Set<() => void>();
  bus.subscribe(subjects.deliver(0), (envelope) => {
    envelopes.push(envelope);
    for (const look of [...waiting]) look();
  });
  const items = (conversation: ConversationId) =>
    envelopes.flatMap((envelope) => envelope.items.filter((item) => item.conversation === conversation));
  const until: Listener['until'] = (holds) =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds(envelopes)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    envelopes,
    items,
    until,
    async item(kind, conversation) {
      const find = () => items(conversation).find((item) => item.kind === kind);
      await until(() => find() !== undefined);
      return find() as never;
    },
  };
}

export async function startWorld(): Promise<World> {
  const database = await createDatabase();
  const broker = createBroker();
  const bus = await broker.connect();
  const tokens = createTokens();
  const replicas: Replica[] = [];
  const cell = listenTo(bus);

  async function startReplica(env: Record<string, string> = {}): Promise<Replica> {
    const own = await broker.connect();
    const metrics = createMetrics({ service: 'message-service' });
    const readiness = createReadiness();
    const service = await createMessageService({
      config: loadServiceConfig({ DATABASE_URL: database.url, ...env }),
      bus: own,
      verifier: tokens.verifier,
      limits: createLimits(),
      logger,
      metrics,
      readiness,
    });
    const health = createHealthRoutes({ readiness, metrics });
    const http = await listen(createApp({ logger, handlers: [health, service.api] }), { port: 0 });
    let isEnded = false;
    const replica: Replica = {
      bus: own,
      service,
      metrics,
      http,
      async end() {
        if (isEnded) return;
        isEnded = true;
        await http.close(0);
        await service.drain();
        await own.drain();
        await service.stop();
      },
    };
    replicas.push(replica);
    return replica;
  }

  const commit: World['commit'] = (request) =>
    bus.request(subjects.appendCommit(shardOf(request.conversation)), {
      commitId: newCommitId(),
      lastCommitSeq: seqOf(1),
      body: Buffer.from('a commit').toString('base64url'),
      adds: [],
      removes: [],
      roles: [],
      readmit: [],
      ...request,
    });

  return {
    database,
    broker,
    bus,
    tokens,
    cell,
    startReplica,
    commit,
    append: (messages, budgetMs = 5_000) =>
      bus.request(subjects.appendMessages(0), { budgetMs, messages: [...messages] }),
    async duo() {
      const [alice, bob] = [newPerson(), newPerson()];
      const conversation = newConversation();
      const adds = [{ ...bob, role: 4 as const }];
      const reply = await commit({ ...alice, conversation, opens: 'create', lastCommitSeq: seqOf(0), adds });
      if (reply.status !== 'appended') throw new Error(reply.status);
      return { alice, bob, conversation };
    },
    async end() {
      for (const replica of replicas) await replica.end();
      await bus.close();
      await database.drop();
    },
  };
}
