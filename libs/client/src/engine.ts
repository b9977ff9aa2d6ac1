import type { SessionAnswer } from '@wisp/protocol';
import { openAccount } from './account/open-account.js';
import type { LookUp, SignedIn } from './account/account.js';
import type { StoredCookies } from './account/stored-cookies.js';
import type { Clock } from './clock.js';
import type { Context } from './conversations/context.js';
import { ConversationStore } from './conversations/conversation-store.js';
import { Conversations } from './conversations/conversations.js';
import { Serial } from './conversations/serial.js';
import { viewPerson } from './conversations/views.js';
import { EngineError } from './engine-error.js';
import type { ConnectionView, Engine, EngineEvent } from './face.js';
import { ServerTime } from './server-time.js';
import { inBackground } from './in-background.js';
import type { StoreHome } from './store/store-home.js';
import { accessTokens } from './transport/access-tokens.js';
import { httpClient } from './transport/http-client.js';
import { realtime as openRealtime } from './transport/realtime.js';
import { username as usernameSchema } from '@wisp/protocol';

export interface EngineParts {
  /** Where the services are reached: `https://wisp.example`. */
  baseUrl: string;
  openHome: () => Promise<StoreHome>;
  fetch: typeof fetch;
  clock: Clock;
  /** 0 to 1, for jitter. */
  random: () => number;
  /** False: the device knows that it has no network. */
  hasNetwork: () => boolean;
  /** Null in a browser, which keeps cookies itself. */
  cookies: StoredCookies | null;
}

