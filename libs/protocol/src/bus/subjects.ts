import type { z } from 'zod';
import { getJwks } from '../http/accounts.js';
import type { UserId } from '../ids.js';
import * as auth from './auth.js';
import * as groups from './groups.js';
import * as messages from './messages.js';
import type { EventSubject, RequestSubject } from './subject.js';

function request<Request extends z.ZodType, Response extends z.ZodType>(
  subject: string,
  schemas: { request: Request; response: Response },
): RequestSubject<Request, Response> {
  return { kind: 'request', subject, ...schemas };
}

function event<Payload extends z.ZodType>(subject: string, payload: Payload): EventSubject<Payload> {
  return { kind: 'event', subject, payload };
}

const DATABASES = 1;
const CELLS = 1;

/** Which PostgreSQL holds a shard; with one database all shards share its subjects (server §8). */
function databaseOf(shard: number): number {
  return shard % DATABASES;
}

/** Every cell, for a publisher. */
export const cells: readonly number[] = Array.from({ length: CELLS }, (_, cell) => cell);

/** Which cell serves a user; one at first (server §4). */
export function cellOf(user: UserId): number {
  return user.charCodeAt(0) % CELLS;
}

/** Every bus subject. Requests are imperative, events past; `shard` is `shardOf(conversation)`. */
export const subjects = {
  appendMessages: (shard: number) =>
    request(`v1.messages.append.${databaseOf(shard)}`, {
      request: messages.appendMessagesRequest,
      response: messages.appendMessagesReply,
    }),
  appendCommit: (shard: number) =>
    request(`v1.messages.commit.${databaseOf(shard)}`, {
      request: messages.appendCommitRequest,
      response: messages.appendCommitReply,
    }),
  acknowledge: (shard: number) =>
    request(`v1.messages.ack.${databaseOf(shard)}`, {
      request: messages.ackRequest,
      response: messages.ackReply,
    }),
  leaveConversation: (shard: number) =>
    request(`v1.messages.leave.${databaseOf(shard)}`, {
      request: messages.departureRequest,
      response: messages.departureReply,
    }),
  attachDevice: () =>
    request('v1.messages.attach', { request: messages.attachRequest, response: messages.attachReply }),
  listMembers: () =>
    request('v1.messages.members', { request: messages.membersRequest, response: messages.membersReply }),
  syncDevice: () =>
    request('v1.messages.sync', { request: messages.syncRequest, response: messages.syncReply }),
  fetchEntries: () =>
    request('v1.messages.fetch', { request: messages.fetchRequest, response: messages.fetchReply }),
  deliver: (cell: number) => event(`v1.deliver.${cell}`, messages.deliveryEnvelope),

  getJwks: () => request('v1.auth.jwks', { request: auth.jwksRequest, response: getJwks.response }),
  listRevocations: () =>
    request('v1.auth.revocations', { request: auth.revocationsRequest, response: auth.revocationsReply }),
  checkClaims: () =>
    request('v1.auth.claimed', {
      request: auth.keyPackagesClaimedRequest,
      response: auth.keyPackagesClaimedReply,
    }),
  getDeviceLists: () =>
    request('v1.auth.device-lists', { request: auth.deviceListsRequest, response: auth.deviceListsReply }),
  countKeyPackages: () =>
    request('v1.auth.key-package-count', {
      request: auth.keyPackageCountRequest,
      response: auth.keyPackageCountReply,
    }),
  sessionRevoked: () => event('v1.auth.revoked', auth.revocation),
  accountDeleted: () => event('v1.auth.deleted', auth.accountDeleted),
  deviceListPublished: () => event('v1.auth.device-list-published', auth.deviceListPublished),

  mayAdd: () => request('v1.groups.may-add', { request: groups.mayAddRequest, response: groups.mayAddReply }),
  countWelcomes: () =>
    request('v1.groups.welcomes', {
      request: groups.welcomeCountRequest,
      response: groups.welcomeCountReply,
    }),
  noticeGiven: (cell: number) => event(`v1.notice.${cell}`, groups.notice),
} as const;
