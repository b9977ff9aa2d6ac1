import type { ConversationId, MessageId, UserId } from '@wisp/protocol';
import { typingFrame, watchFrame } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { ConversationView, MessageKey, MessageView, Page, Timer } from '../face.js';
import type { ReceivedFrame } from '../transport/transport.js';
import { announceConversation, announceMessages } from './announce.js';
import { timerFromView } from './clocks.js';
import type { Context } from './context.js';
import { Expiry, receiveExpired } from './expiry.js';
import { releaseHold } from './holds.js';
import { joinWaiting } from './join.js';
import { fromFaceKey, orderOf } from './keys.js';
import { Outgoing } from './outgoing.js';
import { proposeCommit } from './own-commit.js';
import type { MessageRecord } from './records.js';
import { Room } from './room.js';
import { markSeen } from './see.js';
import { deleteForEveryone, deleteForMe, editOwn, sayText, sendAgain } from './speak.js';
import { startDirect } from './start-direct.js';
import { LogSync } from './sync.js';
import { viewConversation, viewMessages } from './views.js';
import { inBackground } from '../in-background.js';

/** All conversations of the signed-in user: commands of the face on one side, frames of the gateway on the other. */
export class Conversations {
  private readonly rooms = new Map<ConversationId, Room>();
  private readonly log: LogSync;
  private readonly expiry: Expiry;
  private readonly outgoing: Outgoing;
  private isClosed = false;

  private constructor(private readonly context: Context) {
    this.log = new LogSync(context, this.rooms, (room) => {
      this.outgoing.walked(room);
      inBackground(this.expiry.arm());
    });
    this.expiry = new Expiry(context, (id) => this.rooms.get(id));
    this.outgoing = new Outgoing({
      context,
      log: this.log,
      onDirectExists: async (room) => {
        await this.forget(room);
        await this.join();
      },
      onSettled: () => this.expiry.arm(),
    });
  }

  /** Loads what the store holds; what is past its time is gone before this resolves. */
  static async open(context: Context): Promise<Conversations> {
    const conversations = new Conversations(context);
    for (const record of await context.store.conversations())
      conversations.rooms.set(record.id, new Room(record));
    await conversations.log.load();
    await conversations.expiry.purge();
    await conversations.expiry.arm();
    return conversations;
  }

  close(): void {
    this.isClosed = true;
    this.outgoing.close();
    this.expiry.stop();
  }

  count(): number {
    return this.rooms.size;
  }

  /** The sync token for the next handshake. */
  since(): string | undefined {
    return this.log.since();
  }

  async list(): Promise<ConversationView[]> {
    const views = await Promise.all(
      [...this.rooms.values()].map((room) => viewConversation(this.context, room)),
    );
    return views.sort((a, b) => b.activeAt - a.activeAt);
  }

  async page(input: { conversation: ConversationId; before?: MessageKey; limit: number }): Promise<Page> {
    const room = this.room(input.conversation);
    const before = input.before === undefined ? null : await this.orderOfKey(room, input.before);
    const records = await this.context.store.page(room.id, { before, limit: input.limit + 1 });
    const more = records.length > input.limit;
    return { messages: await this.view(room, more ? records.slice(1) : records), more };
  }

  /** The conversation with somebody: the one that stands, or a new one. Resolves once the server has it. */
  async startDirect(peer: UserId): Promise<ConversationId> {
    if (peer === this.context.self.userId) throw new EngineError('that-is-you');
    const known = [...this.rooms.values()].find(
      ({ record }) => record.peer === peer && record.state !== 'left',
    );
    if (known !== undefined) return known.id;
    const room = await startDirect(this.context, peer);
    this.rooms.set(room.id, room);
    const submission = await this.outgoing.submit(room);
    if (submission.kind === 'direct-exists') {
      if (!this.rooms.has(submission.conversation)) throw new EngineError('unreachable-user');
      return submission.conversation;
    }
    if (submission.kind === 'refused') {
      await this.forget(room);
      throw new EngineError('server-refused');
    }
    await announceConversation(this.context, room);
    return room.id;
  }

