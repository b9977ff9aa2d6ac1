import type { ConversationId } from '@wisp/protocol';
import { fromSortable, sortable } from '../store/sortable.js';
import { put, remove, StoreDamaged, type Change, type KeyRange, type Store } from '../store/store.js';
import { collections, deadlineKey } from './keys.js';

export interface DueMessage {
  at: number;
  conversation: ConversationId;
  order: number;
}

/** When messages go. All is in the keys: a damaged value puts no deadline off. */
export class DeadlineRecords {
  constructor(private readonly store: Store) {}

  due(until: number, limit: number): Promise<DueMessage[]> {
    return this.read({ to: sortable(until + 1), limit });
  }

  all(): Promise<DueMessage[]> {
    return this.read({});
  }

  async next(): Promise<number | null> {
    const [first] = await this.read({ limit: 1 });
    return first === undefined ? null : first.at;
  }

  put({ at, conversation, order }: DueMessage): Change {
    return put(collections.deadlines, deadlineKey(at, conversation, order), new TextEncoder().encode('-'));
  }

  remove({ at, conversation, order }: DueMessage): Change {
    return remove(collections.deadlines, deadlineKey(at, conversation, order));
  }

  private async read(range: KeyRange): Promise<DueMessage[]> {
    return (await this.store.range(collections.deadlines, range)).map(({ key }) => readDeadline(key));
  }
}

function readDeadline(key: string): DueMessage {
  const [at, conversation, order] = key.split('.');
  if (at === undefined || conversation === undefined || order === undefined)
    throw new StoreDamaged('a deadline');
  return { at: fromSortable(at), conversation: conversation as ConversationId, order: fromSortable(order) };
}
