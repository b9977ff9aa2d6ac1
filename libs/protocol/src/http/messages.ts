import { z } from 'zod';
import { conversationId, seq } from '../ids.js';
import { limits } from '../limits.js';
import { fetchAnswer, fetchWish, syncAnswer, syncToken } from '../log.js';
import { httpOperation } from './operation.js';

export const syncMessages = httpOperation({
  name: 'syncMessages',
  summary: 'What changed for the device since its token: heads, conversations joined and left.',
  method: 'GET',
  path: '/api/messages/sync',
  auth: 'device',
  query: z.strictObject({ since: syncToken.optional() }),
  status: 200,
  response: syncAnswer,
  problems: [],
});

export const fetchMessages = httpOperation({
  name: 'fetchMessages',
  summary: 'Pages of logs: complete for (after, through]; what is absent is gone.',
  method: 'POST',
  path: '/api/messages/fetch',
  auth: 'device',
  body: z.strictObject({ conversations: z.array(fetchWish).min(1).max(limits.fetchConversations) }),
  status: 200,
  response: fetchAnswer,
  problems: [],
});

export const deleteMessages = httpOperation({
  name: 'deleteMessages',
  summary: "Deletes messages of the caller's own, or of people with a lower role; idempotent.",
  method: 'POST',
  path: '/api/messages/:conversation/deletions',
  auth: 'device',
  params: z.strictObject({ conversation: conversationId }),
  body: z.strictObject({ seqs: z.array(seq).min(1).max(limits.deletionsPerRequest) }),
  status: 200,
  response: z.object({ deleted: z.array(seq) }),
  problems: ['forbidden'],
});
