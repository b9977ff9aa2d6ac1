import { z } from 'zod';
import { bytesText, fixedBytesText } from '../bytes.js';
import { commitId, conversationId, deviceId, seq, timestamp, userId } from '../ids.js';
import { limits } from '../limits.js';
import { httpOperation } from './operation.js';

export const conversationKind = z.enum(['direct', 'group', 'self']);
export type ConversationKindName = z.infer<typeof conversationKind>;

/** owner 4, admin 3, member 2, reader 1 (protocol §3). */
export const role = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
export type RoleNumber = z.infer<typeof role>;

const byId = z.strictObject({ id: conversationId });
const commitBytes = bytesText(limits.commitBytes, 1);
const welcomeBytes = bytesText(limits.welcomeBytes, 1);
const statementBytes = bytesText(16 * 1024, 1);
/** SHA-256 of an entry's bytes. */
const entryHash = fixedBytesText(32);

const commitWithWelcome = z.strictObject({ commit: commitBytes, welcome: welcomeBytes.optional() });
/** Commit and Welcome as base64url, and a margin. */
const commitBodyBytes = 5_700_000;

/** `appended` also answers a retry of a commit that was stored before. */
export const commitAnswer = z.object({
  conversation: conversationId,
  commitId,
  seq,
  hash: entryHash,
  acceptedAt: timestamp,
});
export type CommitAnswer = z.infer<typeof commitAnswer>;

export const createConversation = httpOperation({
  name: 'createConversation',
  summary: 'Creates a conversation with its first commit; a direct one once per pair of users.',
  method: 'POST',
  path: '/api/conversations',
  auth: 'device',
  body: z.strictObject({
    conversation: conversationId,
    kind: conversationKind,
    commit: commitBytes,
    welcome: welcomeBytes.optional(),
  }),
  bodyBytes: commitBodyBytes,
  status: 201,
  response: commitAnswer,
  problems: ['direct-exists', 'conversation-exists', 'commit-refused', 'forbidden'],
});

export const conversationSummary = z.object({
  conversation: conversationId,
  kind: conversationKind,
  incarnation: z.int().min(1),
  newestCommitSeq: seq,
  createdAt: timestamp,
  users: z.array(z.object({ userId, role })),
});

export const listConversations = httpOperation({
  name: 'listConversations',
  summary: "The user's conversations as the server sees them.",
  method: 'GET',
  path: '/api/conversations',
  auth: 'device',
  status: 200,
  response: z.object({ conversations: z.array(conversationSummary) }),
  problems: [],
});

export const getConversation = httpOperation({
  name: 'getConversation',
  summary: 'One conversation as the server sees it.',
  method: 'GET',
  path: '/api/conversations/:id',
  auth: 'device',
  params: byId,
  status: 200,
  response: conversationSummary,
  problems: ['forbidden'],
});

export const submitCommit = httpOperation({
  name: 'submitCommit',
  summary: 'Appends a commit if its lastCommitSeq is still the newest and its CommitInfo keeps the rules.',
  method: 'POST',
  path: '/api/conversations/:id/commits',
  auth: 'device',
  params: byId,
  body: commitWithWelcome,
  bodyBytes: commitBodyBytes,
  status: 201,
  response: commitAnswer,
  problems: ['forbidden', 'stale-commit', 'commit-refused'],
});

export const createIncarnation = httpOperation({
  name: 'createIncarnation',
  summary: "Starts the conversation's next incarnation with its first commit.",
  method: 'POST',
  path: '/api/conversations/:id/incarnations',
  auth: 'device',
  params: byId,
  body: commitWithWelcome,
  bodyBytes: commitBodyBytes,
  status: 201,
  response: commitAnswer,
  problems: ['forbidden', 'incarnation-exists', 'stale-commit', 'commit-refused'],
});

function statementOperation<const Name extends string, const Path extends string>(
  name: Name,
  path: Path,
  summary: string,
) {
  return httpOperation({
    name,
    summary,
    method: 'POST',
    path,
    auth: 'device',
    params: byId,
    body: z.strictObject({ statement: statementBytes }),
    status: 204,
    problems: ['forbidden', 'commit-refused'],
  });
}

export const leaveConversation = statementOperation(
  'leaveConversation',
  '/api/conversations/:id/leave',
  'Stops serving and accepting the caller at once; a member commits the removal with the statement as evidence.',
);
export const requestRepair = statementOperation(
  'requestRepair',
  '/api/conversations/:id/repair-requests',
  'Asks the members to let this device back in.',
);
export const requestToJoin = statementOperation(
  'requestToJoin',
  '/api/conversations/:id/join-requests',
  'Asks the admins to let this user in by an invite link.',
);

export const listRequests = httpOperation({
  name: 'listRequests',
  summary: 'Open leave, repair and join requests of the conversations that the user is in.',
  method: 'GET',
  path: '/api/conversations/requests',
  auth: 'device',
  status: 200,
  response: z.object({
    requests: z.array(
      z.object({
        conversation: conversationId,
        kind: z.enum(['leave', 'repair', 'join']),
        userId,
        statement: statementBytes,
        at: timestamp,
      }),
    ),
  }),
  problems: [],
});

export const listWelcomes = httpOperation({
  name: 'listWelcomes',
  summary: "Released Welcomes of the token's device, oldest first; at most 20 or 3 MiB, at least one.",
  method: 'GET',
  path: '/api/conversations/welcomes',
  auth: 'device',
  status: 200,
  response: z.object({
    welcomes: z.array(
      z.object({
        id: z.uuid(),
        conversation: conversationId,
        commitId,
        /** The commit's entry: walk and head start here. */
        seq,
        hash: entryHash,
        welcome: welcomeBytes,
        /** The committer, by the server's word. */
        from: z.object({ userId, deviceId }),
      }),
    ),
  }),
  problems: [],
});

export const deleteWelcome = httpOperation({
  name: 'deleteWelcome',
  summary: 'Drops a Welcome that was joined or refused.',
  method: 'DELETE',
  path: '/api/conversations/welcomes/:welcome',
  auth: 'device',
  params: z.strictObject({ welcome: z.uuid() }),
  status: 204,
  problems: [],
});
