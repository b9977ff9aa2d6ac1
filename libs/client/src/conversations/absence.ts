import { retention, type ConversationId, type Retention, type Seq } from '@wisp/protocol';
import type { Change } from '../store/store.js';
import type { Context } from './context.js';
import { isLong, longerOf, staysOf } from './retention.js';
import type { Away } from './room.js';

/** Since when this device has read nothing to the end, and what the server may have let go meanwhile. */
export class Absence {
  /** Server time of the last sync that was read to the end. */
  private syncedAt = 0;
  /** The same moment by this device's own clock, which no server sets; null: never. */
  private syncedOn: number | null = null;
  /** The longest that the server has stated. */
  private stated: Retention | null = null;
  /** The newest. Everything up to these heads was stored before the return. */
  private newest = { since: 0, lasted: 0, heads: new Map<ConversationId, Seq>() };

  constructor(private readonly context: Pick<Context, 'store' | 'clock'>) {}

  async load(): Promise<void> {
    const { store } = this.context;
    this.syncedAt = Number((await store.syncValue('synced-at')) ?? 0);
    const syncedOn = await store.syncValue('synced-on');
    this.syncedOn = syncedOn === null ? null : Number(syncedOn);
    const stated = await store.syncValue('retention');
    this.stated = stated === null ? null : retention.parse(JSON.parse(stated));
  }

  hearRetention(stated: Retention | undefined): void {
    this.stated = longerOf(this.stated, stated);
  }

  /** Longer than the server keeps messages. */
  isLong(): boolean {
    return isLong({ lasted: this.silence(), stays: staysOf(this.stated) });
  }

  /** What lies before these heads went by while this device was away. */
  noteReturn(heads: Map<ConversationId, Seq>): void {
    this.newest = { since: this.syncedAt, lasted: this.silence(), heads };
  }

  from(conversation: ConversationId): Away | null {
    const { since, lasted, heads } = this.newest;
    const to = heads.get(conversation);
    return to === undefined ? null : { since, lasted, to, stays: staysOf(this.stated) };
  }

  /** Stores how far this device has come with the changes of a sync. `readToEnd`: its server time; null: it wasn't. */
  async save(changes: readonly Change[], readToEnd: number | null): Promise<void> {
    const { store, clock } = this.context;
    const syncedAt = readToEnd ?? this.syncedAt;
    const syncedOn = readToEnd === null ? this.syncedOn : clock.now();
    await store.commit([
      ...changes,
      store.putSyncValue('synced-at', String(syncedAt)),
      ...(syncedOn === null ? [] : [store.putSyncValue('synced-on', String(syncedOn))]),
      ...(this.stated === null ? [] : [store.putSyncValue('retention', JSON.stringify(this.stated))]),
    ]);
    this.syncedAt = syncedAt;
    this.syncedOn = syncedOn;
    if (readToEnd !== null) this.newest = { ...this.newest, lasted: 0 };
  }

  private silence(): number {
    return this.syncedOn === null ? 0 : this.context.clock.now() - this.syncedOn;
  }
}
