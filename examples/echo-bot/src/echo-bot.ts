import type { ConversationView, Engine } from '@wisp/client';

/** Answers every message with its own words. What is unread is what waits for an answer, also after a crash. */
export function echo(engine: Engine): void {
  let last: Promise<void> = Promise.resolve();

  async function answer(id: ConversationView['id']): Promise<void> {
    const conversation = (await engine.conversations()).find((each) => each.id === id);
    const { messages } = await engine.messages({ conversation: id, limit: 50 });
    const from = messages.findIndex(({ key }) => key === conversation?.firstUnread);
    for (const { key, own, content } of from < 0 ? [] : messages.slice(from)) {
      if (!own && content.kind === 'text')
        await engine.send({ conversation: id, text: content.text, quote: key });
      await engine.markSeen({ conversation: id, keys: [key] });
    }
  }

  engine.on((event) => {
    if (event.type !== 'conversationChanged' || event.conversation.unread === 0) return;
    last = last.then(() => answer(event.conversation.id)).catch(console.error);
  });
}
