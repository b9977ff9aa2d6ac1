import {
  decodeBase64url,
  fetchMessages,
  syncMessages,
  type ConversationId,
  type LogEntry,
  type Seq,
  type SyncAnswer,
  type SyncedConversation,
} from '@wisp/protocol';
import { Absence } from './absence.js';
import { announceConversation } from './announce.js';
import { goAstray, isAstray } from './astray.js';
import type { Context } from './context.js';
import { countedByServer } from './counted-by-server.js';
import { followFork } from './follow-fork.js';
import { holdSending, setHold } from './holds.js';
import { sameBytes } from './integrity.js';
import { judgeAtHead, walkLog } from './log-walk.js';
import { settleConfirmed } from './settle-confirmed.js';
import type { Room } from './room.js';
import { sha256 } from './sha256.js';
import { inBackground } from '../in-background.js';

const PAGE = 200;
const EARLY_ENTRIES = 64;
const EARLY_WAIT = 250;

export type SyncOutcome = 'synced' | 'unreachable';

/** Follows the log: `sync` says what moved, `fetch` reads it, live entries only make it sooner (design §3). */
export class LogSync {
  private token: string | undefined;
  /** Their heads were below what this device has read. */
  private readonly suspects = new Set<ConversationId>();
  private readonly absence: Absence;

  constructor(
    private readonly context: Context,
    private readonly rooms: Map<ConversationId, Room>,
    private readonly told: {
      onWalked: (room: Room) => void;
      /** The server has named its time, which may be set back; resolves once what is stored goes by it. */
      onTimeHeard: () => Promise<void>;
    },
  ) {
    this.absence = new Absence(context);
  }

  /** Asks over HTTP what changed since the last stored answer, and catches up. */
  async sync(): Promise<SyncOutcome> {
    const query = this.token === undefined ? {} : { since: this.token };
    const result = await this.context.http.call(syncMessages, { query });
    if (result.kind !== 'ok') return 'unreachable';
    // Where no connection comes about, this is the return.
    if (this.context.realtime.state.kind !== 'online') this.noteReturn(result.value);
    return this.receiveSynced(result.value);
  }

  /** The token that the gateway's `synced` answers from. */
  since(): string | undefined {
    return this.token;
  }

  async load(): Promise<void> {
    this.token = (await this.context.store.syncValue('since')) ?? undefined;
    await this.absence.load();
  }

  /** The first frame of a connection: what lies before its heads went by while this device was away. */
  async receiveConnected(answer: SyncAnswer): Promise<SyncOutcome> {
    this.noteReturn(answer);
    return this.receiveSynced(answer);
  }

  private noteReturn(answer: SyncAnswer): void {
    const heads = new Map([...this.rooms].map(([id, { record }]) => [id, record.serverHead]));
    for (const { id, head } of answer.conversations) heads.set(id, head);
    this.absence.noteReturn(heads);
  }

  /** What moved: remembered, then fetched. The token advances only once all of it is stored. */
  async receiveSynced(answer: SyncAnswer): Promise<SyncOutcome> {
    this.context.time.correct(answer.time);
    await this.told.onTimeHeard();
    this.absence.hearRetention(answer.retention);
    // Whoever wakes from a long sleep may ask before the connection stands again.
    if (this.absence.isLong()) this.noteReturn(answer);
    for (const synced of answer.conversations) await this.receiveHead(synced, answer.timeline);
    for (const { id } of answer.left) await this.receiveLeft(id);
    await this.followUnknown(answer);
    const outcome = await this.catchUp();
    await this.absence.save(
      [
        this.context.store.putSyncValue('since', answer.since),
        this.context.store.putSyncValue('clock-offset', String(this.context.time.offset())),
      ],
      outcome === 'synced' ? answer.time : null,
    );
    this.token = answer.since;
    if (outcome === 'synced') this.endAbsences();
    return outcome;
  }

  /** What is absent from now on went by before this device's eyes. */
  private endAbsences(): void {
    for (const room of this.rooms.values()) if (room.away !== null) room.away = { ...room.away, lasted: 0 };
  }