  async send(input: {
    conversation: ConversationId;
    text: string;
    timer?: Timer;
    quote?: MessageKey;
    id?: MessageId;
  }): Promise<MessageKey> {
    const room = this.room(input.conversation);
    const key = await room.serial.run(() => sayText(this.context, room, input));
    this.outgoing.drain(room);
    return key;
  }

  sendAgain(input: { conversation: ConversationId; key: MessageKey }): Promise<void> {
    return this.act(input.conversation, (room) => sendAgain(this.context, room, input.key));
  }

  edit(input: { conversation: ConversationId; key: MessageKey; text: string }): Promise<void> {
    return this.act(input.conversation, (room) => editOwn(this.context, room, input));
  }

  deleteForMe(input: { conversation: ConversationId; key: MessageKey }): Promise<void> {
    return this.act(input.conversation, (room) => deleteForMe(this.context, room, input.key));
  }

  deleteForEveryone(input: { conversation: ConversationId; key: MessageKey }): Promise<void> {
    return this.act(input.conversation, (room) => deleteForEveryone(this.context, room, input.key));
  }

  markSeen(input: { conversation: ConversationId; keys: MessageKey[] }): Promise<void> {
    return this.act(input.conversation, (room) => markSeen(this.context, room, input.keys));
  }

  releaseHold(input: { conversation: ConversationId }): Promise<void> {
    return this.act(input.conversation, (room) => releaseHold(this.context, room));
  }

  async saveDraft(input: { conversation: ConversationId; text: string }): Promise<void> {
    const room = this.room(input.conversation);
    await room.serial.run(() => room.save(this.context, { record: { ...room.record, draft: input.text } }));
  }

  /** The chat's timer for new messages, by a commit. */
  async setTimer(input: { conversation: ConversationId; timer: Timer }): Promise<void> {
    const room = this.room(input.conversation);
    if (room.record.state !== 'joined') throw new EngineError('not-allowed');
    const timer = timerFromView(input.timer);
    await room.serial.run(() => proposeCommit(this.context, room, { kind: 'settings', change: { timer } }));
    await this.outgoing.submit(room);
  }

  async watch(conversation: ConversationId | null): Promise<void> {
    await this.context.realtime.send(watchFrame, { conversation });
  }

  async setTyping(input: { conversation: ConversationId; on: boolean }): Promise<void> {
    await this.context.realtime.send(typingFrame, input);
  }

  /** How many messages wait in all outboxes. */
  async waiting(): Promise<number> {
    let count = 0;
    for (const room of this.rooms.values()) {
      const items = await this.context.store.outbox(room.id, 1000);
      count += items.filter(({ record }) => record.say.type === 'text' && !record.confirmed).length;
    }
    return count;
  }

  /** The connection is gone: nothing is sent before the next sync. */
  disconnected(): void {
    this.outgoing.disconnected();
  }

  /** A frame of the gateway. */
  async receive(frame: ReceivedFrame): Promise<void> {
    if (this.isClosed) return;
    switch (frame.event) {
      case 'synced': {
        const outcome = await this.log.receiveSynced(frame.payload);
        await this.join();
        if (outcome === 'synced') await this.outgoing.resume(this.rooms.values());
        break;
      }
      case 'entries':
        if (this.rooms.has(frame.payload.conversation))
          await this.log.receiveEntries(frame.payload.conversation, frame.payload.entries);
        else await this.join();
        break;
      case 'head':
        await this.log.receiveRing(frame.payload.conversation, frame.payload.seq);
        break;
      case 'expired':
        await this.act(frame.payload.conversation, (room) => this.expired(room, frame.payload.seqs), 'quiet');
        break;
      case 'acked':
        await this.acked(frame.payload);
        break;
      case 'welcome':
        await this.join();
        break;
      case 'devices':
        await this.devicesMoved(frame.payload.user);
        break;
      case 'hint':
        this.context.clock.after(frame.payload.within * this.context.random(), () =>
          inBackground(this.catchUp()),
        );
        break;
      case 'typing':
        this.context.emit({
          type: 'typingChanged',
          conversation: frame.payload.conversation,
          users: frame.payload.on ? [frame.payload.user] : [],
        });
        break;
      case 'presence':
      case 'device-missing':
      case 'requests':
      case 'bye':
      case 'closing':
        break;
    }
    await this.expiry.arm();
  }

