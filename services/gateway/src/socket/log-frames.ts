import {
  shardOf,
  subjects,
  syncedFrame,
  type ackFrame,
  type DeviceId,
  type SyncAnswer,
  type syncFrame,
  type UserId,
} from '@wisp/protocol';
import type { Bus } from '@wisp/bus';
import type { z } from 'zod';
import { deviceOf, userOf, type ConnectedSocket } from './connected-socket.js';
import { refuse, type FrameAnswer } from './frames.js';

type SyncAsk = { user: UserId; device: DeviceId; since: string | undefined };

export function askSync(bus: Bus, { user, device, since }: SyncAsk): Promise<SyncAnswer> {
  return bus.request(subjects.syncDevice(), { user, device, ...(since === undefined ? {} : { since }) });
}

/** The first frame of a connection: what changed since the handshake's token, and what else waits. */
export async function sendSynced(bus: Bus, socket: ConnectedSocket): Promise<void> {
  const [user, device] = [userOf(socket), deviceOf(socket)];
  const [synced, welcomes, keyPackages] = await Promise.all([
    askSync(bus, { user, device, since: socket.data.since }),
    bus.request(subjects.countWelcomes(), { device }),
    bus.request(subjects.countKeyPackages(), { device }),
  ]);
  socket.emit(syncedFrame.event, { ...synced, welcomes: welcomes.count, keyPackages: keyPackages.count });
}

export function syncLog({ bus }: { bus: Bus }) {
  return async (
    socket: ConnectedSocket,
    { since }: z.output<typeof syncFrame.payload>,
  ): Promise<FrameAnswer<typeof syncFrame>> => {
    try {
      return { ack: await askSync(bus, { user: userOf(socket), device: deviceOf(socket), since }) };
    } catch {
      return refuse('unavailable', { retryAfter: 1 });
    }
  };
}

type Mark = { user: UserId; device: DeviceId } & z.output<typeof ackFrame.payload>;

/** Marks are collected for a moment: only the newest of a device and conversation counts. */
export function acknowledge({ bus }: { bus: Bus }) {
  const waiting = new Map<string, Mark>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    timer = undefined;
    const marks = [...waiting.values()];
    waiting.clear();
    for (const acks of groupBySubject(marks)) await send(acks);
  }

  async function send(acks: Mark[]): Promise<void> {
    const [first] = acks;
    if (first === undefined) return;
    // A lost mark is repeated at the next connect; a busy one goes again.
    const reply = await bus
      .request(subjects.acknowledge(shardOf(first.conversation)), { acks })
      .catch(() => ({ busy: [] }));
    for (const index of reply.busy) {
      const mark = acks[index];
      if (mark !== undefined) add(mark);
    }
  }

  function add(mark: Mark): void {
    const key = `${mark.device}.${mark.conversation}`;
    const known = waiting.get(key);
    if (known === undefined || known.seq < mark.seq) waiting.set(key, mark);
    timer ??= setTimeout(() => void flush(), ACK_COLLECT_MS);
  }

  return async (
    socket: ConnectedSocket,
    mark: z.output<typeof ackFrame.payload>,
  ): Promise<FrameAnswer<typeof ackFrame>> => {
    add({ ...mark, user: userOf(socket), device: deviceOf(socket) });
    return Promise.resolve({ ack: {} });
  };
}

/** One request takes so many: more would be refused as a whole, the marks of everybody in it with them. */
const ACKS_PER_REQUEST = 1000;

function groupBySubject(marks: readonly Mark[]): Mark[][] {
  const bySubject = new Map<string, Mark[]>();
  const full: Mark[][] = [];
  for (const mark of marks) {
    const { subject } = subjects.acknowledge(shardOf(mark.conversation));
    const group = bySubject.get(subject) ?? [];
    group.push(mark);
    bySubject.set(subject, group);
    if (group.length < ACKS_PER_REQUEST) continue;
    full.push(group);
    bySubject.delete(subject);
  }
  return [...full, ...bySubject.values()];
}

const ACK_COLLECT_MS = 100;
