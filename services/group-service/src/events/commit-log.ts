import { BusError, type Bus } from '@wisp/bus';
import { encodeBase64url, shardOf, subjects, unreachable, type AppendCommitReply } from '@wisp/protocol';
import { opensLog } from '../domain/member-table.js';
import type { CommitLog, LogVerdict, PendingCommit } from '../domain/ports.js';
import { AWAY } from './away.js';

const OWNER = 4;

/** The log of message-service, over the bus. */
export function createCommitLog(bus: Bus): CommitLog {
  return {
    async append(commit) {
      try {
        const reply = await bus.request(
          subjects.appendCommit(shardOf(commit.conversation)),
          requestOf(commit),
        );
        return verdictOf(reply);
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        return verdictOfBusError(error);
      }
    },

    async readMembers(conversation) {
      try {
        const { newestCommitSeq, members } = await bus.request(subjects.listMembers(), { conversation });
        return {
          newestCommitSeq,
          members: new Map(members.map(({ device, user, role }) => [device, { user, role }])),
        };
      } catch (error) {
        if (error instanceof BusError && AWAY.has(error.code)) return null;
        throw error;
      }
    },
  };
}

function requestOf(commit: PendingCommit) {
  const { conversation, commitId, caller, lastCommitSeq, body, delta } = commit;
  const { adds, removes, roles, readmit } = delta;
  const opens = opensLog(commit) ? 'create' : delta.opens;
  return {
    user: caller.user,
    device: caller.device,
    conversation,
    commitId,
    lastCommitSeq,
    body: encodeBase64url(body),
    ...(opens !== undefined && { opens }),
    ...(opens === 'create' && ({ creatorRole: OWNER } as const)),
    adds,
    removes,
    roles,
    readmit,
  };
}

function verdictOf(reply: AppendCommitReply): LogVerdict {
  switch (reply.status) {
    case 'appended':
      return { kind: 'appended', seq: reply.seq, acceptedAt: reply.acceptedAt };
    case 'stale':
      return { kind: 'stale', newestCommitSeq: reply.newestCommitSeq };
    case 'not-member':
    case 'conversation-exists':
    case 'device-known':
    case 'unavailable':
      return { kind: reply.status };
    default:
      return unreachable(reply);
  }
}

function verdictOfBusError(error: BusError): LogVerdict {
  switch (error.code) {
    case 'bad-request':
    case 'too-large':
      return { kind: 'invalid' };
    case 'no-responders':
    case 'timeout':
    case 'disconnected':
    case 'closed':
    case 'unavailable':
      return { kind: 'unavailable' };
    // Nobody's state depends on these: a release that doesn't fit, or a broker's permissions.
    case 'not-permitted':
    case 'bad-reply':
      throw error;
    default:
      return unreachable(error.code);
  }
}
