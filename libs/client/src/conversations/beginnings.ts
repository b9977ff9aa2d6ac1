import type { ConversationId, UserId } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import { announceConversation } from './announce.js';
import { timerView } from './clocks.js';
import type { Context } from './context.js';
import { joinWaiting } from './join.js';
import type { Submission } from './own-commit.js';
import type { Room } from './room.js';
import { Serial } from './serial.js';
import { sayText } from './speak.js';
import { startDirect } from './start-direct.js';
import type { SyncOutcome } from './sync.js';

/** How long the Welcome of a conversation that the server has named may take. */
const WELCOME_PATIENCE = 10_000;
const OUTBOX_WINDOW = 1000;

export interface BeginningsParts {
  context: Context;
  rooms: Map<ConversationId, Room>;
  submit: (room: Room) => Promise<Submission>;
  sync: () => Promise<SyncOutcome>;
  catchUp: () => Promise<unknown>;
}

/** How conversations come to be on this device: begun here, or joined by a Welcome. */
export class Beginnings {
  /** Two at once would join by the same Welcome twice. */
  private readonly joining = new Serial();
  private readonly onJoined = new Set<() => void>();

  constructor(private readonly parts: BeginningsParts) {}

  /** The conversation with somebody: the one that stands, or a new one. Resolves once the server has it. */
  async startDirect(peer: UserId): Promise<ConversationId> {
    const { context, rooms, submit } = this.parts;
    if (peer === context.self.userId) throw new EngineError('that-is-you');
    const known = [...rooms.values()].find(({ record }) => record.peer === peer && record.state !== 'left');
    if (known !== undefined) return known.id;
    const room = await startDirect(context, peer);
    rooms.set(room.id, room);
    const submission = await submit(room);
    if (submission.kind === 'direct-exists') {
      if (!rooms.has(submission.conversation)) throw new EngineError('unreachable-user');
      return submission.conversation;
    }
    if (submission.kind === 'refused') throw new EngineError('server-refused');
    await announceConversation(context, room);
    return room.id;
  }

  /** Joins what waits, and reads it. */
  async join(): Promise<void> {
    const { catchUp, sync } = this.parts;
    // A Welcome may be rung before the entry of its commit, or before this device knows that the log was restored.
    const waits = await this.joinOnce({ isSynced: false });
    if (waits && (await sync()) === 'synced') await this.joinOnce({ isSynced: true });
    for (const tell of this.onJoined) tell();
    await catchUp();
  }

  /** Whether something waits for entries that this device hasn't read. */
  private joinOnce(how: { isSynced: boolean }): Promise<boolean> {
    const { context, rooms } = this.parts;
    return this.joining.run(async () => {
      const { joined, waits } = await joinWaiting(context, rooms, how);
      for (const room of joined) {
        rooms.set(room.id, room);
        await announceConversation(context, room);
      }
      return waits;
    });
  }

  /** The pair has a conversation already: what was said here goes on there. Without it this one stays, to try again. */
  async giveWay(room: Room, to: ConversationId): Promise<void> {
    const { context, rooms } = this.parts;
    await this.join();
    if (!rooms.has(to)) {
      await this.nextJoin();
      await this.join();
    }
    const other = rooms.get(to);
    if (other === undefined) return;
    for (const { record } of await context.store.outbox(room.id, OUTBOX_WINDOW)) {
      const { say, timer, messageId } = record;
      if (say.type !== 'text') continue;
      const input = { text: say.text, timer: timerView(timer), id: messageId };
      await other.serial.run(() => sayText(context, other, input));
    }
    await this.forget(room);
  }

  /** It never came to be. */
  async forget(room: Room): Promise<void> {
    const { context, rooms } = this.parts;
    await room.serial.run(async () => context.store.commit(await context.store.removeConversation(room.id)));
    rooms.delete(room.id);
    context.emit({ type: 'conversationRemoved', conversation: room.id });
  }

  private nextJoin(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.onJoined.delete(done);
        resolve();
      };
      const cancel = this.parts.context.clock.after(WELCOME_PATIENCE, done);
      this.onJoined.add(done);
    });
  }
}