/** Puts an engine together: account, connection, conversations; the same in a browser's Worker and in Node. */
export function createEngine(parts: EngineParts): Engine {
  const { clock, cookies } = parts;
  const line = {
    baseUrl: parts.baseUrl,
    fetch: parts.fetch,
    clock,
    ...(cookies === null ? {} : { cookies }),
  };
  const tokens = accessTokens(line, clock);
  const http = httpClient(line, tokens);
  const time = new ServerTime(clock);
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => listeners.forEach((listener) => listener(event));
  const account = openAccount({ openHome: parts.openHome, http, tokens, cookies, now: () => time.now() });
  const realtime = openRealtime({
    baseUrl: parts.baseUrl,
    tokens,
    clock,
    random: parts.random,
    since: () => conversations?.since(),
    hasNetwork: parts.hasNetwork,
  });
  /** Frames are dealt with one after the other, in the order in which they came. */
  const frames = new Serial();
  const entrance = new Serial();
  /** Commands that come before the start is through wait for it. */
  let starting: Promise<unknown> = Promise.resolve();
  let conversations: Conversations | null = null;
  let context: Context | null = null;

  account.on((event) => {
    switch (event.type) {
      case 'startChanged':
        // What is past its time is purged before anything can be painted.
        inBackground(entrance.run(enter).then(() => emit(event)));
        break;
      case 'devicesAdded':
        emit(event);
        break;
      case 'sessionRenewed':
        hearTime(event.answer);
        break;
      case 'ownListRefused':
        emit({ type: 'serverCaught', over: 'device-list' });
        break;
      case 'ownVaultRefused':
        emit({ type: 'serverCaught', over: 'vault' });
        break;
      case 'leaving':
        leave();
        break;
    }
  });

  realtime.on((event) => {
    if (event.type === 'frame') {
      const here = conversations;
      inBackground(
        frames.run(async () => {
          await here?.receive(event.frame);
          if (event.frame.event === 'synced') await tellConnection();
        }),
      );
      return;
    }
    if (event.state.kind !== 'online') conversations?.disconnected();
    else inBackground(account.refresh({ conversations: conversations?.count() ?? 0 }));
    inBackground(tellConnection());
  });

  function hearTime(answer: SessionAnswer): void {
    time.correct(answer.time);
  }

  async function enter(): Promise<void> {
    const here = account.signedIn();
    if (here === null || conversations !== null) return;
    context = await contextOf(here);
    conversations = await Conversations.open(context);
    realtime.start();
  }

  async function contextOf(here: SignedIn): Promise<Context> {
    const store = new ConversationStore(here.store);
    const offset = Number((await store.syncValue('clock-offset')) ?? 0);
    time.assume(offset, Number((await store.syncValue('synced-at')) ?? 0));
    const { self, contacts, keyPackages } = here;
    return { store, self, contacts, keyPackages, http, realtime, clock, time, random: parts.random, emit };
  }

  function leave(): void {
    realtime.stop();
    conversations?.close();
    conversations = null;
    context = null;
  }

  async function entered(): Promise<{ conversations: Conversations; context: Context }> {
    await starting;
    await entrance.run(() => Promise.resolve());
    if (conversations === null || context === null) throw new EngineError('not-signed-in');
    return { conversations, context };
  }

  const inside = async <Result>(use: (inner: Conversations) => Promise<Result>): Promise<Result> =>
    use((await entered()).conversations);

  async function viewConnection(): Promise<ConnectionView> {
    const { state } = realtime;
    const waiting = (await conversations?.waiting()) ?? 0;
    const common = { clockSkewMs: time.offset(), waiting };
    if (state.kind !== 'offline') return { state: state.kind, ...common };
    const reason = state.reason === 'stopped' ? {} : { reason: state.reason };
    return {
      state: 'offline',
      ...reason,
      ...(state.retryAt === undefined ? {} : { retryAt: state.retryAt }),
      ...common,
    };
  }

  async function tellConnection(): Promise<void> {
    emit({ type: 'connectionChanged', connection: await viewConnection() });
  }

  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      const started = account.start().then(async (start) => {
        await entrance.run(enter);
        return start;
      });
      starting = started.catch(() => undefined);
      return started;
    },
    connection: viewConnection,
    checkUsername: (username) => account.checkUsername(username),
    register: (input) => account.register(input),
    recoveryWords: () => account.recoveryWords(),
    recoveryQuestions: () => account.recoveryQuestions(),
    proveRecoveryKey: (answers) => account.proveRecoveryKey(answers),
    async signIn(input) {
      const view = await account.signIn(input);
      await entrance.run(enter);
      return view;
    },
    signOut: (input) => account.signOut(input),
    deleteAccount: (input) => account.deleteAccount(input),

    async findUser(text) {
      const inner = await entered();
      const name = usernameSchema.safeParse(text.trim().toLowerCase().replace(/^@/, ''));
      if (!name.success) throw new EngineError('no-such-user');
      const contact = found(await inner.context.contacts.find(name.data));
      if (contact.userId === inner.context.self.userId) throw new EngineError('that-is-you');
      return viewPerson(inner.context, contact.userId);
    },
    startDirect: (userId) => inside((inner) => inner.startDirect(userId)),
    conversations: () => inside((inner) => inner.list()),
    messages: (input) => inside((inner) => inner.page(input)),
    async send(input) {
      const key = await inside((inner) => inner.send(input));
      if (realtime.state.kind !== 'online') await tellConnection();
      return key;
    },
    sendAgain: (input) => inside((inner) => inner.sendAgain(input)),
    edit: (input) => inside((inner) => inner.edit(input)),
    deleteForMe: (input) => inside((inner) => inner.deleteForMe(input)),
    deleteForEveryone: (input) => inside((inner) => inner.deleteForEveryone(input)),
    setTimer: (input) => inside((inner) => inner.setTimer(input)),
    markSeen: (input) => inside((inner) => inner.markSeen(input)),
    saveDraft: (input) => inside((inner) => inner.saveDraft(input)),
    releaseHold: (input) => inside((inner) => inner.releaseHold(input)),
    async safetyNumber(userId) {
      const inner = await entered();
      const digits = await inner.context.contacts.safetyNumber(userId);
      if (digits === null) throw new EngineError('no-such-user');
      return { digits };
    },
    async setVerified({ userId, verified }) {
      const inner = await entered();
      await inner.context.contacts.setVerified(userId, verified);
      await inner.conversations.announceAllWith(userId);
    },
    watch: (conversation) => inside((inner) => inner.watch(conversation)),
    setTyping: (input) => inside((inner) => inner.setTyping(input)),
    wake() {
      realtime.wake();
      return Promise.resolve();
    },
    async close() {
      leave();
      await frames.run(() => Promise.resolve());
      await account.close();
    },
  };
}

function found<Value>(lookUp: LookUp<Value>): Value {
  switch (lookUp.kind) {
    case 'found':
      return lookUp.value;
    case 'no-such-user':
      throw new EngineError('no-such-user');
    case 'unreachable':
      throw new EngineError('offline');
    case 'refused':
      throw new EngineError('identity-mismatch');
  }
}
