import type { ConversationId } from '@wisp/protocol';
import { inBackground } from '../in-background.js';
import { clearDamaged } from './clear-damaged.js';
import type { Context } from './context.js';
import { conversationOf } from './keys.js';
import type { Room } from './room.js';
import type { DamagedRecord } from './sound-records.js';

const EVERYTHING = 2 ** 31 - 1;

export interface DamageParts {
  context: Context;
  roomOf: (id: ConversationId) => Room | undefined;
  /** Repairs may be due. */
  onCleared: () => void;
}

/** Damaged records count as absent from the moment a read meets them; here they are cleared away, each in its turn. */
export class Damage {
  private readonly met = new Map<string, DamagedRecord>();
  private isOpen = false;

  constructor(private readonly parts: DamageParts) {
    parts.context.store.sound.onDamaged = (damaged) => this.meet(damaged);
  }

  /** Looks at what sending depends on, before anything is sent; then clears what was met so far. */
  async open(rooms: Iterable<Room>): Promise<void> {
    const { store } = this.parts.context;
    for (const { id } of rooms) {
      await store.outbox(id, EVERYTHING);
      await store.pending(id);
    }
    this.isOpen = true;
    for (const [name, damaged] of [...this.met]) await this.clear(name, damaged);
  }

  private meet(damaged: DamagedRecord): void {
    const name = `${damaged.collection} ${damaged.key}`;
    if (this.met.has(name)) return;
    this.met.set(name, damaged);
    if (this.isOpen) inBackground(this.clear(name, damaged).then(this.parts.onCleared));
  }

  private async clear(name: string, damaged: DamagedRecord): Promise<void> {
    const room = this.parts.roomOf(conversationOf(damaged.key));
    try {
      await room?.serial.run(() => clearDamaged(this.parts.context, room, damaged));
    } finally {
      this.met.delete(name);
    }
  }
}
