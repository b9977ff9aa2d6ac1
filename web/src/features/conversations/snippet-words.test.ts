import { expect, test } from '@jest/globals';
import type { ConversationView, MessageView } from '@wisp/client';
import type { Username } from '@wisp/protocol';
import { ada, bo, here, message, text } from '../messages/test-messages.js';
import { messagesGone } from '../messages/messages-slice.js';
import { conversationsLoaded, conversationsReducer, selectChats } from './conversations-slice.js';
import { snippetFace } from './snippet-words.js';

const peer = { userId: bo, username: 'bo.strand' as Username, verified: false, deletedAccount: false };

function chat(part: Partial<ConversationView>): ConversationView {
  return {
    id: here,
    kind: 'direct',
    peer,
    members: [peer],
    title: 'bo.strand',
    timer: { mode: 'off' },
    mayChangeTimer: true,
    hold: null,
    unread: 0,
    firstUnread: null,
    snippet: null,
    emptied: false,
    goneAt: null,
    draft: '',
    activeAt: 0,
    ...part,
  };
}

const said = (part: Partial<MessageView> = {}) => message(1, part);

test('what needs the person stands before the newest message', () => {
  const failed = said({ author: ada, state: { kind: 'failed', reason: 'refused' } });
  expect(snippetFace(chat({ snippet: failed, draft: 'x' }), true).kind).toBe('failed');
  expect(snippetFace(chat({ snippet: said(), hold: { kind: 'rolled-back' } }), true).kind).toBe('held');
  expect(snippetFace(chat({ snippet: said(), draft: 'half a thought' }), true)).toEqual({
    kind: 'draft',
    text: 'half a thought',
  });
});

test('the open chat doesn’t show its own draft', () => {
  expect(snippetFace(chat({ snippet: said(), draft: 'half' }), false).kind).toBe('plain');
});

test('an empty chat says whether anything was ever said', () => {
  expect(snippetFace(chat({ emptied: true }), true).kind).toBe('gone');
  expect(snippetFace(chat({}), true)).toMatchObject({ text: 'Nothing said yet' });
});

test('several lines become one', () => {
  expect(snippetFace(chat({ snippet: said({ content: text('one\n\ntwo') }) }), true)).toMatchObject({
    text: 'one two',
  });
});

test('a notice is said in plain words', () => {
  const notice = said({
    content: {
      kind: 'notice',
      notice: { kind: 'timer-changed', by: bo, timer: { mode: 'afterRead', ttlSeconds: 3600 } },
    },
  });
  expect(snippetFace(chat({ snippet: notice }), true)).toMatchObject({
    text: 'bo.strand set new messages to disappear 1 hour after they are read. Earlier ones keep their own time.',
  });
});

test('a snippet dies with its message', () => {
  const canary = said({ content: text('canary') });
  const loaded = conversationsReducer(undefined, conversationsLoaded([chat({ snippet: canary })]));
  const after = conversationsReducer(
    loaded,
    messagesGone({ conversation: here, keys: [canary.key], cause: 'expired' }),
  );
  expect(JSON.stringify(after)).not.toContain('canary');
});

test('the newest chat comes first, and the talk with oneself isn’t one', () => {
  const older = chat({ activeAt: 1 });
  const newer = chat({ id: `${here.slice(0, -1)}2` as typeof here, activeAt: 2 });
  const self = chat({ id: `${here.slice(0, -1)}3` as typeof here, kind: 'self', activeAt: 3 });
  const state = conversationsReducer(undefined, conversationsLoaded([older, self, newer]));
  expect(selectChats(state).map((one) => one.activeAt)).toEqual([2, 1]);
});
