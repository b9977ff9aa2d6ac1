import type { ConversationView, Engine, MessageView } from '@wisp/client';

/** Answers every message with its own words, once: what is unread waits, what an answer quotes is done. */
export function echo(engine: Engine): void {
  let last: Promise<void> = Promise.resolve();

  async function answer({ id }: ConversationView): Promise<void> {
    const conversation = (await engine.conversations()).find((each) => each.id === id);
    const { messages } = await engine.messages({ conversation: id, limit: 100 });
    const from = messages.findIndex(({ key }) => key === conversation?.firstUnread);
    for (const { key, own, content } of from < 0 ? [] : messages.slice(from)) {
      const waits = !own && content.kind === 'text' && !messages.some(quotes(key));
      if (waits) await engine.send({ conversation: id, text: content.text, quote: key });
      await engine.markSeen({ conversation: id, keys: [key] });
    }
  }

  engine.on((event) => {
    if (event.type !== 'conversationChanged' || event.conversation.unread === 0) return;
    last = last.then(() => answer(event.conversation)).catch(console.error);
  });
}

function quotes(key: MessageView['key']): (message: MessageView) => boolean {
  return ({ own, content }) => own && content.kind === 'text' && content.quote?.key === key;
}
