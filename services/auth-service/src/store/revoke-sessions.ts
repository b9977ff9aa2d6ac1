import type { DeviceId, Revocation, SessionId, UserId } from '@wisp/protocol';
import { readUser, storedUser, type Transaction } from './connect-database.js';
import type { Prisma } from './generated/client.js';

/** Deletes sessions and notes their end, which voids their access tokens everywhere. */
export async function endSessions(tx: Transaction, which: Prisma.SessionWhereInput): Promise<Revocation[]> {
  const ended = await tx.session.findMany({ where: which, select: { sessionId: true, userId: true } });
  if (ended.length === 0) return [];
  const ids = ended.map(({ sessionId }) => sessionId);
  await tx.session.deleteMany({ where: { sessionId: { in: ids } } });
  return noteRevocations(tx, ended);
}

/** All sessions of removed devices, also such as this transaction can't see: by the device. */
export async function endDevices(
  tx: Transaction,
  user: UserId,
  devices: readonly DeviceId[],
): Promise<Revocation[]> {
  if (devices.length === 0) return [];
  await tx.session.deleteMany({ where: { deviceId: { in: [...devices] } } });
  const userId = storedUser(user);
  return noteRevocations(
    tx,
    devices.map((deviceId) => ({ userId, deviceId })),
  );
}

export async function noteRevocations(
  tx: Transaction,
  ended: Prisma.RevocationCreateManyInput[],
): Promise<Revocation[]> {
  return (await tx.revocation.createManyAndReturn({ data: ended })).map(readRevocation);
}

export function readRevocation(row: {
  revokedAt: Date;
  userId: Uint8Array;
  sessionId: string | null;
  deviceId: string | null;
}): Revocation {
  return {
    at: row.revokedAt.getTime(),
    user: readUser(row.userId),
    // Both were branded when they came in.
    ...(row.sessionId !== null && { session: row.sessionId as SessionId }),
    ...(row.deviceId !== null && { device: row.deviceId as DeviceId }),
  };
}
