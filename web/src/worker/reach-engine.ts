import type { Engine, EngineEvent } from '@wisp/client';
import {
  clientChannel,
  RENDEZVOUS,
  type Command,
  type FailureCode,
  type FromEngine,
  type OpenChannel,
  type Rendezvous,
  type ToEngine,
} from './wire.js';

/** A command that the engine turned down; `code` chooses the words. */
export class EngineFailure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode) {
    super(code);
    this.name = 'EngineFailure';
    this.code = code;
  }
}

/** Asking twice does no harm, so a call that was under way when the engine moved is simply asked again. */
const repeatable: Record<Command, boolean> = {
  start: true,
  connection: true,
  checkUsername: true,
  register: false,
  recoveryWords: true,
  recoveryQuestions: true,
  proveRecoveryKey: false,
  signIn: false,
  signOut: false,
  deleteAccount: false,
  findUser: true,
  startDirect: false,
  conversations: true,
  messages: true,
  // The caller gives it an id: the same id is the same message.
  send: true,
  sendAgain: false,
  edit: false,
  deleteForMe: true,
  deleteForEveryone: false,
  setTimer: false,
  markSeen: true,
  saveDraft: true,
  releaseHold: false,
  safetyNumber: true,
  setVerified: true,
  watch: true,
  setTyping: true,
  wake: true,
};

interface Pending {
  call: ToEngine;
  resolve: (value: unknown) => void;
  reject: (error: EngineFailure) => void;
}

export interface ReachedEngine extends Engine {
  /** Another Worker has taken over: what was loaded has to be loaded again. */
  onMoved(listener: () => void): void;
}

/** The engine as this tab sees it, wherever its Worker lives. */
export function reachEngine({ open, client }: { open: OpenChannel; client: string }): ReachedEngine {
  const pending = new Map<number, Pending>();
  const listeners = new Set<(event: EngineEvent) => void>();
  const movedListeners = new Set<() => void>();
  const channel = open<ToEngine, FromEngine>(clientChannel(client));
  const rendezvous = open<Rendezvous, Rendezvous>(RENDEZVOUS);
  let current: string | null = null;
  let counter = 0;

  const welcomed = (engine: string) => {
    const moved = current !== null && current !== engine;
    current = engine;
    for (const [id, waiting] of pending) {
      if (!moved || repeatable[waiting.call.command]) {
        channel.post(waiting.call);
      } else {
        pending.delete(id);
        waiting.reject(new EngineFailure('engine-moved'));
      }
    }
    if (moved) for (const listener of movedListeners) listener();
  };

  channel.listen((message) => {
    switch (message.kind) {
      case 'welcome':
        welcomed(message.engine);
        break;
      case 'event':
        for (const listener of listeners) listener(message.event);
        break;
      case 'answer': {
        const waiting = pending.get(message.id);
        pending.delete(message.id);
        if (message.outcome.ok) waiting?.resolve(message.outcome.value);
        else waiting?.reject(new EngineFailure(message.outcome.code));
        break;
      }
    }
  });

  const call = (command: Command, input?: unknown): Promise<never> =>
    new Promise((resolve, reject) => {
      counter += 1;
      const message: ToEngine = { kind: 'call', id: counter, command, input };
      // The answer has the type of the command: both ends are built from one source.
      pending.set(counter, { call: message, resolve: resolve as (value: unknown) => void, reject });
      if (current !== null) channel.post(message);
    });

  rendezvous.listen((message) => {
    if (message.kind === 'here') rendezvous.post({ kind: 'hello', client });
  });
  rendezvous.post({ kind: 'hello', client });

  return {
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onMoved: (listener) => {
      movedListeners.add(listener);
    },
    close: () => {
      rendezvous.post({ kind: 'bye', client });
      channel.close();
      rendezvous.close();
      return Promise.resolve();
    },
    start: () => call('start'),
    connection: () => call('connection'),
    checkUsername: (username) => call('checkUsername', username),
    register: (input) => call('register', input),
    recoveryWords: () => call('recoveryWords'),
    recoveryQuestions: () => call('recoveryQuestions'),
    proveRecoveryKey: (answers) => call('proveRecoveryKey', answers),
    signIn: (input) => call('signIn', input),
    signOut: (input) => call('signOut', input),
    deleteAccount: (input) => call('deleteAccount', input),
    findUser: (username) => call('findUser', username),
    startDirect: (userId) => call('startDirect', userId),
    conversations: () => call('conversations'),
    messages: (input) => call('messages', input),
    send: (input) => call('send', input),
    sendAgain: (input) => call('sendAgain', input),
    edit: (input) => call('edit', input),
    deleteForMe: (input) => call('deleteForMe', input),
    deleteForEveryone: (input) => call('deleteForEveryone', input),
    setTimer: (input) => call('setTimer', input),
    markSeen: (input) => call('markSeen', input),
    saveDraft: (input) => call('saveDraft', input),
    releaseHold: (input) => call('releaseHold', input),
    safetyNumber: (userId) => call('safetyNumber', userId),
    setVerified: (input) => call('setVerified', input),
    watch: (conversation) => call('watch', conversation),
    setTyping: (input) => call('setTyping', input),
    wake: () => call('wake'),
  };
}

export type { FailureCode } from './wire.js';
