import type { UserId, Username } from '@wisp/protocol';
import type { Account, Accounts, DeviceListChange } from '../domain/account.js';
import type { SignedDeviceList } from '../domain/device-list.js';
import { readUser, storedUser, toStored, type Database, type Transaction } from './connect-database.js';
import { insertSession } from './insert-session.js';
import { endDevices, endSessions, noteRevocations } from './revoke-sessions.js';
import { runTransaction } from './run-transaction.js';

export function createAccountStore(database: Database): Accounts {
  return {
    async isNameTaken(username) {
      return (await database.account.count({ where: { username } })) > 0;
    },

    async byName(username) {
      return readAccount(await database.account.findUnique({ where: { username } }));
    },

    async byId(userId) {
      return readAccount(await database.account.findUnique({ where: { userId: storedUser(userId) } }));
    },

    create: ({ first, hashes, vault, session }) =>
      runTransaction<Awaited<ReturnType<Accounts['create']>>>(database, async (tx, rollBack) => {
        const { username } = first.list;
        const userId = storedUser(first.list.userId);
        const { count } = await tx.account.createMany({
          data: {
            userId,
            username,
            passwordHash: hashes.password,
            recoveryHash: hashes.recovery,
            listVersion: first.list.version,
          },
          skipDuplicates: true,
        });
        if (count === 0) {
          const isTaken = (await tx.account.count({ where: { username } })) > 0;
          return { kind: isTaken ? 'username-taken' : 'user-known' };
        }
        await tx.vault.create({ data: { userId, version: vault.version, vault: toStored(vault.bytes) } });
        if (!(await insertList(tx, first))) return rollBack({ kind: 'device-taken' });
        const { userId: owner } = first.list;
        return { kind: 'created', session: await insertSession(tx, { userId: owner, username }, session) };
      }),

    appendDeviceList: (change) =>
      runTransaction<Awaited<ReturnType<Accounts['appendDeviceList']>>>(database, async (tx, rollBack) => {
        if (!(await advanceList(tx, change.next, {}))) return { kind: 'list-conflict' };
        if (!(await insertList(tx, change.next))) return rollBack({ kind: 'device-taken' });
        return { kind: 'stored', revoked: await removeDevices(tx, change) };
      }),

    replaceSecrets: (change) =>
      runTransaction<Awaited<ReturnType<Accounts['replaceSecrets']>>>(database, async (tx, rollBack) => {
        const { next, hashes, vault, keepSession } = change;
        const data = { passwordHash: hashes.password, recoveryHash: hashes.recovery };
        if (!(await advanceList(tx, next, data))) return { kind: 'list-conflict' };
        const userId = storedUser(next.list.userId);
        const { count } = await tx.vault.updateMany({
          where: { userId, version: vault.version - 1 },
          data: { version: vault.version, revision: 1, vault: toStored(vault.bytes) },
        });
        if (count === 0) return rollBack({ kind: 'vault-conflict' });
        if (!(await insertList(tx, next))) return rollBack({ kind: 'device-taken' });
        const ofDevices = await removeDevices(tx, change);
        const others = await endSessions(tx, { userId, sessionId: { not: keepSession } });
        return { kind: 'stored', revoked: [...ofDevices, ...others] };
      }),

    async replaceHash(userId, { slot, from, to }) {
      const column = slot === 'password' ? 'passwordHash' : 'recoveryHash';
      await database.account.updateMany({
        where: { userId: storedUser(userId), [column]: from },
        data: { [column]: to },
      });
    },

    delete: (user, { slot, hash }) =>
      runTransaction<Awaited<ReturnType<Accounts['delete']>>>(database, async (tx) => {
        const userId = storedUser(user);
        const deleted = await tx.$queryRaw<{ deleted_at: Date }[]>`
          update auth.accounts
          set deleted_at = clock_timestamp(), password_hash = null, recovery_hash = null
          where user_id = ${userId} and deleted_at is null
            and case ${slot} when 'password' then password_hash else recovery_hash end = ${hash}
          returning deleted_at`;
        const [row] = deleted;
        if (row === undefined) return null;
        await tx.session.deleteMany({ where: { userId } });
        await tx.vault.deleteMany({ where: { userId } });
        await tx.keyPackage.deleteMany({ where: { userId } });
        await tx.claim.deleteMany({ where: { claimer: userId } });
        return { at: row.deleted_at.getTime(), revoked: await noteRevocations(tx, [{ userId }]) };
      }),
  };
}

interface AccountRow {
  userId: Uint8Array;
  username: string;
  passwordHash: string | null;
  recoveryHash: string | null;
  listVersion: number;
}

function readAccount(row: AccountRow | null): Account | null {
  if (row?.passwordHash == null || row.recoveryHash === null) return null;
  return {
    userId: readUser(row.userId),
    // It was branded when it came in.
    username: row.username as Username,
    listVersion: row.listVersion,
    hashes: { password: row.passwordHash, recovery: row.recoveryHash },
  };
}

/** Compare-and-set on the newest version; locks the account for the rest of the transaction. */
async function advanceList(
  tx: Transaction,
  { list }: SignedDeviceList,
  alongside: { passwordHash?: string; recoveryHash?: string },
): Promise<boolean> {
  const { count } = await tx.account.updateMany({
    where: { userId: storedUser(list.userId), listVersion: list.version - 1, deletedAt: null },
    data: { listVersion: list.version, ...alongside },
  });
  return count === 1;
}

/** False: one of its devices is somebody else's, or had another key. */
async function insertList(tx: Transaction, { list, statement, hash }: SignedDeviceList): Promise<boolean> {
  const userId = storedUser(list.userId);
  await tx.deviceList.create({
    data: { userId, version: list.version, statement: toStored(statement), hash: toStored(hash) },
  });
  const devices = list.devices.map(({ deviceId, signatureKey }) => ({
    deviceId,
    userId,
    signatureKey: toStored(signatureKey),
  }));
  await tx.device.createMany({ data: devices, skipDuplicates: true });
  const { count } = await tx.device.updateMany({
    where: { OR: devices },
    data: { removedAt: null },
  });
  return count === devices.length;
}

async function removeDevices(tx: Transaction, { next, removed }: DeviceListChange) {
  if (removed.length === 0) return [];
  const user: UserId = next.list.userId;
  await tx.$executeRaw`
    update auth.devices set removed_at = clock_timestamp() where device_id = any(${removed}::uuid[])`;
  await tx.$executeRaw`
    update auth.key_packages set spent_at = clock_timestamp()
    where device_id = any(${removed}::uuid[]) and spent_at is null`;
  return endDevices(tx, user, removed);
}
