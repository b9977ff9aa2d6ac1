import { PrismaPg } from '@prisma/adapter-pg';
import { poolConfig } from '@wisp/service-kit';
import { PrismaClient } from './generated/client.js';

export type Database = PrismaClient;
/** A client within one transaction. */
export type Transaction = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'
>;

/** Opens no connection before the first query. */
export function connectDatabase(options: { databaseUrl: string; connections: number }): Database {
  const config = poolConfig({ ...options, name: 'group-service', schema: 'groups' });
  return new PrismaClient({ adapter: new PrismaPg(config, { schema: 'groups' }) });
}

/** Prisma's `Bytes` wants an ArrayBuffer of their own. */
export function toStored(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
