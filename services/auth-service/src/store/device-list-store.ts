import type { UserId } from '@wisp/protocol';
import type { DeviceLists, NewestDeviceList } from '../domain/account.js';
import { storedUser, type Database } from './connect-database.js';

export function createDeviceListStore(database: Database): DeviceLists {
  return {
    async newest(user) {
      const [found] = await readNewest(database, [user]);
      return found ?? null;
    },

    newestOf: (users) => readNewest(database, users),

    async after(user, { version, limit }) {
      const rows = await database.deviceList.findMany({
        where: { userId: storedUser(user), version: { gt: version } },
        orderBy: { version: 'asc' },
        take: limit,
        select: { statement: true },
      });
      return rows.map(({ statement }) => statement);
    },
  };
}

async function readNewest(database: Database, users: readonly UserId[]): Promise<NewestDeviceList[]> {
  const ids = users.map(storedUser);
  return database.$queryRaw<NewestDeviceList[]>`
    select l.statement, a.deleted_at is not null as deleted
    from auth.accounts a join auth.device_lists l on l.user_id = a.user_id and l.version = a.list_version
    where a.user_id = any(${ids}::bytea[])`;
}