  /** Syncs over HTTP, joins what waits, sends what waits. */
  async catchUp(): Promise<void> {
    if (this.isClosed || (await this.log.sync()) !== 'synced') return;
    await this.join();
    await this.outgoing.resume(this.rooms.values());
  }

  private async join(): Promise<void> {
    for (const room of await joinWaiting(this.context, this.rooms)) {
      this.rooms.set(room.id, room);
      await announceConversation(this.context, room);
    }
    await this.log.catchUp();
  }

  private async expired(room: Room, seqs: readonly number[]): Promise<void> {
    const found: MessageRecord[] = [];
    for (const seq of seqs) {
      const message = await this.context.store.message(
        room.id,
        orderOf(seq as MessageRecord['seq'] & number),
      );
      if (message !== null) found.push(message);
    }
    await receiveExpired(this.context, room, found);
  }

  private async acked(mark: {
    conversation: ConversationId;
    user: UserId;
    device: string;
    seq: number;
  }): Promise<void> {
    const room = this.rooms.get(mark.conversation);
    if (room === undefined || mark.user === this.context.self.userId) return;
    await room.serial.run(async () => {
      const before = room.record.acked[mark.device] ?? 0;
      if (mark.seq <= before) return;
      await room.save(this.context, {
        record: { ...room.record, acked: { ...room.record.acked, [mark.device]: mark.seq as never } },
      });
      const page = await this.context.store.page(room.id, { before: null, limit: 50 });
      const delivered = page.filter(({ own, seq }) => own && seq !== null && seq > before && seq <= mark.seq);
      await announceMessages(this.context, room, delivered);
    });
  }

  private async devicesMoved(user: UserId): Promise<void> {
    await this.context.contacts.update(user);
    await this.log.sync();
    await this.announceAllWith(user);
  }

  /** What is known of a person has changed. */
  async announceAllWith(user: UserId): Promise<void> {
    for (const room of this.rooms.values()) {
      if (room.record.users.includes(user)) await announceConversation(this.context, room);
    }
  }

  private async forget(room: Room): Promise<void> {
    await room.serial.run(() => this.context.store.commit(this.context.store.removeConversation(room.id)));
    this.rooms.delete(room.id);
    this.context.emit({ type: 'conversationRemoved', conversation: room.id });
  }

  private async act(
    id: ConversationId,
    change: (room: Room) => Promise<void>,
    unknown: 'fails' | 'quiet' = 'fails',
  ): Promise<void> {
    if (unknown === 'quiet' && !this.rooms.has(id)) return;
    const room = this.room(id);
    await room.serial.run(() => change(room));
    this.outgoing.drain(room);
    await this.expiry.arm();
  }

  private room(id: ConversationId): Room {
    const room = this.rooms.get(id);
    if (room === undefined) throw new EngineError('gone');
    return room;
  }

  private async orderOfKey(room: Room, key: MessageKey): Promise<number | null> {
    const { author, messageId } = fromFaceKey(key);
    return (await this.context.store.findMessage(room.id, author, messageId))?.order ?? null;
  }

  private view(room: Room, records: readonly MessageRecord[]): Promise<MessageView[]> {
    return viewMessages(this.context, room, records);
  }
}
