import { PrismaPg } from '@prisma/adapter-pg';
import { userIdFromBytes, userIdToBytes, type UserId } from '@wisp/protocol';
import { poolConfig } from '@wisp/service-kit';
import { PrismaClient, type Prisma } from './generated/client.js';

export type Database = PrismaClient;
/** A client within one transaction. */
export type Transaction = Prisma.TransactionClient;

/** Opens no connection before the first query. */
export function connectDatabase(options: { databaseUrl: string; connections: number }): Database {
  const config = poolConfig({ ...options, name: 'auth-service', schema: 'auth' });
  return new PrismaClient({ adapter: new PrismaPg(config, { schema: 'auth' }) });
}

/** Prisma's `Bytes` wants an ArrayBuffer of their own. */
export function toStored(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

export function storedUser(id: UserId): Uint8Array<ArrayBuffer> {
  return toStored(userIdToBytes(id));
}

export function readUser(bytes: Uint8Array): UserId {
  return userIdFromBytes(bytes);
}
