import { createShardedAdapter } from '@socket.io/redis-adapter';
import type { Bus } from '@wisp/bus';
import {
  byeFrame,
  hintFrame,
  subjects,
  type ConversationId,
  type DeviceId,
  type ServerFrame,
  type UserId,
} from '@wisp/protocol';
import {
  connectAdapterRedis,
  connectRedis,
  createLimits,
  createMetrics,
  createReadiness,
  createRevocationList,
  createTokenVerifier,
  jwksFromBus,
  observeBus,
  revokes,
  type Logger,
} from '@wisp/service-kit';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import type { z } from 'zod';
import { AppendQueue } from './append/append-queue.js';
import type { GatewayConfig } from './config.js';
import { Audience } from './delivery/audience.js';
import { Delivery } from './delivery/deliver.js';
import { giveNotice } from './delivery/notices.js';
import { Publishers } from './delivery/publishers.js';
import { admitSocket } from './socket/admit.js';
import { appendMessages } from './socket/append.js';
import { deviceOf, userOf, type ConnectedSocket, type SocketData } from './socket/connected-socket.js';
import { ephemeralFrames, userRoom } from './socket/ephemeral.js';
import { listenToFrames } from './socket/frames.js';
import { acknowledge, sendSynced, syncLog } from './socket/log-frames.js';
import { Places } from './socket/places.js';
import { SlowConsumers } from './socket/slow-consumers.js';
import { closeSocket, renewToken, watchToken } from './socket/token-life.js';

/** Sockets sync within this after something may have been lost. */
const HINT_WITHIN_MS = 5000;
const BYE_WITHIN_MS = 30_000;
const WATCH_MS = 250;
const MAX_FRAME_BYTES = 2_000_000;
const BUDGET_MS = 5000;

export interface GatewayParts {
  config: Pick<GatewayConfig, 'redisUrl' | 'serverId' | 'cell' | 'handshakesPerSecond' | 'drainSeconds'>;
  bus: Bus;
  logger: Logger;
}

