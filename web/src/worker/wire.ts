import type { Engine, EngineErrorCode, EngineEvent } from '@wisp/client';

/*
 * What a tab and the engine's Worker say to each other. One public channel for finding each other, and one channel
 * per tab, so that no other tab is sent a password or a text that isn't its own.
 */

export type Command = Exclude<keyof Engine, 'on' | 'close'>;

/** `engine-moved`: the tab that held the engine closed while the call was under way. */
export type FailureCode = EngineErrorCode | 'engine-moved' | 'unknown';

export type Rendezvous =
  { kind: 'hello'; client: string } | { kind: 'bye'; client: string } | { kind: 'here' };

export type ToEngine = { kind: 'call'; id: number; command: Command; input: unknown };

export type FromEngine =
  | { kind: 'welcome'; engine: string }
  | { kind: 'answer'; id: number; outcome: { ok: true; value: unknown } | { ok: false; code: FailureCode } }
  | { kind: 'event'; event: EngineEvent };

export const RENDEZVOUS = 'wisp/engine';
export const ENGINE_LOCK = 'wisp/engine';

export function clientChannel(client: string): string {
  return `wisp/engine/${client}`;
}

/** The part of a BroadcastChannel that is used here; tests join two ends by hand. */
export interface Channel<Out, In> {
  post(message: Out): void;
  listen(listener: (message: In) => void): void;
  close(): void;
}

export function openChannel<Out, In>(name: string): Channel<Out, In> {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => {
      channel.postMessage(message);
    },
    listen: (listener) => {
      channel.addEventListener('message', (event: MessageEvent<In>) => {
        listener(event.data);
      });
    },
    close: () => {
      channel.close();
    },
  };
}

export type OpenChannel = typeof openChannel;
