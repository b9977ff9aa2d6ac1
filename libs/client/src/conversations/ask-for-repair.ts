import { signDeviceStatement } from '@wisp/e2ee';
import { decodeBase64url, encodeBase64url, requestRepair } from '@wisp/protocol';
import { MOST_REQUESTS, nextRequestAt, wantRenewal } from './astray.js';
import type { Context } from './context.js';
import type { AstrayRecord } from './records.js';
import type { Room } from './room.js';

const SECOND = 1000;

/**
 * Asks the members to let this device back in (protocol §4, Repair), where it is time to: one signed request per ten
 * minutes, then less and less often. It is stored before it is sent, so a start never asks anew.
 */
export async function askForRepair(context: Context, room: Room): Promise<void> {
  const statement = await room.serial.run(() => prepareRequest(context, room));
  if (statement === null) return;
  const result = await context.http.call(requestRepair, { params: { id: room.id }, body: { statement } });
  // In doubt: the same statement goes again.
  if (result.kind === 'unreachable' || (result.kind === 'problem' && result.problem.status >= 500)) return;
  const retryAfter = result.kind === 'problem' ? (result.problem.retryAfter ?? 0) * SECOND : 0;
  await room.serial.run(async () => {
    const { astray } = room.record;
    if (astray?.statement !== statement) return;
    const nextAt = Math.max(astray.nextAt, context.time.now() + retryAfter);
    await room.save(context, { record: { ...room.record, astray: { ...astray, isTold: true, nextAt } } });
  });
}

/** The statement that is to go now, or null. Nobody answered: the conversation needs its next incarnation. */
async function prepareRequest(context: Context, room: Room): Promise<string | null> {
  const { record } = room;
  const { astray, standing } = record;
  const now = context.time.now();
  if (astray === null || record.renewal !== null) return null;
  if (astray.statement !== null && !astray.isTold) return astray.statement;
  if (astray.nextAt > now) return null;
  if (standing === null || astray.asked >= MOST_REQUESTS) {
    await room.save(context, { record: wantRenewal(record, 'urgent') });
    return null;
  }
  const statement = await signRequest(context, room, { astray, standing });
  const asked = astray.asked + 1;
  const nextAt = nextRequestAt(asked, { now, random: context.random() });
  const next = { ...astray, asked, nextAt, statement, isTold: false };
  await room.save(context, { record: { ...room.record, astray: next } });
  return statement;
}

async function signRequest(
  context: Context,
  room: Room,
  about: { astray: AstrayRecord; standing: NonNullable<Room['record']['standing']> },
): Promise<string> {
  const { astray, standing } = about;
  const { self } = context;
  const keyPackage = await context.keyPackages.makeForRepair();
  const bytes = await signDeviceStatement({
    type: 'repair-request',
    secretKey: self.signatureKey.secretKey,
    body: {
      serverId: self.serverId,
      conversationId: room.id,
      groupId: decodeBase64url(standing.groupId),
      deviceId: self.deviceId,
      leafHash: decodeBase64url(standing.leafHash),
      reason: astray.reason,
      ...(astray.badSeq === null ? {} : { badSeq: astray.badSeq }),
      keyPackage,
      at: Math.floor(context.time.now()),
    },
  });
  return encodeBase64url(bytes);
}
