import type {
  ConnectionView,
  ConversationView,
  MessageView,
  PersonView,
  StartView,
  Timer,
} from '@wisp/client';
import { at, burning, script } from './messages.js';
import { conversationIdOf, me, people, person } from './people.js';
import { boTimeline, faridTimeline, longTimeline } from './timelines.js';

export interface Scene {
  name: string;
  route?: string;
  start: StartView;
  connection: ConnectionView;
  conversations: ConversationView[];
  messages: Record<string, MessageView[]>;
  typing?: boolean;
  /** What the server lied about. */
  caught?: 'device-list' | 'vault';
}

const hourAfterRead: Timer = { mode: 'afterRead', ttlSeconds: 3600 };
const online: ConnectionView = { state: 'online', clockSkewMs: 0, waiting: 0 };

export function chat(n: number, peer: PersonView, more: Partial<ConversationView> = {}): ConversationView {
  return {
    id: conversationIdOf(n),
    kind: 'direct',
    peer,
    members: [peer, { ...people.bo, userId: me.userId, username: me.username }],
    title: peer.username,
    timer: hourAfterRead,
    mayChangeTimer: true,
    hold: null,
    unread: 0,
    firstUnread: null,
    snippet: null,
    emptied: false,
    goneAt: null,
    draft: '',
    activeAt: 1000 - n,
    ...more,
  };
}

const bo = conversationIdOf(1);
const farid = conversationIdOf(5);
const boMessages = boTimeline(bo);

function snippet(n: number, peer: PersonView, make: (said: ReturnType<typeof script>) => MessageView) {
  return make(script(conversationIdOf(n), peer));
}

const list: ConversationView[] = [
  chat(1, people.bo, {
    snippet: boMessages.at(-1) ?? null,
    firstUnread: boMessages[8]?.key ?? null,
    goneAt: boMessages[5]?.order ?? null,
    unread: 0,
  }),
  chat(2, people.hana, {
    unread: 4,
    snippet: snippet(2, people.hana, (said) =>
      said.theirs(at('09:36'), 'The roofer’s quote is in, and it is lower than we feared'),
    ),
  }),
  chat(3, people.chidi, {
    snippet: snippet(3, people.chidi, (said) =>
      said.mine(at('08:50'), 'Left the spare key with Dara', { kind: 'delivered' }),
    ),
  }),
  chat(4, people.max, { emptied: true, goneAt: 1, timer: { mode: 'afterRead', ttlSeconds: 30 } }),
  chat(5, people.farid, {
    draft: 'Could we move the call to',
    snippet: snippet(5, people.farid, (said) => said.theirs(at('09:20', 2), 'Did you get my notes?')),
    timer: { mode: 'afterRead', ttlSeconds: 28_800 },
  }),
  chat(6, people.noa, {
    snippet: snippet(6, people.noa, (said) => said.theirs(at('20:10', 3), 'תודה, נתראה מחר בשמונה')),
  }),
  chat(7, people.grete, {
    snippet: snippet(7, people.grete, (said) =>
      said.mine(at('12:00', 4), 'The minutes are in the folder', { kind: 'failed', reason: 'refused' }),
    ),
  }),
  chat(8, people.dara, {
    hold: { kind: 'histories-differ', evidence: 'head 41 …' },
    snippet: snippet(8, people.dara, (said) => said.theirs(at('09:30', 5), 'I’m at the door.')),
  }),
  chat(9, people.esi, {
    timer: { mode: 'off' },
    snippet: snippet(9, people.esi, (said) =>
      said.mine(at('10:00', 14), 'Thank you. That helped.', { kind: 'read', at: at('10:05', 14) }),
    ),
  }),
];

/** A thousand chats. */
const crowd: ConversationView[] = list.concat(
  Array.from({ length: 991 }, (_, n) => {
    const peer = person(`neighbour-${String(n).padStart(3, '0')}`, 'QRSTUVWXYZ'.charAt(n % 10));
    return chat(100 + n, peer, {
      unread: n % 7 === 0 ? n % 13 : 0,
      snippet: snippet(100 + n, peer, (said) => said.theirs(at('08:00', 1 + (n % 300)), `Line ${n}`)),
    });
  }),
);

function inBo(change: Partial<ConversationView>): ConversationView[] {
  return list.map((one) => (one.id === bo ? { ...one, ...change } : one));
}

const doorAsked = burning(
  script(conversationIdOf(8), people.dara).theirs(
    at('09:30'),
    'I’m at the door with the spare key. Should I leave it with Chidi?',
  ),
  3,
);
const signedIn: StartView = { kind: 'signed-in', account: me };
const base = {
  start: signedIn,
  connection: online,
  conversations: list,
  messages: { [bo]: boMessages, [farid]: faridTimeline(farid) },
};
const inChat = { ...base, route: `/chat/${bo}` };

