import { verifyDeviceStatement } from '@wisp/e2ee';
import {
  decodeBase64url,
  encodeBase64url,
  listRequests,
  type ConversationId,
  type RepairRequest,
  type UserId,
} from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { isAstray, wantRenewal } from './astray.js';
import type { Context } from './context.js';
import { findList } from './listed-devices.js';
import { proposeCommit } from './own-commit.js';
import type { ConversationRecord } from './records.js';
import type { Room } from './room.js';
import { soundSession } from './sound-session.js';

/**
 * Looks at what the server lists and lets devices back in that ask for it by their own signature. Answers the rooms in
 * which a commit was stored and waits to be sent.
 */
export async function answerRequests(
  context: Context,
  rooms: ReadonlyMap<ConversationId, Room>,
): Promise<Room[]> {
  const result = await context.http.call(listRequests, {});
  if (result.kind !== 'ok') return [];
  const answered: Room[] = [];
  for (const { kind, conversation, userId, statement } of result.value.requests) {
    const room = rooms.get(conversation);
    if (kind !== 'repair' || room?.record.peer !== userId) continue;
    const bytes = decodeBase64url(statement);
    if (await room.serial.run(() => answerOne(context, room, { user: userId, bytes }))) answered.push(room);
  }
  return answered;
}

async function answerOne(
  context: Context,
  room: Room,
  asked: { user: UserId; bytes: Uint8Array },
): Promise<boolean> {
  const request = await readRequest(context, room, asked);
  if (request === null) return false;
  await soundSession(context, room);
  const action = decideAnswer(room.record, request);
  if (action === 'renew') {
    await room.save(context, { record: wantRenewal(room.record, 'urgent') });
  }
  if (action !== 'repair') return false;
  try {
    await proposeCommit(context, room, { kind: 'repair', request: asked.bytes });
    return true;
  } catch (error) {
    // Another commit of ours is on its way, or the tree holds that leaf no more: the next look decides.
    if (error instanceof EngineError) return false;
    throw error;
  }
}

/** Null: nobody of this conversation has signed it, or it is about another one. */
async function readRequest(
  context: Context,
  room: Room,
  { user, bytes }: { user: UserId; bytes: Uint8Array },
): Promise<RepairRequest | null> {
  const contact = await context.contacts.get(user);
  const list = contact && (await findList(context, { user, version: contact.listVersion }));
  if (list === null) return null;
  const verdict = await verifyDeviceStatement(bytes, {
    type: 'repair-request',
    serverId: context.self.serverId,
    signatureKeys: list.devices.map(({ signatureKey }) => signatureKey),
  });
  if (verdict.kind === 'refused' || verdict.body.conversationId !== room.id) return null;
  const signer = list.devices.find(({ deviceId }) => deviceId === verdict.body.deviceId);
  const isItsOwn = signer && encodeBase64url(signer.signatureKey) === encodeBase64url(verdict.signedBy);
  return isItsOwn ? verdict.body : null;
}

/**
 * What a verified request of the peer asks of this device: nothing where it was answered before, which a replay always
 * was; two devices that are both out of step can only begin anew.
 */
export function decideAnswer(
  record: ConversationRecord,
  request: Pick<RepairRequest, 'at' | 'groupId'>,
): 'repair' | 'renew' | 'nothing' {
  if (record.state !== 'joined' || request.at <= record.mendedAt || record.renewal !== null) return 'nothing';
  if (isAstray(record)) return 'renew';
  return record.standing?.groupId === encodeBase64url(request.groupId) ? 'repair' : 'nothing';
}
