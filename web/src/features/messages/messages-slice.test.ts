import { describe, expect, test } from '@jest/globals';
import type { MessageView } from '@wisp/client';
import { startChanged } from '../account/account-slice.js';
import {
  chatClosed,
  chatOpened,
  messageHidden,
  messagesGone,
  messagesReceived,
  messagesReducer,
  messageUnhidden,
  pageLoaded,
  selectMessages,
} from './messages-slice.js';
import { ada, bo, here, message, text } from './test-messages.js';

type State = ReturnType<typeof messagesReducer>;
type Action = Parameters<typeof messagesReducer>[1];

function after(...actions: Action[]): State {
  return actions.reduce<State | undefined>(
    (state, action) => messagesReducer(state, action),
    undefined,
  ) as State;
}

const opened = chatOpened({ conversation: here, firstUnread: null, unread: 0 });
const page = (...messages: ReturnType<typeof message>[]) =>
  pageLoaded({ conversation: here, page: { messages, more: false } });
const gone = (...keys: ReturnType<typeof message>['key'][]) =>
  messagesGone({ conversation: here, keys, cause: 'expired' });

describe('the open chat', () => {
  test('holds its messages in the order of the log', () => {
    const state = after(opened, page(message(2), message(1)));
    expect(selectMessages(state).map(({ order }) => order)).toEqual([1, 2]);
  });

  test('lets go of every text when it is closed', () => {
    const state = after(opened, page(message(1)), chatClosed({ conversation: here }));
    expect(JSON.stringify(state)).not.toContain('message 1');
  });

  test('holds nothing of chats that aren’t open', () => {
    const state = after(messagesReceived({ conversation: here, messages: [message(1)] }));
    expect(JSON.stringify(state)).not.toContain('message 1');
  });

  test('is emptied when nobody is signed in any more', () => {
    const state = after(opened, page(message(1)), startChanged({ kind: 'nobody' }));
    expect(JSON.stringify(state)).not.toContain('message 1');
  });
});

describe('a message that has gone', () => {
  test('leaves no text, and takes its quotes along', () => {
    const canary = message(1, { content: text('canary') });
    const answer = message(2, {
      author: ada,
      content: { ...text('yes'), quote: { key: canary.key, author: bo, excerpt: 'canary' } } as never,
    });
    const state = after(opened, page(canary, answer), gone(canary.key));
    expect(JSON.stringify(state)).not.toContain('canary');
    expect(selectMessages(state)).toHaveLength(1);
  });

  test('isn’t brought back by a page that was on its way', () => {
    const state = after(opened, gone(message(1).key), page(message(1), message(2)));
    expect(selectMessages(state).map(({ order }) => order)).toEqual([2]);
  });
});

test('an event is newer than a page that comes after it', () => {
  const edited = message(1, { content: text('edited') });
  const state = after(opened, messagesReceived({ conversation: here, messages: [edited] }), page(message(1)));
  expect(selectMessages(state)[0]).toEqual(edited);
});

describe('what quotes it follows it', () => {
  const quoted = { key: message(1).key, author: bo, excerpt: 'the plan' };
  const answer = message(2, { content: { kind: 'text', text: 'yes', quote: quoted, edited: false } });
  const excerptAfter = (content: MessageView['content']) => {
    const changed = messagesReceived({ conversation: here, messages: [message(1, { content })] });
    const [, last] = selectMessages(after(opened, page(message(1), answer), changed));
    return last?.content.kind === 'text' ? last.content.quote?.excerpt : undefined;
  };

  test('an edit changes the quoted words, at most 120 characters of them', () => {
    expect(excerptAfter(text('another plan'))).toBe('another plan');
    expect(excerptAfter(text('é'.repeat(200)))).toBe('é'.repeat(120));
  });

  test('a delete for everyone leaves none', () => {
    expect(excerptAfter({ kind: 'deleted', by: bo })).toBeNull();
  });
});

test('a message of somebody else that comes in is spoken, one’s own isn’t', () => {
  const state = after(opened, page(), messagesReceived({ conversation: here, messages: [message(1)] }));
  expect(state.newest).toBe(message(1).key);
  const own = messagesReducer(
    state,
    messagesReceived({ conversation: here, messages: [message(2, { author: ada })] }),
  );
  expect(own.newest).toBe(message(1).key);
});

test('Undo brings a hidden message back', () => {
  const ref = { conversation: here, key: message(1).key };
  expect(after(opened, page(message(1)), messageHidden(ref)).hidden).toEqual([ref.key]);
  expect(after(opened, page(message(1)), messageHidden(ref), messageUnhidden(ref)).hidden).toEqual([]);
});

test('the unread line keeps its place when its message dies', () => {
  const unread = chatOpened({ conversation: here, firstUnread: message(1).key, unread: 2 });
  const state = after(unread, page(message(0), message(1), message(2)), gone(message(1).key));
  expect(state.unreadFrom).toBe(1);
});

test('without unread messages there is no line', () => {
  const read = chatOpened({ conversation: here, firstUnread: message(1).key, unread: 0 });
  expect(after(read, page(message(1))).unreadFrom).toBeNull();
});
