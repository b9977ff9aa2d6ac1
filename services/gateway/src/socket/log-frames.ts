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

/** Marks are collected for a moment: only the newest of a device and conversation counts. */
export function acknowledge({ bus }: { bus: Bus }) {
  const waiting = new Map<string, { user: UserId; device: DeviceId } & z.output<typeof ackFrame.payload>>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    timer = undefined;
    const marks = [...waiting.values()];
    waiting.clear();
    const bySubject = new Map<string, typeof marks>();
    for (const mark of marks) {
      const { subject } = subjects.acknowledge(shardOf(mark.conversation));
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), mark]);
    }
    for (const acks of bySubject.values()) {
      const [first] = acks;
      if (first === undefined) continue;
      // A lost mark is repeated at the next connect; a busy one goes again.
      const reply = await bus
        .request(subjects.acknowledge(shardOf(first.conversation)), { acks })
        .catch(() => ({ busy: [] }));
      for (const index of reply.busy) {
        const mark = acks[index];
        if (mark !== undefined) add(mark);
      }
    }
  }

  function add(mark: { user: UserId; device: DeviceId } & z.output<typeof ackFrame.payload>): void {
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

const ACK_COLLECT_MS = 100;
