import type { Change } from '../store/store.js';
import type { Context } from './context.js';
import type { NumberedOutboxRecord } from './conversation-store.js';
import type { MessageRecord, SayRecord } from './records.js';
import type { Room } from './room.js';

const OUTBOX_WINDOW = 1000;

type Edit = Extract<SayRecord, { type: 'edit' }>;

/** Edits go out in order: the words of this one are what comes back when a later one is refused. */
export async function acceptEdit(
  context: Context,
  room: Room,
  { edit, number }: { edit: Edit; number: number },
): Promise<Change[]> {
  const before = await findEdited(context, room, edit);
  if (before === null) return [];
  const isLast = !(await hasOtherEdit(context, room, { edit, number }));
  const accepted = isLast ? null : { text: edit.text, edited: true };
  const after: MessageRecord = { ...before, content: { ...before.content, accepted } };
  return context.store.replaceMessage(room.id, { before, after });
}

/** The server doesn't take an edit: the words that it has are back, unless newer ones are on their way. */
export async function takeEditBack(
  context: Context,
  room: Room,
  refused: NumberedOutboxRecord,
): Promise<{ before: MessageRecord; after: MessageRecord } | null> {
  const { say } = refused.record;
  if (say.type !== 'edit' || (await hasOtherEdit(context, room, { edit: say, number: refused.number })))
    return null;
  const before = await findEdited(context, room, say);
  if (!before?.content.accepted) return null;
  return {
    before,
    after: { ...before, content: { ...before.content, ...before.content.accepted, accepted: null } },
  };
}

type Edited = MessageRecord & { content: { kind: 'text' } };

async function findEdited(context: Context, room: Room, { target }: Edit): Promise<Edited | null> {
  const found = await context.store.findMessage(room.id, target.author, target.messageId);
  return found?.content.kind === 'text' ? { ...found, content: found.content } : null;
}

async function hasOtherEdit(
  context: Context,
  room: Room,
  { edit, number }: { edit: Edit; number: number },
): Promise<boolean> {
  const waiting = await context.store.outbox(room.id, OUTBOX_WINDOW);
  return waiting.some(
    ({ number: other, record: { say } }) =>
      other !== number && say.type === 'edit' && say.target.messageId === edit.target.messageId,
  );
}
