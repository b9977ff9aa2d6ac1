import type { DeviceId, TokenClaims, UserId } from '@wisp/protocol';
import type { Socket } from 'socket.io';

/** What a socket carries from its handshake on. The token is the only source of user and device. */
export interface SocketData {
  claims: TokenClaims & { dev: DeviceId };
  since: string | undefined;
  /** Cuts the socket off at the end of its token. */
  tokenEnds: NodeJS.Timeout | undefined;
  /** Above the bound its log frames were dropped; on drain it is told to sync. */
  isLagging: boolean;
  /** Conversations with an append in flight. */
  appending: Set<string>;
  unacknowledged: { messages: number; bytes: number };
  watching: string | null;
}

export type ConnectedSocket = Socket<
  Record<string, never>,
  Record<string, (payload: unknown) => void>,
  Record<string, never>,
  SocketData
>;

export const userOf = (socket: ConnectedSocket): UserId => socket.data.claims.sub;
export const deviceOf = (socket: ConnectedSocket): DeviceId => socket.data.claims.dev;
