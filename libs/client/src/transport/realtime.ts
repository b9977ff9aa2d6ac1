import { renewFrame, type ProblemCode, type SessionAnswer } from '@wisp/protocol';
import type { Clock } from '../clock.js';
import type { AccessTokens } from './access-tokens.js';
import { backoffDelay } from './backoff.js';
import { openSocket, type GatewaySocket, type SocketEnd } from './gateway-socket.js';
import type { OfflineReason, Realtime, RealtimeEvent, RealtimeState } from './transport.js';

const RENEWAL_RETRY_MS = 5_000;

export interface RealtimeOptions {
  baseUrl: string;
  tokens: AccessTokens;
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  /** The sync token for the handshake. */
  since: () => string | undefined;
  /** False: the device knows that it has no network. */
  hasNetwork: () => boolean;
}

/** The connection to a gateway: kept up from `start` to `stop`, by the rules of server §5. */
export function realtime(options: RealtimeOptions): Realtime {
  const { tokens, clock, random } = options;
  const listeners = new Set<(event: RealtimeEvent) => void>();
  let state: RealtimeState = { kind: 'offline', reason: 'stopped' };
  let wanted = false;
  let failures = 0;
  let socket: GatewaySocket | null = null;
  /** Moves with each try, so that an older one's late news is told apart. */
  let attempt = 0;
  let cancelTimers: (() => void)[] = [];

  const emit = (event: RealtimeEvent) => listeners.forEach((listener) => listener(event));
  function setState(next: RealtimeState): void {
    state = next;
    emit({ type: 'state', state });
  }

  function drop(): void {
    attempt++;
    for (const cancel of cancelTimers) cancel();
    cancelTimers = [];
    socket?.close();
    socket = null;
  }

  async function connect(): Promise<void> {
    drop();
    const mine = attempt;
    setState({ kind: 'connecting' });
    const session = await tokens.fresh();
    if (mine !== attempt) return;
    if (session.kind === 'problem') {
      if (session.problem.status === 401) return giveUp('session-ended');
      return lose(session.problem);
    }
    if (session.kind === 'unreachable') return lose({});
    socket = openSocket({
      url: new URL(session.value.realtimeUrl, options.baseUrl),
      token: session.value.token,
      since: options.since(),
      clock,
      onFrame(frame) {
        if (mine !== attempt) return;
        if (frame.event === 'synced' && state.kind === 'connecting') {
          failures = 0;
          setState({ kind: 'online' });
        }
        if (frame.event === 'bye') {
          later(random() * frame.payload.within, () => void connect());
        }
        emit({ type: 'frame', frame });
      },
      onEnd(end) {
        if (mine !== attempt) return;
        // Whether the session has ended only auth-service knows: the next try asks it for a token.
        if (end.code === 'unauthorized' || end.code === 'session-ended') {
          tokens.discard(session.value.token);
        }
        lose(end);
      },
    });
    later(tokens.renewalIn(), () => void renew());
  }

  function later(ms: number, run: () => void): void {
    cancelTimers.push(clock.after(ms, run));
  }

  function giveUp(reason: OfflineReason): void {
    wanted = false;
    drop();
    setState({ kind: 'offline', reason });
  }

  /** A connection or a try at one has ended: decides whether and when to try again. */
  function lose({ code, retryAfter = 0 }: SocketEnd): void {
    if (code === 'protocol-too-old') return giveUp('protocol-too-old');
    drop();
    const delay = Math.max(retryAfter * 1000, backoffDelay(failures++, random));
    later(delay, () => void connect());
    setState({ kind: 'offline', reason: reasonOf(code), retryAt: clock.now() + delay });
  }

  function reasonOf(code: ProblemCode | undefined): OfflineReason {
    if (code === 'rate-limited' || code === 'overloaded' || code === 'unavailable') return 'server-busy';
    return options.hasNetwork() ? 'server-away' : 'no-network';
  }

  async function renew(): Promise<void> {
    const mine = attempt;
    const session = await tokens.fresh();
    if (mine !== attempt || !socket) return;
    if (session.kind === 'problem' && session.problem.status === 401) return giveUp('session-ended');
    const renewed = session.kind === 'ok' && (await sendToken(session.value));
    if (mine !== attempt) return;
    later(renewed ? tokens.renewalIn() : RENEWAL_RETRY_MS, () => void renew());
  }

  async function sendToken({ token }: SessionAnswer): Promise<boolean> {
    const result = await socket?.send(renewFrame, { token });
    return result?.kind === 'ok';
  }

  return {
    get state() {
      return state;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      if (wanted) return;
      wanted = true;
      failures = 0;
      void connect();
    },
    stop() {
      wanted = false;
      drop();
      setState({ kind: 'offline', reason: 'stopped' });
    },
    wake() {
      if (wanted && state.kind === 'offline') void connect();
    },
    async send(frame, payload) {
      if (state.kind !== 'online' || !socket) return { kind: 'offline' };
      return socket.send(frame, payload);
    },
  };
}
