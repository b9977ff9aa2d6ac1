import {
  peerPresenceFrame,
  peerTypingFrame,
  type ConversationId,
  type DeviceId,
  type presenceFrame,
  type typingFrame,
  type UserId,
  type watchFrame,
} from '@wisp/protocol';
import type { Limit } from '@wisp/service-kit';
import type { Server } from 'socket.io';
import type { z } from 'zod';
import type { Audience } from '../delivery/audience.js';
import { deviceOf, userOf, type ConnectedSocket } from './connected-socket.js';
import { refuse, type FrameAnswer } from './frames.js';

const typingRoom = (conversation: ConversationId) => `typing:${conversation}`;
const presenceRoom = (user: UserId) => `presence:${user}`;
const isPresenceRoom = (room: string) => room.startsWith('presence:');
/** Asking about many people costs more than typing. */
const PRESENCE_COST = 10;
export const userRoom = (user: UserId) => `user:${user}`;

interface EphemeralParts {
  io: Server;
  /** Has the other gateways say in this room who of these is connected to them. */
  askOthers: (users: readonly UserId[], room: string) => void;
  audience: Audience;
  perAccount: Limit;
  /** Everybody who shares a conversation with this device. */
  peersOf: (device: DeviceId) => Promise<ReadonlySet<UserId>>;
}

/** Typing and presence: rooms of the Redis adapter, nothing durable; with Redis away they stop (server §4). */
export function ephemeralFrames({ io, askOthers, audience, perAccount, peersOf }: EphemeralParts) {
  const isMember = (socket: ConnectedSocket, conversation: ConversationId) =>
    audience.conversationsOf(deviceOf(socket)).has(conversation);

  const isHere = (user: UserId) => io.sockets.adapter.rooms.has(userRoom(user));
  const say = (room: string, presence: z.input<typeof peerPresenceFrame.payload>) =>
    io.to(room).emit(peerPresenceFrame.event, presence);

  return {
    async watch(
      socket: ConnectedSocket,
      { conversation }: z.output<typeof watchFrame.payload>,
    ): Promise<FrameAnswer<typeof watchFrame>> {
      if (conversation !== null && !isMember(socket, conversation)) return refuse('forbidden');
      const room = conversation === null ? null : typingRoom(conversation);
      if (room === socket.data.watching) return { ack: {} };
      const left = socket.data.watching;
      socket.data.watching = room;
      if (left !== null) await socket.leave(left);
      // In the meantime it may have turned to another, or gone.
      if (room !== null && socket.data.watching === room && socket.connected) await socket.join(room);
      return { ack: {} };
    },

    /** A device that has left a conversation watches it no longer. */
    async dismiss(socket: ConnectedSocket, conversation: ConversationId): Promise<void> {
      const room = typingRoom(conversation);
      if (socket.data.watching === room) socket.data.watching = null;
      await socket.leave(room);
    },

    async typing(
      socket: ConnectedSocket,
      frame: z.output<typeof typingFrame.payload>,
    ): Promise<FrameAnswer<typeof typingFrame>> {
      if (!isMember(socket, frame.conversation)) return refuse('forbidden');
      const taken = await perAccount.take(userOf(socket));
      if (!taken.ok) return refuse('rate-limited', { retryAfter: taken.retryAfterMs / 1000 });
      socket
        .to(typingRoom(frame.conversation))
        .emit(peerTypingFrame.event, { ...frame, user: userOf(socket) });
      return { ack: {} };
    },

    async presence(
      socket: ConnectedSocket,
      wish: z.output<typeof presenceFrame.payload>,
    ): Promise<FrameAnswer<typeof presenceFrame>> {
      const taken = await perAccount.take(userOf(socket), PRESENCE_COST);
      if (!taken.ok) return refuse('rate-limited', { retryAfter: taken.retryAfterMs / 1000 });
      const peers = await peersOf(deviceOf(socket));
      if (!socket.connected) return { ack: { online: [] } };
      const users = wish.users.filter((user) => peers.has(user));
      const rooms = users.map(presenceRoom);
      for (const room of socket.rooms)
        if (isPresenceRoom(room) && !rooms.includes(room)) await socket.leave(room);
      await socket.join(rooms);
      const here = users.filter(isHere);
      const elsewhere = users.filter((user) => !here.includes(user));
      // Who is connected to another gateway follows as frames: nobody waits for Redis.
      if (elsewhere.length > 0) askOthers(elsewhere, socket.id);
      return { ack: { online: here } };
    },

    /** Another gateway has asked. */
    answer(users: readonly UserId[], room: string): void {
      for (const user of users) if (isHere(user)) say(room, { user, online: true });
    },

    arrived: (socket: ConnectedSocket) =>
      say(presenceRoom(userOf(socket)), { user: userOf(socket), online: true }),

    /** One of the user's sockets has gone, and may not have been the last. */
    left(socket: ConnectedSocket): void {
      const user = userOf(socket);
      if (isHere(user)) return;
      say(presenceRoom(user), { user, online: false });
      askOthers([user], presenceRoom(user));
    },
  };
}
