import { announceConversation } from './announce.js';
import type { Context } from './context.js';
import type { ConversationRecord } from './records.js';
import type { Room } from './room.js';

/**
 * The server has shown different histories (protocol §5): sending is held until a person has seen the evidence.
 * Evidence that was released before says nothing new.
 */
export async function holdSending(context: Context, room: Room, evidence: string): Promise<void> {
  if (room.record.hold !== null || room.record.released.includes(evidence)) return;
  await setHold(context, room, { kind: 'histories-differ', evidence });
}

export async function setHold(context: Context, room: Room, hold: ConversationRecord['hold']): Promise<void> {
  await room.save(context, { record: { ...room.record, hold } });
  await announceConversation(context, room);
}

/** The person goes on: this evidence holds nothing any more. */
export async function releaseHold(context: Context, room: Room): Promise<void> {
  const { hold, released, senders } = room.record;
  if (hold?.kind !== 'histories-differ' && hold?.kind !== 'identity-changed') return;
  const record: ConversationRecord = {
    ...room.record,
    hold: null,
    released: hold.kind === 'histories-differ' ? [...released, hold.evidence] : released,
    // What was missing then stays missing; only new gaps hold again.
    senders: Object.fromEntries(
      Object.entries(senders).map(([device, sender]) => [device, { ...sender, missing: 0 }]),
    ),
  };
  await room.save(context, { record });
  await announceConversation(context, room);
}

/** May messages go out? */
export function isSendingOpen(record: ConversationRecord): boolean {
  return record.state === 'joined' && record.hold === null && record.renewal === null;
}
