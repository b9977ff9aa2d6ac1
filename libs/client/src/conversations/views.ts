import type { UserId } from '@wisp/protocol';
import type {
  ConversationView,
  MessageContent,
  MessageView,
  NoticeView,
  PersonView,
  QuoteView,
  SendState,
} from '../face.js';
import { clockView, timerView } from './clocks.js';
import type { Context } from './context.js';
import { faceKey, isWaiting } from './keys.js';
import type {
  ConversationRecord,
  MessageRecord,
  NoticeRecord,
  OutboxRecord,
  StoredContent,
} from './records.js';
import type { Room } from './room.js';

const EXCERPT_CHARACTERS = 120;

/** A message as people see it. `outbox`: what still waits of it. */
export async function viewMessage(
  context: Context,
  room: Room,
  message: MessageRecord,
): Promise<MessageView> {
  return {
    key: faceKey(message.author, message.messageId),
    conversation: room.id,
    messageId: message.messageId,
    author: message.author,
    own: message.own,
    content: await viewContent(context, room, message.content),
    state: message.own && message.content.kind === 'text' ? await sendState(context, room, message) : null,
    clock: message.content.kind === 'deleted' ? { kind: 'none' } : clockView(message),
    order: message.order,
    at: message.acceptedAt ?? message.sentAt,
  };
}

export function viewMessages(
  context: Context,
  room: Room,
  messages: readonly MessageRecord[],
): Promise<MessageView[]> {
  return Promise.all(messages.map((message) => viewMessage(context, room, message)));
}

export async function viewConversation(context: Context, room: Room): Promise<ConversationView> {
  const { record } = room;
  const members = await Promise.all(record.users.map((user) => viewPerson(context, user)));
  const peer = members.find(({ userId }) => userId === record.peer) ?? null;
  const [newest] = await context.store.page(room.id, { before: null, limit: 1 });
  return {
    id: room.id,
    kind: record.kind,
    peer,
    members,
    title: peer?.username ?? '',
    timer: timerView(record.timer),
    mayChangeTimer: record.state === 'joined',
    hold: record.hold,
    unread: record.unread,
    firstUnread: record.firstUnread as ConversationView['firstUnread'],
    snippet: newest === undefined ? null : await viewMessage(context, room, newest),
    emptied: newest === undefined && record.spoken,
    goneAt: record.goneAt,
    draft: record.draft,
    activeAt: record.activeAt,
  };
}

export async function viewPerson(context: Context, user: UserId): Promise<PersonView> {
  if (user === context.self.userId) {
    return { userId: user, username: context.self.view.username, verified: true, deletedAccount: false };
  }
  const contact = await context.contacts.get(user);
  return {
    userId: user,
    // A member whose list hasn't been fetched yet has no name that could be trusted.
    username: contact?.username ?? (user.slice(0, 8).toLowerCase() as PersonView['username']),
    verified: contact?.verified ?? false,
    deletedAccount: contact?.deletedAccount ?? false,
  };
}

async function sendState(context: Context, room: Room, message: MessageRecord): Promise<SendState> {
  if (message.failed !== null) return { kind: 'failed', reason: message.failed };
  if (isWaiting(message.order)) {
    const waiting = await findWaiting(context, room.record, message);
    return waiting?.asks ? { kind: 'asks', why: waiting.asks } : { kind: 'sending' };
  }
  if (message.readAt !== null) return { kind: 'read', at: message.readAt };
  const isDelivered =
    message.seq !== null && Object.values(room.record.acked).some((seq) => seq >= (message.seq ?? Infinity));
  return { kind: isDelivered ? 'delivered' : 'sent' };
}

async function findWaiting(
  context: Context,
  record: ConversationRecord,
  message: MessageRecord,
): Promise<OutboxRecord | null> {
  const items = await context.store.outbox(record.id, 1000);
  return items.find((item) => item.record.messageId === message.messageId)?.record ?? null;
}

async function viewContent(context: Context, room: Room, content: StoredContent): Promise<MessageContent> {
  switch (content.kind) {
    case 'text': {
      const { text, edited } = content;
      return {
        kind: 'text',
        text,
        edited,
        quote: content.quote && (await viewQuote(context, room, content.quote)),
      };
    }
    case 'unknown':
      return { kind: 'unknown' };
    case 'undecryptable':
    case 'deleted':
    case 'removed-by-server':
      return content;
    case 'notice':
      return { kind: 'notice', notice: viewNotice(content.notice) };
  }
}

/** What is shown of a quoted message is read off that message, so that it goes when the message goes. */
async function viewQuote(
  context: Context,
  room: Room,
  quote: Pick<QuoteView, 'author'> & { messageId: MessageRecord['messageId'] },
): Promise<QuoteView> {
  const target = await context.store.findMessage(room.id, quote.author, quote.messageId);
  return {
    key: faceKey(quote.author, quote.messageId),
    author: quote.author,
    excerpt: target?.content.kind === 'text' ? excerptOf(target.content.text) : null,
  };
}

/** The beginning of a text: at most 120 characters, no half of one. */
export function excerptOf(text: string): string {
  return Array.from(text).slice(0, EXCERPT_CHARACTERS).join('');
}

function viewNotice(notice: NoticeRecord): NoticeView {
  return notice.kind === 'timer-changed' ? { ...notice, timer: timerView(notice.timer) } : notice;
}
