import { expect, test } from '@jest/globals';
import type { ConversationId } from '@wisp/protocol';
import { keyCommand, nextChat } from './key-commands.js';

const keys = (key: string, ...held: ('ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey')[]) => ({
  key,
  ctrlKey: held.includes('ctrlKey'),
  metaKey: held.includes('metaKey'),
  altKey: held.includes('altKey'),
  shiftKey: held.includes('shiftKey'),
});

test('each combination means one thing', () => {
  expect(keyCommand(keys('k', 'ctrlKey'))).toEqual({ kind: 'search' });
  expect(keyCommand(keys('k', 'metaKey'))).toEqual({ kind: 'search' });
  expect(keyCommand(keys('n', 'ctrlKey', 'altKey'))).toEqual({ kind: 'new-chat' });
  expect(keyCommand(keys('D', 'ctrlKey', 'shiftKey'))).toEqual({ kind: 'timer' });
  expect(keyCommand(keys('F6', 'shiftKey'))).toEqual({ kind: 'area', step: -1 });
  expect(keyCommand(keys('ArrowDown', 'altKey', 'shiftKey'))).toEqual({
    kind: 'chat',
    step: 1,
    unreadOnly: true,
  });
});

test('single letters are the person’s words', () => {
  for (const key of ['k', 'i', 'n', 'd', '/', 'ArrowDown', 'Enter']) expect(keyCommand(keys(key))).toBeNull();
});

const chats = ['a', 'b', 'c'].map((id) => ({ id: id as ConversationId, unread: id === 'c' ? 2 : 0 }));

test('the next chat, the one before, the next unread one', () => {
  expect(nextChat(chats, 'a', { step: 1, unreadOnly: false })).toBe('b');
  expect(nextChat(chats, 'a', { step: -1, unreadOnly: false })).toBeNull();
  expect(nextChat(chats, 'a', { step: 1, unreadOnly: true })).toBe('c');
  expect(nextChat(chats, 'none', { step: -1, unreadOnly: false })).toBe('c');
});
