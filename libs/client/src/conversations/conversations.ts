import { typingFrame, watchFrame, type ConversationId, type MessageId, type UserId } from '@wisp/protocol';
import { EngineError } from '../engine-error.js';
import type { ConversationView, MessageKey, MessageView, Page, Timer } from '../face.js';
import type { ReceivedFrame } from '../transport/transport.js';
import { announceConversation } from './announce.js';
import { Beginnings } from './beginnings.js';
import { timerFromView } from './clocks.js';
import type { Context } from './context.js';
import { Damage } from './damage.js';
import { Expiry } from './expiry.js';
import { leaveChat } from './gone-while-away.js';
import { releaseHold } from './holds.js';
import { receiveFrame } from './incoming.js';
import { fromFaceKey } from './keys.js';
import { Mending } from './mending.js';
import { Outgoing } from './outgoing.js';
import { proposeCommit } from './own-commit.js';
import type { MessageRecord } from './records.js';
import { rebuildConversation } from './rebuild-conversation.js';
import { Room } from './room.js';
import { markSeen } from './see.js';
import { deleteForEveryone, deleteForMe, editOwn, keepDraft, sayText, sendAgain } from './speak.js';
import { LogSync } from './sync.js';
import { viewConversation, viewMessages } from './views.js';
import { inBackground } from '../in-background.js';

/** Half of it to one and a half pass between two syncs. */
const SYNC_EVERY = 5 * 60 * 1000;

/** All conversations of the signed-in user: commands of the face on one side, frames of the gateway on the other. */
export class Conversations {
  private readonly rooms = new Map<ConversationId, Room>();
  private readonly log: LogSync;
  private readonly expiry: Expiry;
  private readonly outgoing: Outgoing;
  private readonly beginnings: Beginnings;
  private readonly mending: Mending;
  private readonly damage: Damage;
  private cancelSync: () => void = () => undefined;
  private watched: ConversationId | null = null;
  private isClosed = false;

  private constructor(private readonly context: Context) {
    this.log = new LogSync(context, this.rooms, {
      onWalked: (room) => {
        this.outgoing.walked(room);
        this.mending.arm();
        inBackground(this.expiry.arm());
      },
      onTimeHeard: () => this.expiry.keepPace(),
    });
    this.expiry = new Expiry(context, this.rooms);
    this.outgoing = new Outgoing({
      context,
      log: this.log,
      onDirectExists: (room, conversation) => this.beginnings.giveWay(room, conversation),
      onNeverBegun: (room) => this.beginnings.forget(room),
      onSettled: () => {
        this.mending.arm();
        return this.expiry.arm();
      },
    });
    this.mending = new Mending({
      context,
      rooms: this.rooms,
      submit: (room) => this.outgoing.submit(room),
      drain: (room) => this.outgoing.drain(room),
    });
    this.damage = new Damage({
      context,
      roomOf: (id) => this.rooms.get(id),
      onCleared: () => this.mending.arm(),
    });
    this.beginnings = new Beginnings({
      context,
      rooms: this.rooms,
      submit: (room) => this.outgoing.submit(room),
      sync: () => this.log.sync(),
      catchUp: () => this.log.catchUp(),
    });
  }

  /** Loads what the store holds; what is past its time is gone before this resolves. */
  static async open(context: Context): Promise<Conversations> {
    const conversations = new Conversations(context);
    const { sound, damaged } = await context.store.conversations();
    for (const record of sound) conversations.rooms.set(record.id, new Room(record));
    for (const id of damaged) {
      const room = await rebuildConversation(context, id);
      if (room !== null) conversations.rooms.set(id, room);
    }
    await conversations.log.load();
    await conversations.expiry.purge();
    await conversations.damage.open(conversations.rooms.values());
    await conversations.expiry.arm();
    conversations.armSync();
    return conversations;
  }

  close(): void {
    this.isClosed = true;
    this.cancelSync();
    this.outgoing.close();
    this.mending.close();
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
  startDirect(peer: UserId): Promise<ConversationId> {
    return this.beginnings.startDirect(peer);
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
    await room.serial.run(() => keepDraft(this.context, room, input.text));
  }

  /** The chat's timer for new messages, by a commit. */
  async setTimer(input: { conversation: ConversationId; timer: Timer }): Promise<void> {
    const room = this.room(input.conversation);
    if (room.record.state !== 'joined') throw new EngineError('not-allowed');
    const timer = timerFromView(input.timer);
    const { mode, ttl } = room.record.timer;
    if (timer.mode === mode && timer.ttl === ttl) return;
    await room.serial.run(() => proposeCommit(this.context, room, { kind: 'settings', change: { timer } }));
    const submission = await this.outgoing.submit(room);
    if (submission.kind === 'refused') throw new EngineError('server-refused');
  }

  async watch(conversation: ConversationId | null): Promise<void> {
    const left = this.watched === conversation ? null : this.watched;
    this.watched = conversation;
    await this.context.realtime.send(watchFrame, { conversation });
    const room = left === null ? undefined : this.rooms.get(left);
    await room?.serial.run(() => leaveChat(this.context, room));
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
    this.mending.disconnected();
  }

  /** A frame of the gateway. */
  async receive(frame: ReceivedFrame): Promise<void> {
    if (this.isClosed) return;
    const parts = {
      context: this.context,
      rooms: this.rooms,
      log: this.log,
      join: () => this.beginnings.join(),
      resume: () => this.resume(),
      answer: () => this.mending.answer(),
      catchUp: () => this.catchUp(),
    };
    await receiveFrame(parts, frame);
    await this.expiry.arm();
  }

  /** Syncs over HTTP, joins what waits, sends what waits. */
  async catchUp(): Promise<void> {
    if (this.isClosed || (await this.log.sync()) !== 'synced') return;
    await this.beginnings.join();
    await this.resume();
  }

  private async resume(): Promise<void> {
    if (!(await this.outgoing.resume(this.rooms.values()))) return;
    for (const user of await findUnknown(this.context, this.rooms.values())) {
      const found = await this.context.contacts.update(user);
      if (found.kind === 'found') await this.announceAllWith(user);
    }
    await this.mending.resume();
  }

  /** Now and then, whatever the doorbells say (server §3). */
  private armSync(): void {
    const { clock, random } = this.context;
    this.cancelSync = clock.after(SYNC_EVERY * (0.5 + random()), () => {
      if (this.isClosed) return;
      this.armSync();
      inBackground(this.catchUp());
    });
  }

  /** What is known of a person has changed. */
  async announceAllWith(user: UserId): Promise<void> {
    for (const room of this.rooms.values()) {
      if (room.record.users.includes(user)) await announceConversation(this.context, room);
    }
  }

  private async act(id: ConversationId, change: (room: Room) => Promise<void>): Promise<void> {
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

/** Members whose contact is damaged. */
async function findUnknown(context: Context, rooms: Iterable<Room>): Promise<Set<UserId>> {
  const unknown = new Set<UserId>();
  for (const { record } of rooms)
    for (const user of record.users) if ((await context.contacts.get(user)) === null) unknown.add(user);
  return unknown;
}