  private async receiveHead(synced: SyncedConversation, timeline: number): Promise<void> {
    const room = this.rooms.get(synced.id);
    if (room === undefined) return;
    await room.serial.run(async () => {
      const known = room.record.timeline;
      const isMoved = known > 0 && timeline > known;
      // Without a fork it was lost as a whole and brought in anew under this timeline.
      if (isMoved)
        await followFork(this.context, room, { timeline, fork: synced.fork ?? (0 as Seq), synced });
      const { record } = room;
      // Older than the commit that this incarnation began with: its counters are another one's.
      const isOld = synced.newestCommitSeq < record.beganAtSeq;
      await room.save(this.context, {
        record: {
          ...record,
          serverHead: synced.head,
          timeline: Math.max(timeline, known),
          ...countedByServer(record, synced),
          serverSawCounter: isOld ? record.serverSawCounter : synced.lastN,
        },
      });
      // Perhaps only older than what was pushed meanwhile: a fetch that begins now decides.
      if (synced.head < record.cursor) this.suspects.add(room.id);
      if (!isOld && synced.lastN > record.ownN && record.state === 'joined' && !isAstray(record))
        await this.noteRollBack(room);
      if (
        record.peer !== null &&
        synced.deletedUsers?.includes(record.peer) &&
        record.hold?.kind !== 'peer-deleted-account'
      ) {
        await setHold(this.context, room, { kind: 'peer-deleted-account' });
      }
    });
  }

  /**
   * A restored log answers with everything that it has: what it doesn't name was begun after its copy was made. The
   * next incarnation brings it in again.
   */
  private async followUnknown({ timeline, conversations, left }: SyncAnswer): Promise<void> {
    const named = new Set([...conversations, ...left].map(({ id }) => id));
    const nothing = { head: 0 as Seq, newestCommitSeq: 0 as Seq, lastN: 0 };
    for (const room of this.rooms.values()) {
      if (named.has(room.id)) continue;
      await room.serial.run(async () => {
        if (room.record.state !== 'joined' || !isOtherTimeline(room.record, timeline)) return;
        await followFork(this.context, room, { timeline, fork: nothing.head, synced: nothing });
      });
    }
  }

  /** Somebody has sent with this device's keys: this store is an old copy (protocol §7). */
  private async noteRollBack(room: Room): Promise<void> {
    const why = { badSeq: null, now: this.context.time.now(), random: this.context.random() };
    const record = goAstray(room.record, { reason: 'store-rolled-back', ...why });
    await room.save(this.context, { record, session: null });
    await announceConversation(this.context, room);
  }

  private async receiveLeft(id: ConversationId): Promise<void> {
    const room = this.rooms.get(id);
    if (room === undefined || room.record.state !== 'joined') return;
    await room.serial.run(async () => {
      // The commit that says why can't be fetched any more by who isn't a member.
      await room.save(this.context, { record: { ...room.record, state: 'left', hold: { kind: 'left' } } });
      await setHold(this.context, room, { kind: 'left' });
    });
  }

  /** Reads everything between cursors and heads. */
  async catchUp(): Promise<SyncOutcome> {
    for (;;) {
      const behind = [...this.rooms.values()].filter(
        ({ id, record }) => isBehind(record) || this.suspects.has(id),
      );
      if (behind.length === 0) return 'synced';
      const before = behind.map(({ record }) => record.cursor);
      if ((await this.fetch(behind.slice(0, 50))) === 'unreachable') return 'unreachable';
      // A server that names heads and serves nothing must not keep this turning.
      if (behind.every(({ record }, i) => record.cursor === before[i])) return 'synced';
    }
  }

  private async fetch(rooms: Room[]): Promise<SyncOutcome> {
    const read = new Map(rooms.map(({ id, record }) => [id, record.cursor]));
    const result = await this.context.http.call(fetchMessages, {
      body: {
        conversations: rooms.map(({ id, record }) => ({
          conversation: id,
          after: record.cursor,
          limit: PAGE,
        })),
      },
    });
    if (result.kind !== 'ok') return 'unreachable';
    this.context.time.correct(result.value.time);
    await this.told.onTimeHeard();
    for (const page of result.value.pages) {
      const room = this.rooms.get(page.conversation);
      if (room === undefined || page.status !== 'ok') continue;
      await room.serial.run(async () => {
        // Restored since the last sync: where it forked has to be known first.
        if (isOtherTimeline(room.record, result.value.timeline)) return;
        const serverHead = Math.max(room.record.serverHead, page.head) as Seq;
        if (serverHead !== room.record.serverHead)
          await room.save(this.context, { record: { ...room.record, serverHead } });
        room.away = this.absence.from(room.id);
        await walkLog(this.context, room, page);
        // A head that nothing leads to must not put the verdict off for ever.
        const after = read.get(room.id) ?? 0;
        if (page.through <= after && room.record.cursor === after) await judgeAtHead(this.context, room);
        await settleConfirmed(this.context, room);
        if (page.head < after) await this.findTheEnd(room, { head: page.head, read: after });
      });
      this.told.onWalked(room);
    }
    for (const { id } of rooms) this.suspects.delete(id);
    return 'synced';
  }

