import { openFolderHome } from '@wisp/client/node';
import { decodeSession, encodePendingCommit } from '@wisp/e2ee';
import { cheatingCommit, type Cheat } from '@wisp/e2ee/cheating-commit';
import { decodeBase64url, encodeBase64url, seq, type ConversationId } from '@wisp/protocol';
import { z } from 'zod';
import type { Person } from '../../src/index.js';

/** What the engine's store knows of the log (libs/client/src/conversations/records.ts). */
const logPlace = z.object({ lastCommitSeq: seq, headSeq: seq, headHash: z.string() });

/**
 * A member who drives the end-to-end part of their engine by hand: a commit that cheats waits in the store as one of
 * their own, and the engine sends it as soon as it is connected.
 */
export async function commitACheat(
  person: Person,
  conversation: ConversationId,
  cheat: Cheat,
): Promise<void> {
  await person.engine.close();
  const home = await openFolderHome(person.folder);
  try {
    const store = await home.open();
    const read = async (collection: string, key: string): Promise<Uint8Array> => {
      const value = await store.get(collection, key);
      if (value === null) throw new Error(`nothing in ${collection}`);
      return value;
    };
    const session = decodeSession({
      tree: await read('sessions', `${conversation}.tree`),
      rest: await read('sessions', `${conversation}.rest`),
    });
    const record = new TextDecoder().decode(await read('conversations', conversation));
    const { lastCommitSeq, headSeq, headHash } = logPlace.parse(JSON.parse(record));
    const head = { seq: headSeq, hash: decodeBase64url(headHash) };
    const pending = await cheatingCommit(session, { cheat, lastCommitSeq, head });
    const waiting = {
      bytes: encodeBase64url(pending.bytes),
      isSent: false,
      pending: encodeBase64url(encodePendingCommit(pending)),
      opens: null,
      lastCommitSeq,
      attempts: 0,
    };
    const value = new TextEncoder().encode(JSON.stringify(waiting));
    await store.commit([{ kind: 'put', collection: 'pending-commits', key: conversation, value }]);
  } finally {
    await home.close();
  }
  await person.reload();
}
