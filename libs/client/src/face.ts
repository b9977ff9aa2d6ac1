import type { ConversationId, DeviceId, MessageId, UserId, Username } from '@wisp/protocol';

/*
 * The engine's public face: what a user interface or a bot sees of it. Everything here is plain data that can
 * cross a Worker's border; times are milliseconds since 1970 by the server's clock.
 */

/** `afterSend`: the clock starts at acceptance, everywhere. `afterRead`: at each reader's first display. */
export type Timer = { mode: 'off' } | { mode: 'afterSend' | 'afterRead'; ttlSeconds: number };

export interface AccountView {
  userId: UserId;
  username: Username;
  deviceId: DeviceId;
  /** 60 digits can be had per contact: `safetyNumber`. */
  registeredAt: number;
}

/** What stands on this machine, before anybody has signed in. */
export type StartView =
  | { kind: 'nobody' }
  /** A sealed store waits for its owner's password: sign in as this user. */
  | { kind: 'signed-out'; username: Username }
  | { kind: 'signed-in'; account: AccountView }
  /** The recovery key was made but not yet proven. */
  | { kind: 'unproven'; account: AccountView }
  /** Another engine owns the store (Node: its lock file). */
  | { kind: 'store-busy' };

export interface ConnectionView {
  state: 'offline' | 'connecting' | 'online';
  /** Why it isn't online, where that is known. */
  reason?: 'no-network' | 'server-busy' | 'server-away' | 'session-ended' | 'protocol-too-old';
  /** When the engine tries again. */
  retryAt?: number;
  /** The server's clock less this device's, in ms; shown above two minutes. */
  clockSkewMs: number;
  /** Messages that wait in the outbox, over all conversations. */
  waiting: number;
}

/** Why sending is held in a conversation; reading goes on. */
export type Hold =
  | { kind: 'histories-differ'; evidence: string }
  | { kind: 'rolled-back' }
  | { kind: 'identity-changed'; userId: UserId }
  | { kind: 'peer-deleted-account' }
  | { kind: 'out-of-step' }
  | { kind: 'left' };

export interface PersonView {
  userId: UserId;
  username: Username;
  verified: boolean;
  deletedAccount: boolean;
}

export interface ConversationView {
  id: ConversationId;
  kind: 'direct' | 'group' | 'self';
  /** In a direct conversation: the other one. */
  peer: PersonView | null;
  members: PersonView[];
  title: string;
  timer: Timer;
  /** May this user change the timer? */
  mayChangeTimer: boolean;
  hold: Hold | null;
  unread: number;
  /** The oldest unread message, for the unread line. */
  firstUnread: MessageKey | null;
  /** The newest line of the chat list; null once everything has gone or nothing was said. */
  snippet: MessageView | null;
  /** True when something was said here and all of it has gone. */
  emptied: boolean;
  /**
   * Others' messages went unseen while this device was away: the order at which the timeline says so, until the person
   * leaves the chat (`watch`).
   */
  goneAt: number | null;
  draft: string;
  /** Orders the chat list. */
  activeAt: number;
}

/** Names a message within its conversation: `author:messageId`. */
export type MessageKey = string & { readonly __brand: 'MessageKey' };

export type SendState =
  | { kind: 'sending' }
  /** It waited for longer than a day, or somebody joined meanwhile: the person decides. */
  | { kind: 'asks'; why: 'waited-a-day' | 'somebody-joined' }
  | { kind: 'sent' }
  | { kind: 'delivered' }
  | { kind: 'read'; at: number }
  /**
   * `contradicted`: the server says that it has it, and its log says otherwise. `damaged`: this device lost what was to
   * go out.
   */
  | { kind: 'failed'; reason: 'refused' | 'too-large' | 'not-member' | 'held' | 'contradicted' | 'damaged' };

/** A clock that runs or waits on this device's copy. */
export type Clock =
  | { kind: 'none' }
  /** It hasn't started: still sending, or not yet seen. `latestAt`: the hard deadline, where there is one. */
  | { kind: 'waiting'; ttlSeconds: number; mode: 'afterSend' | 'afterRead'; latestAt?: number }
  | { kind: 'running'; ttlSeconds: number; mode: 'afterSend' | 'afterRead'; endsAt: number };

export interface QuoteView {
  key: MessageKey;
  author: UserId;
  /** Null once the target has gone. */
  excerpt: string | null;
}

export type MessageContent =
  | { kind: 'text'; text: string; quote: QuoteView | null; edited: boolean }
  /** A type that this version doesn't know. */
  | { kind: 'unknown' }
  | { kind: 'undecryptable'; reason: 'waiting' | 'key-gone' | 'refused' }
  /** A signed delete for everyone; stays for at most a day. */
  | { kind: 'deleted'; by: UserId }
  /** A mode-0 message that the server removed early, or that a jump of `kept` shows to be missing. */
  | { kind: 'removed-by-server' }
  | { kind: 'notice'; notice: NoticeView };

export type NoticeView =
  | { kind: 'created'; by: UserId }
  | { kind: 'timer-changed'; by: UserId; timer: Timer }
  | { kind: 'started-over'; userId: UserId; verified: boolean }
  | { kind: 'account-deleted'; userId: UserId }
  | { kind: 'let-back-in' };

export interface MessageView {
  key: MessageKey;
  conversation: ConversationId;
  messageId: MessageId;
  author: UserId;
  own: boolean;
  content: MessageContent;
  /** Present on own messages. */
  state: SendState | null;
  clock: Clock;
  /** Orders the timeline: the log's order, own waiting messages last. */
  order: number;
  /** acceptedAt, or the time of Enter while it waits. */
  at: number;
}

