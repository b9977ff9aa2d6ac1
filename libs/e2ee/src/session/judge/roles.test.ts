import { expect, test } from '@jest/globals';
import { userIdFromBytes, type ConversationState, type RoleNumber, type RosterEntry } from '@wisp/protocol';
import { commands, heirAmong, mayAdd, mayDelete, mayEdit, mayPost } from './roles.js';

const user = (n: number) => userIdFromBytes(new Uint8Array(32).fill(n));
const entry = (n: number, role: RoleNumber, since = 1): RosterEntry => ({
  userId: user(n),
  role,
  since,
  listVersion: 1,
  listHash: new Uint8Array(32),
});
const state = (roster: RosterEntry[], may: RoleNumber): ConversationState => ({
  version: 1,
  conversationId: '01900000-0000-7000-8000-000000000000' as ConversationState['conversationId'],
  kind: 'group',
  incarnation: 1,
  roster,
  settings: {
    timer: { mode: 'none', ttl: 0 },
    title: '',
    about: '',
    whoMayAdd: may,
    whoMayEdit: may,
    whoMayPost: may,
  },
  banned: [],
  links: [],
});

test('the heir has the highest role, then is here longest, then has the lowest id', () => {
  expect(heirAmong([entry(1, 2, 1), entry(2, 3, 9)])?.userId).toBe(user(2));
  expect(heirAmong([entry(1, 2, 5), entry(2, 2, 4)])?.userId).toBe(user(2));
  expect(heirAmong([entry(2, 2, 4), entry(1, 2, 4)])?.userId).toBe(user(1));
  expect(heirAmong([entry(1, 3), entry(2, 4)])).toBeUndefined();
  expect(heirAmong([])).toBeUndefined();
});

test('owners reach everybody, admins only who stands lower', () => {
  expect(([4, 3, 2, 1] as const).map((target) => commands(4, target))).toEqual([true, true, true, true]);
  expect(([4, 3, 2, 1] as const).map((target) => commands(3, target))).toEqual([false, false, true, true]);
  expect(([4, 3, 2, 1] as const).map((target) => commands(2, target))).toEqual([false, false, false, false]);
});

test('who may is admin and above, or what the settings say; a stranger never', () => {
  for (const may of [mayAdd, mayEdit, mayPost]) {
    const allowed = (least: RoleNumber) =>
      ([4, 3, 2, 1] as const).map((role) => may(state([entry(1, role)], least), user(1)));
    expect(allowed(4)).toEqual([true, true, false, false]);
    expect(allowed(2)).toEqual([true, true, true, false]);
    expect(allowed(1)).toEqual([true, true, true, true]);
    expect(may(state([entry(1, 4)], 1), user(2))).toBe(false);
    // A setting that a later policy might know.
    expect(may(state([entry(1, 4)], 0 as RoleNumber), user(2))).toBe(false);
  }
});

test("others' messages are deleted by admins and above, over lower roles", () => {
  const roster = [entry(1, 4), entry(2, 3), entry(3, 3), entry(4, 2), entry(5, 1)];
  const may = (by: number, author: number) =>
    mayDelete(state(roster, 1), { userId: user(by), author: user(author) });
  expect(may(4, 5)).toBe(false);
  expect([may(4, 4), may(2, 4), may(2, 3), may(1, 2), may(4, 2), may(2, 1), may(2, 9)]).toEqual([
    true,
    true,
    false,
    true,
    false,
    false,
    true,
  ]);
});
