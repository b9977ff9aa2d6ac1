import { closingFrame, type ProblemCode, type renewFrame } from '@wisp/protocol';
import type { TokenVerifier } from '@wisp/service-kit';
import type { z } from 'zod';
import { hasDevice } from './admit.js';
import type { ConnectedSocket } from './connected-socket.js';
import { refuse, type FrameAnswer } from './frames.js';

/** Says why and closes. */
export function closeSocket(socket: ConnectedSocket, code: ProblemCode): void {
  socket.emit(closingFrame.event, { code });
  socket.disconnect(true);
}

/** Closes the socket at the end of its token, unless it is renewed before. */
export function watchToken(socket: ConnectedSocket): void {
  clearTimeout(socket.data.tokenEnds);
  const left = socket.data.claims.exp * 1000 - Date.now();
  socket.data.tokenEnds = setTimeout(() => closeSocket(socket, 'unauthorized'), Math.max(left, 0));
}

/** A new token of the same session and device. */
export function renewToken({ verifier }: { verifier: TokenVerifier }) {
  return async (
    socket: ConnectedSocket,
    { token }: z.output<typeof renewFrame.payload>,
  ): Promise<FrameAnswer<typeof renewFrame>> => {
    const verdict = await verifier.verify(token);
    if (verdict.kind === 'unavailable') return refuse('unavailable', { retryAfter: 1 });
    if (verdict.kind === 'revoked') return refuse('session-ended');
    if (verdict.kind !== 'valid') return refuse('unauthorized');
    if (!hasDevice(verdict.claims)) return refuse('device-not-listed');
    const { claims } = socket.data;
    const isSame =
      verdict.claims.sub === claims.sub &&
      verdict.claims.dev === claims.dev &&
      verdict.claims.sid === claims.sid;
    if (!isSame) return refuse('forbidden');
    socket.data.claims = verdict.claims;
    watchToken(socket);
    return { ack: { until: verdict.claims.exp * 1000 } };
  };
}
