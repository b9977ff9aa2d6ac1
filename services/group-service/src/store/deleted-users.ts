import { userIdToBytes } from '@wisp/protocol';
import type { DeletedUsers } from '../domain/ports.js';
import { toStored, type Database } from './connect-database.js';

export function createDeletedUsers(database: Database): DeletedUsers {
  return {
    async mark(user, at) {
      const userId = toStored(userIdToBytes(user));
      await database.$transaction(async (tx) => {
        await tx.deletedUser.createMany({ data: { userId, deletedAt: new Date(at) }, skipDuplicates: true });
        await tx.request.deleteMany({ where: { userId, kind: { in: ['repair', 'join'] } } });
        await tx.welcome.deleteMany({ where: { userId } });
        await tx.$executeRaw`
          DELETE FROM groups.welcome_bodies b
          USING groups.roster r
          WHERE r.user_id = ${userId} AND b.conversation_id = r.conversation_id AND NOT EXISTS (
            SELECT FROM groups.welcomes w
            WHERE w.conversation_id = b.conversation_id AND w.commit_id = b.commit_id)`;
      });
    },

    async includes(user) {
      return (await database.deletedUser.count({ where: { userId: toStored(userIdToBytes(user)) } })) > 0;
    },
  };
}