export type EngineEvent =
  | { type: 'startChanged'; start: StartView }
  | { type: 'connectionChanged'; connection: ConnectionView }
  | { type: 'conversationChanged'; conversation: ConversationView }
  | { type: 'conversationRemoved'; conversation: ConversationId }
  /** New or changed messages. */
  | { type: 'messagesChanged'; conversation: ConversationId; messages: MessageView[] }
  /** Out of the store already; the UI lets go of them and of all that quotes them. */
  | {
      type: 'messagesGone';
      conversation: ConversationId;
      keys: MessageKey[];
      cause: 'expired' | 'deleted' | 'deleted-for-me';
    }
  /** The server didn't take an edit; the words before it are back. */
  | { type: 'editRefused'; conversation: ConversationId; key: MessageKey }
  | { type: 'typingChanged'; conversation: ConversationId; users: UserId[] }
  /** The own account's newest device list holds devices that this one didn't know. */
  | { type: 'devicesAdded'; devices: DeviceId[] }
  /** The server showed an older or a false state of the own account; this device keeps to what it knows. */
  | { type: 'serverCaught'; over: 'device-list' | 'vault' };

/** Typed reasons for which a command can fail; `code` is stable, UIs choose their words by it. */
export type EngineErrorCode =
  | 'username-taken'
  | 'wrong-credentials'
  | 'rate-limited'
  | 'no-such-user'
  | 'that-is-you'
  | 'unreachable-user'
  | 'offline'
  | 'server-unavailable'
  | 'protocol-too-old'
  | 'wrong-word'
  | 'no-store-here'
  | 'server-refused'
  /** What this device can't do without, who it is, doesn't open any more. */
  | 'store-damaged'
  | 'weak-server'
  | 'identity-mismatch'
  | 'not-signed-in'
  | 'held'
  | 'too-long'
  | 'gone'
  | 'not-allowed';

export interface Page {
  /** In timeline order. */
  messages: MessageView[];
  /** False: the oldest message on this device is in it. */
  more: boolean;
}

/**
 * One person's engine. Every command rejects with an `EngineError` whose `code` is an `EngineErrorCode`.
 * Commands that change something resolve once it is stored on this device, not once the server has it.
 */
export interface Engine {
  on(listener: (event: EngineEvent) => void): () => void;

  start(): Promise<StartView>;
  connection(): Promise<ConnectionView>;

  checkUsername(username: string): Promise<{ free: boolean }>;
  /** Answers the 12 words; `proveRecoveryKey` completes the registration. */
  register(input: { username: string; password: string }): Promise<{ words: string[] }>;
  /** The words once more, until they are proven. */
  recoveryWords(): Promise<{ words: string[] }>;
  /** Indices (0 to 11) of the words that are asked for, the same ones until they are answered. */
  recoveryQuestions(): Promise<number[]>;
  proveRecoveryKey(answers: { index: number; word: string }[]): Promise<void>;
  signIn(input: {
    username: string;
    secret: { kind: 'password' | 'recovery'; text: string };
  }): Promise<AccountView>;
  /** `keep`: the sealed store stays and the next sign-in is the same device. `erase`: everything here goes. */
  signOut(input: { store: 'keep' | 'erase' }): Promise<void>;
  deleteAccount(input: { password: string }): Promise<void>;

  findUser(username: string): Promise<PersonView>;
  startDirect(userId: UserId): Promise<ConversationId>;
  conversations(): Promise<ConversationView[]>;
  /** The newest page, or the one before `before`. */
  messages(input: { conversation: ConversationId; before?: MessageKey; limit: number }): Promise<Page>;

  /**
   * A new message. With `id` (a UUID made by the caller) it can be asked again when no answer came: the same id is
   * the same message.
   */
  send(input: {
    conversation: ConversationId;
    text: string;
    timer?: Timer;
    quote?: MessageKey;
    id?: MessageId;
  }): Promise<MessageKey>;
  /** For `failed` and `asks`: sends it now. */
  sendAgain(input: { conversation: ConversationId; key: MessageKey }): Promise<void>;
  edit(input: { conversation: ConversationId; key: MessageKey; text: string }): Promise<void>;
  deleteForMe(input: { conversation: ConversationId; key: MessageKey }): Promise<void>;
  deleteForEveryone(input: { conversation: ConversationId; key: MessageKey }): Promise<void>;
  setTimer(input: { conversation: ConversationId; timer: Timer }): Promise<void>;
  /** The person has seen these: visible for a second in a focused window. Starts after-read clocks. */
  markSeen(input: { conversation: ConversationId; keys: MessageKey[] }): Promise<void>;
  /** Words that aren't sent yet: kept until then, and shown by every face of this engine. */
  saveDraft(input: { conversation: ConversationId; text: string }): Promise<void>;
  /** Goes on sending after `histories-differ` or `identity-changed`. */
  releaseHold(input: { conversation: ConversationId }): Promise<void>;
  safetyNumber(userId: UserId): Promise<{ digits: string }>;
  setVerified(input: { userId: UserId; verified: boolean }): Promise<void>;

  /** Which conversation is on the screen, for typing; whoever leaves one has read its `goneAt`. */
  watch(conversation: ConversationId | null): Promise<void>;
  setTyping(input: { conversation: ConversationId; on: boolean }): Promise<void>;
  /** Tries to connect now. */
  wake(): Promise<void>;
  /** Stops and lets go of the store and of everything in memory. */
  close(): Promise<void>;
}
