import {
  encodeBase64url,
  entriesFrame,
  logEntry,
  fetchMessages,
  syncedFrame,
  syncMessages,
  type ConversationId,
  type LogEntry,
  type Retention,
  type Seq,
  type SyncedConversation,
} from '@wisp/protocol';
import pg from 'pg';
import type { HostileProxy, Person, Stop, World } from '../../src/index.js';

type ChangeEntries = (entries: LogEntry[], conversation: ConversationId) => LogEntry[];

/** Changes what an engine gets of logs, pushed and fetched alike. */
export function tamperEntries(proxy: HostileProxy, change: ChangeEntries): Stop {
  const stopPushed = proxy.onFrame(entriesFrame, (frame) => {
    const entries = change(frame.entries, frame.conversation);
    return entries.length === 0 ? [] : [{ ...frame, entries }];
  });
  const stopFetched = proxy.onAnswer(fetchMessages, (answer) => ({
    ...answer,
    pages: answer.pages.map((page) =>
      page.status === 'ok' ? { ...page, entries: change(page.entries, page.conversation) } : page,
    ),
  }));
  return () => {
    stopPushed();
    stopFetched();
  };
}

/** Changes what an engine is told of its conversations' heads. */
export function tamperHeads(
  proxy: HostileProxy,
  change: (synced: SyncedConversation) => SyncedConversation,
): Stop {
  const stopPushed = proxy.onFrame(syncedFrame, (frame) => [
    { ...frame, conversations: frame.conversations.map(change) },
  ]);
  const stopAsked = proxy.onAnswer(syncMessages, (answer) => ({
    ...answer,
    conversations: answer.conversations.map(change),
  }));
  return () => {
    stopPushed();
    stopAsked();
  };
}

/** Changes how long the server says that it keeps things. */
export function tamperRetention(proxy: HostileProxy, retention: Retention): Stop {
  const stopPushed = proxy.onFrame(syncedFrame, (frame) => [{ ...frame, retention }]);
  const stopAsked = proxy.onAnswer(syncMessages, (answer) => ({ ...answer, retention }));
  return () => {
    stopPushed();
    stopAsked();
  };
}

/** The newest entry of a conversation's log, as the server has it. */
export async function newestEntry(
  { databaseUrl }: Pick<World, 'databaseUrl'>,
  conversation: ConversationId,
): Promise<LogEntry> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const { rows } = await database.query<{
      seq: string;
      kind: number;
      user_id: Buffer;
      device_id: string;
      accepted_at: Date;
      body: Buffer;
    }>(
      `SELECT seq, kind, user_id, device_id, accepted_at, body
       FROM messages.entries JOIN messages.members USING (conversation_id, device_id)
       WHERE conversation_id = $1 ORDER BY seq DESC LIMIT 1`,
      [conversation],
    );
    const [newest] = rows;
    if (newest === undefined) throw new Error('the log is empty');
    return logEntry.parse({
      seq: Number(newest.seq),
      kind: newest.kind === 0 ? 'message' : 'commit',
      user: encodeBase64url(newest.user_id),
      device: newest.device_id,
      acceptedAt: newest.accepted_at.getTime(),
      body: encodeBase64url(newest.body),
    });
  } finally {
    await database.end();
  }
}

export const seqAfter = (entry: Pick<LogEntry, 'seq'>, by = 1): Seq => (entry.seq + by) as Seq;

/** Waits until the engine says that it was shown different histories. */
export function seesTheLie(person: Person): Promise<string> {
  return person.waitFor(async () => {
    const { hold } = await person.onlyChat();
    return hold?.kind === 'histories-differ' ? hold.evidence : undefined;
  }, 'the hold');
}

/** Waits until somebody's message stands as one that was refused or can't be opened. */
export async function seesPlaceholder(person: Person, reason: 'refused' | 'key-gone'): Promise<void> {
  await person.waitFor(
    async () =>
      (await person.read()).find(
        ({ content }) => content.kind === 'undecryptable' && content.reason === reason,
      ),
    `a message that is ${reason}`,
  );
}
