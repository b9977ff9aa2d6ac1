import { deleteMessages } from '@wisp/protocol';
import type { Context } from './context.js';

/** Deletes for everyone that the server is still to carry out. */
export async function carryOutDeletions({ store, http }: Context): Promise<void> {
  for (const { conversation, seqs } of await store.owedDeletions()) {
    const result = await http.call(deleteMessages, { params: { conversation }, body: { seqs } });
    if (result.kind === 'unreachable') return;
    if (result.kind === 'ok' || result.problem.status === 403)
      await store.commit(store.settleDeletions(conversation, seqs));
  }
}
