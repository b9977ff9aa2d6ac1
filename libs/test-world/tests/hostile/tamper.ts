import {
  entriesFrame,
  fetchMessages,
  syncedFrame,
  syncMessages,
  type ConversationId,
  type LogEntry,
  type Seq,
  type SyncedConversation,
} from '@wisp/protocol';
import type { HostileProxy, Person, Stop } from '../../src/index.js';

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

/** The newest entry of a conversation that the server has sent through this proxy. */
export function newestEntry(proxy: HostileProxy, conversation: ConversationId): LogEntry {
  const pushed = proxy
    .framesOf(entriesFrame)
    .flatMap((frame) => (frame.conversation === conversation ? frame.entries : []));
  const fetched = proxy
    .answersOf(fetchMessages)
    .flatMap(({ answer }) => answer.pages)
    .flatMap((page) => (page.status === 'ok' && page.conversation === conversation ? page.entries : []));
  const newest = [...pushed, ...fetched].sort((a, b) => b.seq - a.seq)[0];
  if (newest === undefined) throw new Error('no entry has come by');
  return newest;
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
