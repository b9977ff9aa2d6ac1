import {
  shardOf,
  subjects,
  type AppendMessagesRequest,
  type AppendResult,
  type ConversationId,
  type DeviceId,
  type UserId,
} from '@wisp/protocol';

const BATCH_MESSAGES = 64;
const BATCH_BYTES = 1_000_000;
/**
 * In a crowd an append waits this long for company, which makes everything behind it cheaper: a lone one goes at once,
 * and where processors are scarce, waiting for more saves more time than it takes.
 */
const PATIENCE_MS = { few: 10, many: 25 };
const MANY = 12;
const IN_FLIGHT = 4;
const QUEUE_MESSAGES = 2000;
const QUEUE_AGE_MS = 500;
const RETRY_AFTER_S = 1;

export interface AppendInput {
  conversation: ConversationId;
  user: UserId;
  device: DeviceId;
  /** base64url, stored in this order. */
  messages: readonly string[];
}

export interface AppendOutput {
  timeline: number;
  results: AppendResult[];
}

/** Asks message-service; it rejects when no answer can be had. */
export type SendBatch = (shard: number, messages: AppendMessagesRequest['messages']) => Promise<AppendOutput>;

interface Waiting {
  input: AppendInput;
  bytes: number;
  since: number;
  settle: (output: AppendOutput) => void;
}

/** Batches appends of all sockets towards message-service (server §5); full, it says so at once. */
export class AppendQueue {
  private queue: Waiting[] = [];
  private waitingMessages = 0;
  private inFlight = 0;
  /** Somebody waits for company. */
  private isPatient = false;
  /** How many appends the last batch held. */
  private crowd = 0;
  private timeline = 1;
  private readonly onSettled: (() => void)[] = [];

  constructor(
    private readonly send: SendBatch,
    private readonly now: () => number,
  ) {}

  append(input: AppendInput): Promise<AppendOutput> {
    const oldest = this.queue[0];
    const isFull =
      this.waitingMessages + input.messages.length > QUEUE_MESSAGES ||
      (oldest !== undefined && this.now() - oldest.since > QUEUE_AGE_MS);
    if (isFull) return Promise.resolve(this.all(input, { status: 'overloaded', retryAfter: RETRY_AFTER_S }));
    const bytes = input.messages.reduce((sum, message) => sum + message.length, 0);
    return new Promise((settle) => {
      this.queue.push({ input, bytes, since: this.now(), settle });
      this.waitingMessages += input.messages.length;
      this.sendFull();
      if (this.queue.length > 0) this.wait();
    });
  }

  /** Resolves once nothing waits and nothing is in flight. */
  async drained(): Promise<void> {
    while (this.queue.length > 0 || this.inFlight > 0) {
      this.sendAll();
      await new Promise<void>((resolve) => this.onSettled.push(resolve));
    }
  }

  private wait(): void {
    if (this.isPatient) return;
    this.isPatient = true;
    const goOn = () => {
      this.isPatient = false;
      this.sendAll();
    };
    // Not at once: what came in this tick makes one batch.
    if (this.crowd <= 1 && this.inFlight === 0) setImmediate(goOn);
    else setTimeout(goOn, this.crowd < MANY ? PATIENCE_MS.few : PATIENCE_MS.many);
  }

  private sendFull(): void {
    while (this.waitingMessages >= BATCH_MESSAGES && this.inFlight < IN_FLIGHT)
      void this.sendBatch(this.takeBatch());
  }

  private sendAll(): void {
    while (this.queue.length > 0 && this.inFlight < IN_FLIGHT) void this.sendBatch(this.takeBatch());
  }

  /** One shard's appends; the messages of one append stay together, in order. */
  private takeBatch(): Waiting[] {
    const [first] = this.queue;
    if (first === undefined) return [];
    const database = databaseOf(first.input.conversation);
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    let messages = 0;
    let bytes = 0;
    for (const waiting of this.queue) {
      const fits =
        messages + waiting.input.messages.length <= BATCH_MESSAGES && bytes + waiting.bytes <= BATCH_BYTES;
      if (taken.length === 0 || (fits && databaseOf(waiting.input.conversation) === database)) {
        taken.push(waiting);
        messages += waiting.input.messages.length;
        bytes += waiting.bytes;
      } else left.push(waiting);
    }
    this.queue = left;
    this.waitingMessages -= messages;
    return taken;
  }

  private async sendBatch(batch: Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    this.inFlight += 1;
    this.crowd = batch.length;
    const messages = batch.flatMap(({ input }) =>
      input.messages.map((body) => ({
        conversation: input.conversation,
        user: input.user,
        device: input.device,
        body,
      })),
    );
    const answer = await this.send(shardOf(first.input.conversation), messages).catch(() => null);
    this.inFlight -= 1;
    this.timeline = answer?.timeline ?? this.timeline;
    let at = 0;
    for (const { input, settle } of batch) {
      const results = answer?.results.slice(at, at + input.messages.length);
      settle(
        results === undefined
          ? this.all(input, { status: 'unavailable' })
          : { timeline: this.timeline, results },
      );
      at += input.messages.length;
    }
    for (const resolve of this.onSettled.splice(0)) resolve();
    if (this.isPatient) this.sendFull();
    else this.sendAll();
  }

  private all(input: AppendInput, result: AppendResult): AppendOutput {
    return { timeline: this.timeline, results: input.messages.map(() => result) };
  }
}

/** One request goes to one database. */
function databaseOf(conversation: ConversationId): string {
  return subjects.appendMessages(shardOf(conversation)).subject;
}
