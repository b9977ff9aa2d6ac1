import { expect, test } from '@jest/globals';
import { newConversation, newPerson, seqOf } from '../../tests/messages.js';
import { ring } from '../domain/announcements.js';
import { createRecentHeads } from './recent-heads.js';

test('keeps the newest head of each conversation for 30 s', () => {
  let now = 0;
  const heads = createRecentHeads(() => now);
  const [one, other] = [newConversation(), newConversation()];
  heads.add(ring(one, seqOf(1), seqOf(5)));
  heads.add(ring(other, seqOf(1), seqOf(2)));
  now = 20_000;
  heads.add(ring(one, seqOf(1), seqOf(7)));
  heads.add(ring(one, seqOf(1), seqOf(6)));
  heads.add({ kind: 'acked', conversation: other, newestCommitSeq: seqOf(1), seq: seqOf(2), ...newPerson() });
  expect(heads.list().map(({ seq }) => seq)).toEqual([2, 7]);
  now = 31_000;
  expect(heads.list()).toMatchObject([{ conversation: one, seq: 7 }]);
  now = 51_000;
  expect(heads.list()).toEqual([]);
});
