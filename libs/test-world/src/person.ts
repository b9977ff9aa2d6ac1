import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError, type ConversationView, type Engine, type MessageView, type Timer } from '@wisp/client';
import { openEngine } from '@wisp/client/node';
import type { ConversationId, UserId } from '@wisp/protocol';
import { HandClock } from './hand-clock.js';
import { openNetwork, type Network } from './network.js';
import { until } from './until.js';

const ASK_AGAIN_MS = 500;
const PASSWORD = 'correct horse battery staple canyon';

/** Somebody with one device: a real engine on a real store, on a line that can be cut. */
export class Person {
  readonly clock = new HandClock();
  private current: Engine | null = null;
  private words: string[] = [];
  private online = true;

  private constructor(
    readonly name: string,
    /** Of the device's store. */
    readonly folder: string,
    readonly network: Network,
  ) {}

  /** Registers at a server. */
  static async register(server: string, name: string): Promise<Person> {
    const folder = await mkdtemp(join(tmpdir(), `wisp-${name}-`));
    const person = new Person(name, folder, await openNetwork(server));
    const engine = person.open();
    await engine.start();
    const { words } = await engine.register({ username: name, password: PASSWORD });
    person.words = words;
    const questions = await engine.recoveryQuestions();
    await engine.proveRecoveryKey(questions.map((index) => ({ index, word: words[index] ?? '' })));
    return person;
  }

  get engine(): Engine {
    if (this.current === null) throw new Error(`${this.name}'s engine is closed`);
    return this.current;
  }

  get recoveryWords(): string[] {
    return this.words;
  }

  get password(): string {
    return PASSWORD;
  }

  /** A new engine on the same store, as after a reload. */
  private open(): Engine {
    this.current = openEngine({
      server: this.network.url,
      folder: this.folder,
      clock: this.clock,
      random: () => 0,
    });
    return this.current;
  }

  async reload(): Promise<void> {
    await this.current?.close();
    await this.open().start();
  }

  async userId(): Promise<UserId> {
    const start = await this.engine.start();
    if (start.kind !== 'signed-in') throw new Error(`${this.name} is ${start.kind}`);
    return start.account.userId;
  }

  goesOffline(): void {
    this.online = false;
    this.network.cut();
  }

  async comesBack(): Promise<void> {
    this.online = true;
    this.network.mend();
    await this.engine.wake();
  }

  /** Waits for a connection, and asks for it now and then, as somebody does who can't wait. */
  async getsOnline(): Promise<void> {
    let askedAt = 0;
    await this.waitFor(async () => {
      const { state } = await this.engine.connection();
      if (state === 'online') return true;
      if (state === 'offline' && Date.now() - askedAt > ASK_AGAIN_MS) {
        askedAt = Date.now();
        await this.engine.wake();
      }
      return undefined;
    }, 'a connection');
  }

  /** The direct conversation with somebody, begun when there is none. */
  async chatWith(other: Person): Promise<ConversationId> {
    const { userId } = await this.engine.findUser(other.name);
    return this.engine.startDirect(userId);
  }

  /** Waits for the conversation that somebody else began. */
  async hearsFrom(other: Person): Promise<ConversationId> {
    const found = await this.waitFor(
      async () => (await this.engine.conversations()).find(({ peer }) => peer?.username === other.name),
      `a chat with ${other.name}`,
    );
    return found.id;
  }

  async says(text: string, options: { timer?: Timer } = {}): Promise<MessageView> {
    const conversation = await this.onlyChat();
    if (conversation.hold !== null) throw new EngineError('held', { cause: conversation.hold });
    const key = await this.engine.send({ conversation: conversation.id, text, ...options });
    const message = (await this.read()).find((one) => one.key === key);
    if (message === undefined) throw new Error(`${this.name} doesn't see their own message`);
    return message;
  }

  /** Waits until a message with this text stands in the chat. */
  sees(text: string): Promise<MessageView> {
    return this.waitFor(
      async () => (await this.read()).find(({ content }) => content.kind === 'text' && content.text === text),
      `"${text}"`,
    );
  }

  /** Waits until no message with this text stands in the chat. */
  async seesNoMore(text: string): Promise<void> {
    await this.waitFor(
      async () => ((await this.texts()).includes(text) ? undefined : true),
      `"${text}" gone`,
    );
  }

  /** Waits until an own message has come this far. */
  seesState(text: string, kind: 'sent' | 'delivered' | 'read'): Promise<MessageView> {
    const order = ['sending', 'sent', 'delivered', 'read'];
    return this.waitFor(async () => {
      const message = (await this.read()).find(
        ({ content }) => content.kind === 'text' && content.text === text,
      );
      return message?.state && order.indexOf(message.state.kind) >= order.indexOf(kind) ? message : undefined;
    }, `"${text}" ${kind}`);
  }

  /** Looks at everything in the chat, as a person with the window open does. */
  async looks(): Promise<void> {
    const { id } = await this.onlyChat();
    const keys = (await this.read()).filter(({ own }) => !own).map(({ key }) => key);
    await this.engine.markSeen({ conversation: id, keys });
  }

  async read(): Promise<MessageView[]> {
    const { id } = await this.onlyChat();
    return (await this.engine.messages({ conversation: id, limit: 500 })).messages;
  }

  async texts(): Promise<string[]> {
    return (await this.read()).flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
  }

  async onlyChat(): Promise<ConversationView> {
    const [first] = await this.engine.conversations();
    if (first === undefined) throw new Error(`${this.name} has no chat yet`);
    return first;
  }

  waitFor<Found>(look: () => Promise<Found | undefined>, what: string, patienceMs?: number): Promise<Found> {
    const watched = {
      on: (listener: () => void) => this.engine.on(listener),
      ...(patienceMs !== undefined && { patienceMs }),
    };
    return until(watched, look, async () => `${this.name} waited for ${what}; ${await this.describe()}`);
  }

  /** What stands on this device, for whoever has to explain a failure. */
  async describe(): Promise<string> {
    const chats = await this.engine.conversations().catch(() => []);
    const connection = await this.engine.connection();
    const messages = chats.length === 0 ? [] : await this.read();
    const lines = messages.map(
      ({ content, state, order }) =>
        `${order} ${content.kind === 'text' ? content.text : JSON.stringify(content)} [${state?.kind ?? '-'}]`,
    );
    return `${this.online ? 'online' : 'cut off'}, ${JSON.stringify(connection)}, hold ${JSON.stringify(chats[0]?.hold)}: ${lines.join(' | ')}`;
  }

  /** Ends the engine and deletes the device's store. */
  async leave(): Promise<void> {
    await this.current?.close();
    this.current = null;
    await this.network.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
