import { decodeSession, encodeSession, type EncodedSession, type Session } from '@wisp/e2ee';
import type { ConversationId, LogEntry, Seq } from '@wisp/protocol';
import { StoreDamaged, type Change } from '../store/store.js';
import type { Context } from './context.js';
import type { ConversationRecord } from './records.js';
import type { Stays } from './retention.js';
import { Serial } from './serial.js';

/** The last absence from a conversation. */
export interface Away {
  /** Server time at which this device had last read to the head. */
  since: number;
  /** How long ago that was by this device's own clock, ms. */
  lasted: number;
  /** The head at the return. */
  to: Seq;
  stays: Stays;
}

/** A conversation in memory: what the store holds of it, and nothing that the store doesn't. */
export class Room {
  /** Everything that changes the room runs here, one after the other. */
  readonly serial = new Serial();
  /** One append in flight (server §4): the network is waited for here, never in `serial`. */
  readonly line = new Serial();
  /** Entries that came before their turn, by seq. */
  readonly early = new Map<Seq, LogEntry>();
  away: Away | null = null;
  private session: Session | null = null;
  private storedTreeId: string | null = null;

  constructor(public record: ConversationRecord) {}

  get id(): ConversationId {
    return this.record.id;
  }

  /**
   * The current MLS session; null while the conversation is being created or after it has ended. Throws `StoreDamaged`
   * where it doesn't open.
   */
  async currentSession(context: Context): Promise<Session | null> {
    if (this.session !== null) return this.session;
    this.session = await storedSession(context, this.id);
    return this.session;
  }

  /**
   * Stores a step of this conversation in one transaction, and only then takes it over into memory. `session`: the
   * next state of the ratchet, stored with what it opened or sealed; null ends it.
   */
  async save(
    context: Context,
    step: { record?: ConversationRecord; session?: Session | null; changes?: Change[] },
  ): Promise<void> {
    const changes = [...(step.changes ?? [])];
    if (step.record !== undefined) changes.push(context.store.putConversation(step.record));
    let treeId = this.storedTreeId;
    if (step.session === null) changes.push(...context.store.removeSession(this.id));
    else if (step.session !== undefined) {
      const encoded = encodeSession(step.session);
      changes.push(context.store.putSession(this.id, { name: 'rest', bytes: encoded.rest }));
      if (encoded.treeId !== this.storedTreeId)
        changes.push(context.store.putSession(this.id, { name: 'tree', bytes: encoded.tree }));
      treeId = encoded.treeId;
    }
    await context.store.commit(changes);
    if (step.record !== undefined) this.record = step.record;
    if (step.session !== undefined) {
      this.session = step.session;
      this.storedTreeId = step.session === null ? null : treeId;
    }
  }

  /** The session of a conversation that must have one. */
  async requireSession(context: Context): Promise<Session> {
    const session = await this.currentSession(context);
    if (session === null) throw new StoreDamaged('a joined conversation without a session');
    return session;
  }
}

/** Null: there is none. Throws `StoreDamaged` where it doesn't open. */
export async function storedSession(context: Context, id: ConversationId): Promise<Session | null> {
  const tree = await context.store.session(id, 'tree');
  const rest = await context.store.session(id, 'rest');
  return tree === null || rest === null ? null : decodeStored({ tree, rest });
}

function decodeStored(stored: Pick<EncodedSession, 'tree' | 'rest'>): Session {
  try {
    return decodeSession(stored);
  } catch (error) {
    throw new StoreDamaged('a session', { cause: error });
  }
}
