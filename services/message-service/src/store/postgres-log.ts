import type { Logger } from '@wisp/service-kit';
import { appendCommit } from './append-commit.js';
import { appendMessages, type AppendSettings } from './append-messages.js';
import * as forget from './forget.js';
import { leaveConversation } from './leave-conversation.js';
import type { Pools } from './pools.js';
import { attachDevice, fetchEntries, listMembers } from './read-log.js';
import { syncDevice } from './sync-device.js';
import type { AppendLog } from '../domain/append-messages.js';
import type { AcknowledgePorts } from '../domain/acknowledge.js';
import type { CommitLog } from '../domain/append-commit.js';
import type { DeletionLog } from '../domain/delete-messages.js';
import type { EndingLog } from '../domain/end-memberships.js';
import type { ForgetLog } from '../domain/forget-read.js';
import type { DepartureLog } from '../domain/leave-conversation.js';
import type { RetentionLog } from '../domain/retain.js';
import type { ExpiryLog } from '../domain/sweep-expired.js';
import type { ReadLog } from '../domain/read-log.js';

export type Log = AppendLog &
  CommitLog &
  ReadLog &
  AcknowledgePorts['log'] &
  DeletionLog &
  DepartureLog &
  EndingLog &
  ExpiryLog &
  ForgetLog &
  RetentionLog;

export interface PostgresLogOptions {
  readonly pools: Pools;
  readonly logger: Logger;
  readonly append: AppendSettings;
}

/** The log, on PostgreSQL: every operation is one function of the schema and one transaction. */
export function createPostgresLog({ pools, logger, append }: PostgresLogOptions): Log {
  const onFault = (error: unknown) => logger.error({ error }, 'the log database refused a statement');
  const context = { pools, onFault, settings: append };
  return {
    timeline: () => pools.timeline(),
    append: (batch) => appendMessages(context, batch),
    appendCommit: (commit) => appendCommit(context, commit),
    fetchEntries: (caller, wishes) => fetchEntries(context, caller, wishes),
    attachDevice: (caller) => attachDevice(context, caller),
    listMembers: (conversation) => listMembers(context, conversation),
    syncDevice: (caller, since) => syncDevice(context, caller, since),
    moveMarks: (marks) => forget.moveMarks(context, marks),
    deleteEntries: (caller, wanted) => forget.deleteEntries(context, caller, wanted),
    endMemberships: (user) => forget.endMemberships(context, user),
    leaveConversation: (departure) => leaveConversation(context, departure),
    expireEntries: (range) => forget.expireEntries(context, range),
    forgetAcknowledged: (conversations, limit) => forget.forgetAcknowledged(context, conversations, limit),
    retainEntries: (after, limits) => forget.retainEntries(context, after, limits),
  };
}
