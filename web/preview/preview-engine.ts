import type { ConversationView, Engine, EngineEvent, MessageKey, MessageView } from '@wisp/client';
import type { ConversationId, MessageId, UserId, Username } from '@wisp/protocol';
import { EngineFailure } from '../src/worker/reach-engine.js';
import { me } from './people.js';
import { chat, type Scene } from './scenes.js';

const words = 'lake orbit velvet harbor museum saddle copper ribbon thumb cinnamon quarter glide'.split(' ');

/** Answers from fixed views, and acts just enough to try the interface by hand. */
export function previewEngine(scene: Scene): Engine {
  const listeners = new Set<(event: EngineEvent) => void>();
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event);
  };
  const chats = new Map(scene.conversations.map((one) => [one.id, one]));
  const timelines = new Map(Object.entries(scene.messages));
  let start = scene.start;
  let order = 100_000;
  let watched: ConversationId | null = null;

  const change = (id: ConversationId, part: Partial<ConversationView>) => {
    const before = chats.get(id);
    if (!before) return;
    const conversation = { ...before, ...part };
    chats.set(id, conversation);
    emit({ type: 'conversationChanged', conversation });
  };
  const remove = (id: ConversationId, key: MessageKey, cause: 'deleted' | 'deleted-for-me' | 'expired') => {
    timelines.set(
      id,
      (timelines.get(id) ?? []).filter((message) => message.key !== key),
    );
    emit({ type: 'messagesGone', conversation: id, keys: [key], cause });
    if ((timelines.get(id) ?? []).length === 0) change(id, { emptied: true, snippet: null });
  };
  const put = (message: MessageView) => {
    const all = (timelines.get(message.conversation) ?? []).filter((one) => one.key !== message.key);
    timelines.set(message.conversation, [...all, message]);
    emit({ type: 'messagesChanged', conversation: message.conversation, messages: [message] });
  };
  const enter = () => {
    start = { kind: 'signed-in', account: me };
    emit({ type: 'startChanged', start });
  };
  const done = () => Promise.resolve();

  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => {
      if (scene.caught) emit({ type: 'serverCaught', over: scene.caught });
      return Promise.resolve(start);
    },
    connection: () => Promise.resolve(scene.connection),
    checkUsername: (username) => Promise.resolve({ free: username !== 'bo.strand' }),
    register: () => {
      emit({ type: 'startChanged', start: { kind: 'unproven', account: me } });
      return Promise.resolve({ words });
    },
    recoveryWords: () => Promise.resolve({ words }),
    recoveryQuestions: () => Promise.resolve([2, 5, 8, 10]),
    proveRecoveryKey: () => {
      enter();
      return done();
    },
    signIn: ({ secret }) => {
      if (secret.text === 'wrong') return Promise.reject(new EngineFailure('wrong-credentials'));
      if (scene.start.kind === 'nobody') return Promise.reject(new EngineFailure('no-store-here'));
      enter();
      return Promise.resolve(me);
    },
    signOut: ({ store }) => {
      emit({
        type: 'startChanged',
        start: store === 'keep' ? { kind: 'signed-out', username: me.username } : { kind: 'nobody' },
      });
      return done();
    },
    deleteAccount: () => Promise.reject(new EngineFailure('wrong-credentials')),
    findUser: (username) => {
      const known = scene.conversations.find((one) => one.title === username)?.peer;
      if (known) return Promise.resolve(known);
      if (username !== 'lena.b0rg') return Promise.reject(new EngineFailure('no-such-user'));
      return Promise.resolve({
        userId: `C${'l'.repeat(41)}A` as UserId,
        username: 'lena.b0rg' as Username,
        verified: false,
        deletedAccount: false,
      });
    },
    startDirect: () => {
      const conversation = chat(30, {
        userId: `C${'l'.repeat(41)}A` as UserId,
        username: 'lena.b0rg' as Username,
        verified: false,
        deletedAccount: false,
      });
      chats.set(conversation.id, conversation);
      emit({ type: 'conversationChanged', conversation });
      return Promise.resolve(conversation.id);
    },
    conversations: () => Promise.resolve([...chats.values()]),
    messages: ({ conversation, before, limit }) => {
      const all = timelines.get(conversation) ?? [];
      const end = before ? all.findIndex((message) => message.key === before) : all.length;
      const from = Math.max(0, end - limit);
      if (scene.typing) {
        const peer = chats.get(conversation)?.peer;
        if (peer) emit({ type: 'typingChanged', conversation, users: [peer.userId] });
      }
      return Promise.resolve({ messages: all.slice(from, end), more: from > 0 });
    },
    send: ({ conversation, text, timer }) => {
      order += 1;
      const messageId = crypto.randomUUID() as MessageId;
      const key = `${me.userId}:${messageId}` as MessageKey;
      const used = timer ?? chats.get(conversation)?.timer ?? { mode: 'off' };
      const waiting: MessageView = {
        key,
        conversation,
        messageId,
        author: me.userId,
        own: true,
        content: { kind: 'text', text, quote: null, edited: false },
        state: { kind: 'sending' },
        clock:
          used.mode === 'off'
            ? { kind: 'none' }
            : { kind: 'waiting', mode: used.mode, ttlSeconds: used.ttlSeconds },
        order,
        at: Date.now(),
      };
      put(waiting);
      setTimeout(() => {
        if (used.mode === 'off') {
          put({ ...waiting, state: { kind: 'sent' } });
          return;
        }
        const endsAt = Date.now() + used.ttlSeconds * 1000;
        put({ ...waiting, state: { kind: 'sent' }, clock: { kind: 'running', ...used, endsAt } });
        setTimeout(
          () => {
            remove(conversation, key, 'expired');
          },
          Math.min(used.ttlSeconds * 1000, 2 ** 30),
        );
      }, 600);
      return Promise.resolve(key);
    },
    sendAgain: done,
    edit: ({ conversation, key, text }) => {
      const before = (timelines.get(conversation) ?? []).find((message) => message.key === key);
      if (before?.content.kind !== 'text') return Promise.reject(new EngineFailure('gone'));
      put({ ...before, content: { ...before.content, text, edited: true } });
      return done();
    },
    deleteForMe: ({ conversation, key }) => {
      remove(conversation, key, 'deleted-for-me');
      return done();
    },
    deleteForEveryone: ({ conversation, key }) => {
      remove(conversation, key, 'deleted');
      return done();
    },
    setTimer: ({ conversation, timer }) => {
      change(conversation, { timer });
      return done();
    },
    markSeen: ({ conversation }) => {
      change(conversation, { unread: 0, firstUnread: null });
      return done();
    },
    saveDraft: ({ conversation, text }) => {
      change(conversation, { draft: text });
      return done();
    },
    releaseHold: ({ conversation }) => {
      change(conversation, { hold: null });
      return done();
    },
    safetyNumber: () =>
      Promise.resolve({ digits: '058234190766120388549127600419277358409615508723916024739118' }),
    setVerified: ({ userId, verified }) => {
      for (const one of chats.values()) {
        if (one.peer?.userId === userId) change(one.id, { peer: { ...one.peer, verified } });
      }
      return done();
    },
    watch: (conversation) => {
      if (watched !== null && watched !== conversation) change(watched, { goneAt: null });
      watched = conversation;
      return done();
    },
    setTyping: done,
    wake: done,
    close: done,
  };
}
