import { limits, type appendFrame, type AppendFrame } from '@wisp/protocol';
import type { Limit } from '@wisp/service-kit';
import type { AppendQueue } from '../append/append-queue.js';
import { AppendAllowance } from './append-allowance.js';
import { deviceOf, userOf, type ConnectedSocket } from './connected-socket.js';
import { refuse, type FrameAnswer } from './frames.js';

const BUSY_AGAIN_S = 0.2;

/** Hands a frame's messages to message-service in their order; one frame in flight per conversation. */
export function appendMessages({ queue, perAccount }: { queue: AppendQueue; perAccount: Limit }) {
  const allowances = new WeakMap<ConnectedSocket, AppendAllowance>();
  const allowanceOf = (socket: ConnectedSocket) => {
    const known = allowances.get(socket) ?? new AppendAllowance(perAccount, Date.now);
    allowances.set(socket, known);
    return known;
  };
  return async (socket: ConnectedSocket, frame: AppendFrame): Promise<FrameAnswer<typeof appendFrame>> => {
    const { unacknowledged, appending } = socket.data;
    const bytes = frame.messages.reduce((sum, message) => sum + (message.length * 3) / 4, 0);
    const isOver =
      unacknowledged.messages + frame.messages.length > limits.unacknowledgedMessages ||
      (unacknowledged.messages > 0 && unacknowledged.bytes + bytes > limits.unacknowledgedBytes);
    if (isOver || appending.has(frame.conversation))
      return refuse('rate-limited', { retryAfter: BUSY_AGAIN_S });

    appending.add(frame.conversation);
    unacknowledged.messages += frame.messages.length;
    unacknowledged.bytes += bytes;
    try {
      const taken = await allowanceOf(socket).take(userOf(socket), frame.messages.length);
      if (!taken.ok) return refuse('rate-limited', { retryAfter: taken.retryAfterMs / 1000 });
      const output = await queue.append({ ...frame, user: userOf(socket), device: deviceOf(socket) });
      return { ack: output };
    } finally {
      appending.delete(frame.conversation);
      unacknowledged.messages -= frame.messages.length;
      unacknowledged.bytes -= bytes;
    }
  };
}