/** Sockets on one side, the bus on the other, nothing durable in between (design §1). */
export function createGateway({ config, bus, logger }: GatewayParts) {
  const metrics = createMetrics({ service: 'gateway' });
  const readiness = createReadiness();
  const redis = config.redisUrl === 'none' ? null : connectRedis({ url: config.redisUrl, logger });
  const adapter = redis === null ? null : connectAdapterRedis({ url: config.redisUrl, logger });
  const limits = createLimits(redis === null ? {} : { redis });
  const revocations = createRevocationList({ bus, logger });
  const verifier = createTokenVerifier({ issuer: config.serverId, keys: jwksFromBus(bus), revocations });
  readiness.require('bus', () => bus.isConnected());
  readiness.require('revocations', () => revocations.isComplete());

  const io = new Server<
    Record<string, never>,
    Record<string, (payload: unknown) => void>,
    { who: (users: readonly UserId[], room: string) => void },
    SocketData
  >({
    transports: ['websocket'],
    perMessageDeflate: false,
    maxHttpBufferSize: MAX_FRAME_BYTES,
    serveClient: false,
    ...(adapter === null
      ? {}
      : {
          adapter: createShardedAdapter(adapter.publisher, adapter.subscriber, {
            subscriptionMode: 'dynamic-private',
          }),
        }),
  });
  const sockets = new Map<DeviceId, Set<ConnectedSocket>>();
  const audience = new Audience();
  const slow = new SlowConsumers(Date.now);
  const publishers = new Publishers(Date.now);
  const queue = new AppendQueue(
    (shard, messages) =>
      bus.request(
        subjects.appendMessages(shard),
        { budgetMs: BUDGET_MS, messages },
        { timeoutMs: BUDGET_MS },
      ),
    Date.now,
  );
  const refusals = metrics.counter({
    name: 'gateway_refusals_total',
    help: 'Handshakes that were refused.',
    labels: ['code'],
  });
  const hints = metrics.counter({
    name: 'gateway_hints_total',
    help: 'Hints sent to all sockets.',
    labels: ['cause'],
  });
  const connected = metrics.gauge({ name: 'gateway_sockets', help: 'Connected sockets.' });

  let isOpen = true;
  const places = new Places(config.handshakesPerSecond);

  /** One encoding for all its sockets: the room of a socket's own id is a list of one. */
  function emit<Frame extends ServerFrame>(
    devices: Iterable<DeviceId>,
    frame: Frame,
    payload: z.input<Frame['payload']>,
  ): void {
    const ids: string[] = [];
    for (const device of devices) {
      for (const socket of sockets.get(device) ?? []) if (slow.takes(socket)) ids.push(socket.id);
    }
    if (ids.length > 0) io.local.to(ids).emit(frame.event, payload);
  }

  function dismiss(conversation: ConversationId, devices: readonly DeviceId[]): void {
    for (const socket of devices.flatMap((device) => [...(sockets.get(device) ?? [])]))
      void ephemeral.dismiss(socket, conversation);
  }

  function hintEverybody(cause: 'jump' | 'silence' | 'bus' | 'timeline'): void {
    hints.inc({ cause });
    io.local.emit(hintFrame.event, { within: HINT_WITHIN_MS });
  }

  async function listMembers(conversation: ConversationId) {
    try {
      return await bus.request(subjects.listMembers(), { conversation });
    } catch (error) {
      logger.warn({ error }, 'members could not be asked for');
      return null;
    }
  }

  async function listMemberDevices(conversation: ConversationId) {
    const found = await listMembers(conversation);
    return (
      found && {
        newestCommitSeq: found.newestCommitSeq,
        devices: found.members.map(({ device }) => device),
      }
    );
  }

  async function learnMembers(conversation: ConversationId): Promise<void> {
    const members = await listMemberDevices(conversation);
    if (members !== null) audience.replace(conversation, members);
  }

  const delivery = new Delivery(audience, { list: listMemberDevices }, { emit, dismiss });

  async function peersOf(device: DeviceId): Promise<ReadonlySet<UserId>> {
    const found = await Promise.all([...audience.conversationsOf(device)].slice(0, 50).map(listMembers));
    return new Set(found.flatMap((one) => one?.members.map(({ user }) => user) ?? []));
  }

  const ephemeral = ephemeralFrames({
    io,
    askOthers: (users, room) => void (adapter && io.serverSideEmit('who', users, room)),
    audience,
    peersOf,
    perAccount: limits.limit({ name: 'ephemeral', points: 60, windowSeconds: 10 }),
  });
  const handlers = {
    append: appendMessages({
      queue,
      perAccount: limits.limit({ name: 'append', points: 1200, windowSeconds: 60 }),
    }),
    sync: syncLog({ bus }),
    ack: acknowledge({ bus }),
    renew: renewToken({ verifier }),
    watch: ephemeral.watch,
    typing: ephemeral.typing,
    presence: ephemeral.presence,
  };

  io.use((socket, next) => {
    const parts = { verifier, isOpen: () => isOpen, takePlace: () => places.take() };
    void admitSocket(parts, socket.handshake.auth).then((admission) => {
      if (admission.kind === 'admitted') {
        socket.data = admission.data;
        return next();
      }
      refusals.inc({ code: admission.error.code });
      next(Object.assign(new Error(admission.error.code), { data: admission.error }));
    });
  });

  io.on('who', ephemeral.answer);
  io.on('connection', (socket: ConnectedSocket) => {
    const device = deviceOf(socket);
    // It has been read; a token shall not lie about as long as the connection lives.
    socket.handshake.auth = {};
    sockets.set(device, (sockets.get(device) ?? new Set()).add(socket));
    audience.connect(device);
    watchToken(socket);
    listenToFrames(socket, handlers, (error) => logger.error({ error }, 'a frame failed'));
    socket.on('disconnect', () => {
      clearTimeout(socket.data.tokenEnds);
      const left = sockets.get(device);
      left?.delete(socket);
      if (left?.size === 0) sockets.delete(device);
      audience.disconnect(device);
      ephemeral.left(socket);
    });
    void greet(socket);
  });

  /** Attached before synced: what is published after the sync's snapshot already reaches this socket. */
  async function greet(socket: ConnectedSocket): Promise<void> {
    try {
      await socket.join(userRoom(userOf(socket)));
      const { conversations } = await bus.request(subjects.attachDevice(), {
        user: userOf(socket),
        device: deviceOf(socket),
      });
      const inDoubt = audience.fill(deviceOf(socket), conversations);
      await Promise.all(inDoubt.map(learnMembers));
      await sendSynced(bus, socket);
      if (socket.connected) ephemeral.arrived(socket);
    } catch (error) {
      logger.warn({ error }, 'a socket could not be attached');
      closeSocket(socket, 'unavailable');
    }
  }

  const subscriptions = [
    bus.subscribe(subjects.deliver(config.cell), (envelope) => {
      if (publishers.receive(envelope)) hintEverybody('jump');
      if (delivery.follow(envelope.timeline)) hintEverybody('timeline');
      delivery.deliver(envelope.timeline, envelope.items);
    }),
    bus.subscribe(subjects.noticeGiven(config.cell), (notice) => giveNotice({ emit, io }, notice)),
  ];
  const endStatus = [
    observeBus(bus, { logger, metrics }),
    bus.onStatus((status) => {
      if (status.kind === 'reconnected' || status.kind === 'slow-consumer') hintEverybody('bus');
    }),
    revocations.onRevoked((revocation) => {
      for (const socket of [...sockets.values()].flatMap((some) => [...some])) {
        if (revokes(revocation, socket.data.claims)) closeSocket(socket, 'session-ended');
      }
    }),
  ];
  const watch = setInterval(() => {
    places.refill(WATCH_MS);
    connected.set(io.sockets.sockets.size);
    slow.check();
    if (publishers.fallenSilent().length > 0) hintEverybody('silence');
  }, WATCH_MS);

  return {
    metrics,
    readiness,
    /** Serves Socket.IO on this HTTP server. */
    attach(server: HttpServer): void {
      io.attach(server);
      io.engine.on('connection', ({ request }: { request: IncomingMessage }) => forgetHeaders(request));
    },
    /** Tells its sockets to go, and waits until they are gone or the time is over. */
    async drain(): Promise<void> {
      readiness.drain();
      isOpen = false;
      io.local.emit(byeFrame.event, { within: Math.min(BYE_WITHIN_MS, config.drainSeconds * 700) });
      await untilEmpty(() => io.sockets.sockets.size === 0, config.drainSeconds * 1000);
      await queue.drained();
    },
    async stop(): Promise<void> {
      clearInterval(watch);
      for (const end of endStatus) end();
      await Promise.all(subscriptions.map((subscription) => subscription.drain()));
      await revocations.stop();
      io.disconnectSockets(true);
      await io.close();
      redis?.disconnect();
      adapter?.close();
    },
  };
}

export type Gateway = ReturnType<typeof createGateway>;

/** Nobody reads them again, and the libraries keep them as long as the connection lives. */
function forgetHeaders(request: IncomingMessage): void {
  request.headers = {};
  request.rawHeaders = [];
}

async function untilEmpty(isEmpty: () => boolean, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!isEmpty() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
}