  /** The log ends below what this device was told it had read: what that page left out is read after all. */
  private async findTheEnd(room: Room, log: { head: Seq; read: Seq | 0 }): Promise<void> {
    const { headSeq, cursor } = room.record;
    if (headSeq <= log.head && headSeq < cursor)
      await room.save(this.context, { record: { ...room.record, cursor: headSeq } });
    await holdSending(this.context, room, `the log ends at ${log.head}, this device had read ${log.read}`);
  }

  /** Live entries: walked when they are next, kept for a moment when early, fetched when the gap stays. */
  async receiveEntries(
    id: ConversationId,
    { entries, timeline }: { entries: readonly LogEntry[]; timeline: number },
  ): Promise<void> {
    const room = this.rooms.get(id);
    if (room === undefined || room.record.state === 'left') return;
    if (isOtherTimeline(room.record, timeline)) {
      await this.sync();
      return;
    }
    await room.serial.run(async () => {
      if (room.record.timeline === 0) room.record = { ...room.record, timeline };
      for (const entry of entries) {
        if (entry.seq > room.record.cursor && room.early.size < EARLY_ENTRIES)
          room.early.set(entry.seq, entry);
        if (entry.seq <= room.record.headSeq) await this.checkRepeated(room, entry);
        // A page left it out and claimed to be complete: a fetch decides which of the two is true.
        if (entry.seq <= room.record.cursor && entry.seq > room.record.headSeq) this.suspects.add(id);
      }
      const highest = Math.max(room.record.serverHead, ...entries.map(({ seq }) => seq)) as Seq;
      if (highest > room.record.serverHead) room.record = { ...room.record, serverHead: highest };
      for (;;) {
        const next = (room.record.cursor + 1) as Seq;
        const entry = room.early.get(next);
        if (entry === undefined) break;
        room.early.delete(next);
        await walkLog(this.context, room, { entries: [entry], through: next });
      }
      for (const seq of room.early.keys()) if (seq <= room.record.cursor) room.early.delete(seq);
      await settleConfirmed(this.context, room);
    });
    this.told.onWalked(room);
    if (isBehind(room.record) || this.suspects.has(id)) {
      this.context.clock.after(EARLY_WAIT * (1 + this.context.random()), () => {
        if (isBehind(room.record) || this.suspects.has(id)) inBackground(this.catchUp());
      });
    }
  }

  /** A place in the log has one entry: another one there is of another history. */
  private async checkRepeated(room: Room, { seq, body }: LogEntry): Promise<void> {
    const held = await this.context.store.heldHash(room.id, seq);
    if (held === null || sameBytes(held, await sha256(decodeBase64url(body)))) return;
    await holdSending(this.context, room, `entry ${seq} isn't the one that this device holds`);
  }

  /** The head was rung. */
  async receiveRing(id: ConversationId, { seq, timeline }: { seq: Seq; timeline: number }): Promise<void> {
    const room = this.rooms.get(id);
    if (room === undefined) return;
    if (isOtherTimeline(room.record, timeline)) {
      await this.sync();
      return;
    }
    await room.serial.run(async () => {
      if (seq > room.record.serverHead)
        await room.save(this.context, { record: { ...room.record, serverHead: seq } });
    });
    await this.catchUp();
  }
}

function isBehind(record: Room['record']): boolean {
  return record.cursor < record.serverHead && (record.state === 'joined' || record.state === 'creating');
}

/** The log was restored, and this device hasn't followed yet. */
function isOtherTimeline(record: Room['record'], timeline: number): boolean {
  return record.timeline > 0 && timeline > record.timeline;
}