const waitingSaid = script(bo, people.bo, 80);
const waiting = boMessages.slice(0, 8).concat([
  {
    ...waitingSaid.mine(at('09:45'), 'It took the key.', { kind: 'sending' }),

    clock: { kind: 'waiting', mode: 'afterRead', ttlSeconds: 3600 },
  },
  {
    ...waitingSaid.mine(at('09:46'), 'Counting now. I’ll send the figure as soon as the line is back.', {
      kind: 'sending',
    }),

    clock: { kind: 'waiting', mode: 'afterRead', ttlSeconds: 3600 },
  },
]);

const notices = script(bo, people.bo, 90);
const startedOver = { kind: 'started-over', userId: people.bo.userId, verified: true } as const;
const asking = boMessages.slice(0, 8).concat([
  notices.mine(at('09:40', 2), 'Shall I order the second disk?', { kind: 'asks', why: 'waited-a-day' }),
  notices.mine(at('09:44'), 'The invoice is attached to the last mail.', {
    kind: 'asks',
    why: 'somebody-joined',
  }),
]);

function offline(reason: NonNullable<ConnectionView['reason']>): ConnectionView {
  return { state: 'offline', reason, clockSkewMs: 0, waiting: 0 };
}

export const scenes: Scene[] = [
  { ...base, name: 'register', start: { kind: 'nobody' } },
  { ...base, name: 'sign-in', start: { kind: 'signed-out', username: me.username } },
  { ...base, name: 'sign-in-new', start: { kind: 'nobody' }, route: '/sign-in' },
  { ...base, name: 'unproven', start: { kind: 'unproven', account: me } },
  { ...base, name: 'first-run', conversations: [], route: '/' },
  { ...base, name: 'list', route: '/' },
  { ...base, name: 'crowd', conversations: crowd, route: `/chat/${bo}` },
  { ...base, name: 'new-chat', route: '/new' },
  { ...inChat, name: 'direct', typing: true },
  { ...inChat, name: 'unread', conversations: inBo({ unread: 2, firstUnread: boMessages[8]?.key ?? null }) },
  { ...inChat, name: 'long', messages: { [bo]: longTimeline(bo) } },
  {
    ...inChat,
    name: 'offline',
    connection: { ...offline('no-network'), waiting: 2 },
    messages: { [bo]: waiting },
  },
  { ...inChat, name: 'reconnecting', connection: { ...online, state: 'connecting' } },
  { ...inChat, name: 'clock', connection: { ...online, clockSkewMs: 7 * 60_000 } },
  { ...base, name: 'unopened', route: `/chat/${farid}` },
  { ...base, name: 'gone', route: `/chat/${conversationIdOf(4)}` },
  {
    ...base,
    name: 'fresh',
    route: `/chat/${conversationIdOf(20)}`,
    conversations: [...list, chat(20, people.grete)],
  },
  {
    ...base,
    name: 'held',
    route: `/chat/${conversationIdOf(8)}`,
    messages: { [conversationIdOf(8)]: [doorAsked] },
  },
  {
    ...inChat,
    name: 'identity',
    conversations: inBo({ hold: { kind: 'identity-changed', userId: people.bo.userId } }),
    messages: {
      [bo]: [...boMessages.slice(0, 8), notices.notice(at('09:44'), startedOver)],
    },
  },
  { ...inChat, name: 'rolled-back', conversations: inBo({ hold: { kind: 'rolled-back' } }) },
  { ...inChat, name: 'out-of-step', conversations: inBo({ hold: { kind: 'out-of-step' } }) },
  { ...inChat, name: 'left', conversations: inBo({ hold: { kind: 'left' } }) },
  {
    ...inChat,
    name: 'deleted-account',
    conversations: inBo({
      hold: { kind: 'peer-deleted-account' },
      peer: { ...people.bo, deletedAccount: true },
    }),
    messages: {
      [bo]: [
        ...boMessages.slice(0, 8),
        notices.notice(at('09:44'), { kind: 'account-deleted', userId: people.bo.userId }),
      ],
    },
  },
  { ...inChat, name: 'server-caught', caught: 'device-list' },
  { ...inChat, name: 'session-ended', connection: offline('session-ended') },
  { ...inChat, name: 'too-old', connection: offline('protocol-too-old') },
  { ...inChat, name: 'server-busy', connection: offline('server-busy') },
  { ...inChat, name: 'server-away', connection: offline('server-away') },
  { ...inChat, name: 'asks', messages: { [bo]: asking } },
  { ...base, name: 'settings', route: '/settings/account' },
  { ...base, name: 'appearance', route: '/settings/appearance' },
  { ...base, name: 'shortcuts', route: '/settings/shortcuts' },
  { ...base, name: 'limits', route: '/settings/limits' },
  { ...base, name: 'store-busy', start: { kind: 'store-busy' } },
];

export function findScene(name: string): Scene {
  const scene = scenes.find((one) => one.name === name);
  if (!scene) throw new Error(`no scene ${name}; there are ${scenes.map((one) => one.name).join(', ')}`);
  return scene;
}
