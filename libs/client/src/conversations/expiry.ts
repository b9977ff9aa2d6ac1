import type { ConversationId } from '@wisp/protocol';
import { announceGone, announceMessages } from './announce.js';
import type { Context } from './context.js';
import type { DueMessage } from './deadline-records.js';
import { faceKey, isWaiting } from './keys.js';
import type { ConversationRecord, MessageRecord } from './records.js';
import type { Room } from './room.js';
import { inBackground } from '../in-background.js';
import { withdrawEdits } from './withdraw-edits.js';

const BATCH = 100;
/** Wakes at least this often: a sleeping device's timers are late. */
const LONGEST_WAIT = 30_000;

/** Deletes what is past its deadline: first out of the store, then from the screen (protocol §6). */
export class Expiry {
  private cancel: () => void = () => undefined;
  private stopped = false;

  constructor(
    private readonly context: Context,
    private readonly rooms: ReadonlyMap<ConversationId, Room>,
  ) {}

  /** Everything that is due now; resolves when it is gone. Called before anything is painted. */
  async purge(): Promise<void> {
    await this.keepPace();
    for (;;) {
      const due = await this.context.store.deadlines.due(this.context.time.now(), BATCH);
      for (const message of due) await this.purgeOne(message);
      if (due.length < BATCH) return;
    }
  }

  /** Arms the clock for the next deadline; call it after anything may have set an earlier one. */
  async arm(): Promise<void> {
    await this.keepPace();
    const next = await this.context.store.deadlines.next();
    if (this.stopped) return;
    this.cancel();
    const wait =
      next === null ? LONGEST_WAIT : Math.min(Math.max(next - this.context.time.now(), 0), LONGEST_WAIT);
    this.cancel = this.context.clock.after(wait, () => inBackground(this.run()));
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /**
   * The server's clock was set back: nothing lives longer for it. Call it as soon as the server has named its time: what
   * a room reckons from then on goes by the new clock, and what it was reckoning is stored when its turn comes.
   */
  async keepPace(): Promise<void> {
    const setBack = this.context.time.takeSetBack();
    if (setBack === 0) return;
    for (const room of this.rooms.values()) await room.serial.run(() => this.bringForward(room, setBack));
  }

  private async bringForward(room: Room, by: number): Promise<void> {
    const { store } = this.context;
    const moved: { before: MessageRecord; after: MessageRecord }[] = [];
    for (const { conversation, order, at } of await store.deadlines.all()) {
      const before = conversation === room.id ? await store.message(conversation, order) : null;
      if (before?.deadline === at)
        moved.push({ before, after: { ...before, deadline: Math.max(0, at - by) } });
    }
    if (moved.length === 0) return;
    await room.save(this.context, { changes: moved.flatMap((pair) => store.replaceMessage(room.id, pair)) });
    await announceMessages(
      this.context,
      room,
      moved.map(({ after }) => after),
    );
  }

  private async run(): Promise<void> {
    if (this.stopped) return;
    await this.purge();
    await this.arm();
  }

  private async purgeOne(due: DueMessage): Promise<void> {
    const room = this.rooms.get(due.conversation);
    if (room === undefined) {
      // Its conversation can't be shown any more.
      const { damaged } = this.context.store;
      return this.context.store.commit(await damaged.removeMessages(due.conversation, new Set([due.order])));
    }
    await room.serial.run(async () => {
      const message = await this.context.store.message(due.conversation, due.order);
      // The message has moved or its deadline has: only this note of it is left.
      if (message?.deadline !== due.at)
        return this.context.store.commit([this.context.store.deadlines.remove(due)]);
      await removeMessages(this.context, room, { messages: [message], cause: 'expired' });
    });
  }
}

/** Out of the store, with everything that is counted of it; then from the screen. Call it within the serial. */
export async function removeMessages(
  context: Context,
  room: Room,
  gone: { messages: readonly MessageRecord[]; cause: 'expired' | 'deleted' | 'deleted-for-me' },
): Promise<void> {
  const record = gone.messages.reduce(uncount, room.record);
  const firstUnread = await nextUnread(context, record, gone.messages);
  await room.save(context, {
    record: { ...record, firstUnread },
    changes: [
      ...gone.messages.flatMap((message) => context.store.removeMessage(room.id, message)),
      ...(gone.cause === 'deleted-for-me' ? [] : await withdrawEdits(context, room, gone.messages)),
    ],
  });
  await announceGone(context, room, gone);
}

function uncount(record: ConversationRecord, message: MessageRecord): ConversationRecord {
  const wasUnread =
    !message.own &&
    !isWaiting(message.order) &&
    message.order > record.seenOrder &&
    message.content.kind !== 'notice';
  return wasUnread ? { ...record, unread: Math.max(0, record.unread - 1) } : record;
}

async function nextUnread(
  context: Context,
  record: ConversationRecord,
  gone: readonly MessageRecord[],
): Promise<string | null> {
  const keys = new Set<string>(gone.map(({ author, messageId }) => faceKey(author, messageId)));
  if (record.unread === 0) return null;
  if (record.firstUnread === null || !keys.has(record.firstUnread)) return record.firstUnread;
  const page = await context.store.page(record.id, { before: null, limit: record.unread + gone.length + 8 });
  const next = page.find(
    (message) =>
      !message.own &&
      message.order > record.seenOrder &&
      !keys.has(faceKey(message.author, message.messageId)),
  );
  return next === undefined ? null : faceKey(next.author, next.messageId);
}

/**
 * The server says that these entries are gone. It counts only where the entry's own rules let it go: a server can't
 * wipe permanent history (protocol §6). Call it within the serial.
 */
export async function receiveExpired(
  context: Context,
  room: Room,
  messages: readonly MessageRecord[],
): Promise<void> {
  const gone = messages.filter(
    (message) =>
      message.content.kind === 'text' &&
      (message.timer.mode === 'after-send' ||
        (message.timer.mode === 'after-read' && !message.own && message.seenAt === null)),
  );
  if (gone.length > 0) await removeMessages(context, room, { messages: gone, cause: 'expired' });
}
