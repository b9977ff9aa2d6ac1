import {
  conversationId,
  conversationKind,
  deviceId,
  role,
  seq,
  userIdFromBytes,
  userIdToBytes,
  type UserId,
} from '@wisp/protocol';
import type { ConversationReader, ConversationSummary } from '../domain/ports.js';
import { toStored, type Database } from './connect-database.js';

export function createConversationReader(database: Database): ConversationReader {
  return {
    async listFor(user) {
      const rows = await database.conversation.findMany({
        where: whereMember(user),
        include: { roster: { orderBy: { userId: 'asc' } } },
        orderBy: { createdAt: 'asc' },
      });
      return rows.map(summaryOf);
    },

    async find(conversation, user) {
      const row = await database.conversation.findFirst({
        where: { conversationId: conversation, ...whereMember(user) },
        include: { roster: { orderBy: { userId: 'asc' } } },
      });
      return row === null ? null : summaryOf(row);
    },

    async listMemberships(user) {
      const userId = toStored(userIdToBytes(user));
      const rows = await database.conversation.findMany({
        where: whereMember(user),
        select: {
          conversationId: true,
          roster: { where: { leftAt: null }, select: { userId: true } },
          devices: { where: { userId, isMember: true }, select: { deviceId: true } },
        },
      });
      return rows.map((row) => ({
        conversation: conversationId.parse(row.conversationId),
        users: row.roster.map((entry) => userIdFromBytes(entry.userId)),
        ownDevices: row.devices.map((each) => deviceId.parse(each.deviceId)),
      }));
    },
  };
}

/** In the roster, and hasn't left. A conversation whose first commit is on its way has no roster yet. */
function whereMember(user: UserId) {
  return { roster: { some: { userId: toStored(userIdToBytes(user)), leftAt: null } } };
}

interface SummaryRow {
  conversationId: string;
  kind: string;
  incarnation: number;
  newestCommitSeq: bigint;
  createdAt: Date;
  roster: { userId: Uint8Array; role: number }[];
}

function summaryOf(row: SummaryRow): ConversationSummary {
  return {
    conversation: conversationId.parse(row.conversationId),
    kind: conversationKind.parse(row.kind),
    incarnation: row.incarnation,
    newestCommitSeq: seq.parse(Number(row.newestCommitSeq)),
    createdAt: row.createdAt.getTime(),
    users: row.roster.map((entry) => ({
      userId: userIdFromBytes(entry.userId),
      role: role.parse(entry.role),
    })),
  };
}
