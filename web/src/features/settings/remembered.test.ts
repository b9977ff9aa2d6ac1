import { expect, test } from '@jest/globals';
import { here, message } from '../messages/test-messages.js';
import { rememberIn } from './remembered.js';

function shelf() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test('the theme is one of three, whatever stands there', () => {
  const remembered = rememberIn(shelf());
  expect(remembered.theme()).toBe('system');
  remembered.rememberTheme('dark');
  expect(remembered.theme()).toBe('dark');
});

test('a deletion waits for the next start until it is done', () => {
  const place = shelf();
  const deletion = { conversation: here, key: message(1).key };
  rememberIn(place).keepPendingDeletion(deletion);
  expect(rememberIn(place).pendingDeletions()).toEqual([deletion]);
  rememberIn(place).dropPendingDeletion(deletion);
  expect(rememberIn(place).pendingDeletions()).toEqual([]);
  expect(place.kept.size).toBe(0);
});
