import type { Engine } from '@wisp/client';
import {
  clientChannel,
  RENDEZVOUS,
  type Channel,
  type Command,
  type FailureCode,
  type FromEngine,
  type OpenChannel,
  type Rendezvous,
  type ToEngine,
} from './wire.js';

/** Answers every tab that says hello, and tells all of them what happens. */
export function serveEngine({ engine, open, id }: { engine: Engine; open: OpenChannel; id: string }): void {
  const clients = new Map<string, Channel<FromEngine, ToEngine | FromEngine>>();
  const rendezvous = open<Rendezvous, Rendezvous>(RENDEZVOUS);

  engine.on((event) => {
    for (const client of clients.values()) client.post({ kind: 'event', event });
  });

  const welcome = (client: string) => {
    if (clients.has(client)) return;
    const channel = open<FromEngine, ToEngine | FromEngine>(clientChannel(client));
    clients.set(client, channel);
    channel.listen((call) => {
      // During a takeover another engine may still speak here; only a tab calls.
      if (call.kind !== 'call') return;
      void answer(engine, call).then((outcome) => {
        channel.post({ kind: 'answer', id: call.id, outcome });
      });
    });
    channel.post({ kind: 'welcome', engine: id });
  };

  rendezvous.listen((message) => {
    if (message.kind === 'hello') welcome(message.client);
    if (message.kind === 'bye') {
      clients.get(message.client)?.close();
      clients.delete(message.client);
    }
  });
  rendezvous.post({ kind: 'here' });
}

type Outcome = { ok: true; value: unknown } | { ok: false; code: FailureCode };

async function answer(engine: Engine, { command, input }: ToEngine): Promise<Outcome> {
  try {
    // Both ends are built from one source, so the input is what the command's type says.
    const commands = engine as unknown as Record<Command, (input: unknown) => Promise<unknown>>;
    return { ok: true, value: await commands[command](input) };
  } catch (error) {
    return { ok: false, code: codeOf(error) };
  }
}

function codeOf(error: unknown): FailureCode {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code as FailureCode;
  }
  return 'unknown';
}
