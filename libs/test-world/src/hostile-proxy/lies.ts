import type { ClientFrame, HttpOperation, ResponseOf, ServerFrame } from '@wisp/protocol';
import type { z } from 'zod';

/** Ends what it belongs to. */
export type Stop = () => void;

/** What an operation was asked. */
export interface Asked {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: unknown;
}

/** An answer of no operation's form, or none. */
export type Reply =
  | { kind: 'text'; status: number; contentType: string; text: string }
  /** The connection is cut. */
  | { kind: 'lost' }
  /** The connection stays, and nothing comes. */
  | { kind: 'silence' };

/** What becomes of a frame on its way to the server. */
export type Passage<Frame extends ClientFrame> =
  | { kind: 'pass'; payload: z.output<Frame['payload']> }
  /** The server never hears of it. */
  | { kind: 'drop' }
  /** The server never hears of it, and its sender is told this. */
  | { kind: 'answer'; ack: z.output<Frame['ack']> };

/** What a test has the proxy do; with none of it, everything passes as it is. */
export interface Lies {
  /** Changes what the server answers. */
  onAnswer<const Operation extends HttpOperation>(
    operation: Operation,
    change: (answer: ResponseOf<Operation>, asked: Asked) => ResponseOf<Operation>,
  ): Stop;
  /** Answers in the server's place. Undefined: the server is asked. */
  onRequest(operation: HttpOperation, reply: (asked: Asked) => Reply | undefined): Stop;
  /** The server does it, and its answer gets lost. */
  loseAnswers(operation: HttpOperation): Stop;
  /** Changes a frame of the server: none, several, others in its place. */
  onFrame<const Frame extends ServerFrame>(
    frame: Frame,
    change: (payload: z.output<Frame['payload']>) => z.output<Frame['payload']>[],
  ): Stop;
  /** Changes a frame of the engine. */
  onSend<const Frame extends ClientFrame>(
    frame: Frame,
    change: (payload: z.output<Frame['payload']>) => Passage<Frame>,
  ): Stop;
  /** Changes the server's acknowledgement of a frame: none, or several. */
  onAck<const Frame extends ClientFrame>(
    frame: Frame,
    change: (ack: z.output<Frame['ack']>) => z.output<Frame['ack']>[],
  ): Stop;
  /** Tells the truth from here on. */
  repent(): void;
}

/** The lies as the relays ask for them: by name, what goes in already read by its schema. */
export interface LieBook extends Lies {
  replyTo(operation: HttpOperation, asked: Asked): Reply | undefined;
  changeAnswer(operation: HttpOperation, answer: unknown, asked: Asked): unknown;
  losesAnswersOf(operation: HttpOperation): boolean;
  changeFrame(event: string, payload: unknown): unknown[];
  changeSend(event: string, payload: unknown): Passage<ClientFrame>;
  changeAck(event: string, ack: unknown): unknown[];
}

type Change<In extends unknown[], Out> = (...given: In) => Out;

/** The changes of one place, by name, in the order in which they were asked for. */
class Changes<In extends unknown[], Out> {
  private readonly byName = new Map<string, Set<Change<In, Out>>>();

  add(name: string, change: Change<In, Out>): Stop {
    const here = this.byName.get(name) ?? new Set();
    this.byName.set(name, here.add(change));
    return () => here.delete(change);
  }

  of(name: string): Change<In, Out>[] {
    return [...(this.byName.get(name) ?? [])];
  }

  clear(): void {
    this.byName.clear();
  }
}

export function lieBook(): LieBook {
  const answers = new Changes<[unknown, Asked], unknown>();
  const replies = new Changes<[Asked], Reply | undefined>();
  const losses = new Changes<[], void>();
  const frames = new Changes<[unknown], unknown[]>();
  const sends = new Changes<[unknown], Passage<ClientFrame>>();
  const acks = new Changes<[unknown], unknown[]>();

  return {
    // The relays hand over what the schema of this very operation or frame has read, so its type holds.
    onAnswer: (operation, change) => answers.add(operation.name, change as Change<[unknown, Asked], unknown>),
    onRequest: (operation, reply) => replies.add(operation.name, reply),
    loseAnswers: (operation) => losses.add(operation.name, () => undefined),
    onFrame: (frame, change) => frames.add(frame.event, change as Change<[unknown], unknown[]>),
    onSend: (frame, change) =>
      sends.add(frame.event, change as unknown as Change<[unknown], Passage<ClientFrame>>),
    onAck: (frame, change) => acks.add(frame.event, change as Change<[unknown], unknown[]>),
    repent() {
      for (const changes of [answers, replies, losses, frames, sends, acks]) changes.clear();
    },
    replyTo({ name }, asked) {
      for (const reply of replies.of(name)) {
        const given = reply(asked);
        if (given !== undefined) return given;
      }
      return undefined;
    },
    changeAnswer: ({ name }, answer, asked) =>
      answers.of(name).reduce((changed, change) => change(changed, asked), answer),
    losesAnswersOf: ({ name }) => losses.of(name).length > 0,
    changeFrame: (event, payload) =>
      frames.of(event).reduce<unknown[]>((all, change) => all.flatMap(change), [payload]),
    changeSend(event, payload) {
      let passage: Passage<ClientFrame> = { kind: 'pass', payload };
      for (const change of sends.of(event)) {
        if (passage.kind === 'pass') passage = change(passage.payload);
      }
      return passage;
    },
    changeAck: (event, ack) => acks.of(event).reduce<unknown[]>((all, change) => all.flatMap(change), [ack]),
  };
}
