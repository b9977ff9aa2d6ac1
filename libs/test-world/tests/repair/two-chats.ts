import { expect } from '@jest/globals';
import { EngineError, type MessageView, type Timer } from '@wisp/client';
import type { ConversationId } from '@wisp/protocol';
import type { Person, World } from '../../src/index.js';

/* Somebody with two chats: what befalls one of them is none of the other's business. */

export class Chat {
  constructor(readonly id: ConversationId) {}

  async read(who: Person): Promise<MessageView[]> {
    return (await who.engine.messages({ conversation: this.id, limit: 500 })).messages;
  }

  async texts(who: Person): Promise<string[]> {
    return (await this.read(who)).flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
  }

  async says(who: Person, text: string, options: { timer?: Timer } = {}): Promise<void> {
    await who.engine.send({ conversation: this.id, text, ...options });
  }

  sees(who: Person, text: string): Promise<MessageView> {
    return who.waitFor(
      async () =>
        (await this.read(who)).find(({ content }) => content.kind === 'text' && content.text === text),
      `"${text}"`,
    );
  }

  /** As soon as nothing holds it. */
  async saysOnceWell(who: Person, text: string): Promise<void> {
    await who.waitFor(async () => {
      try {
        await this.says(who, text);
        return true;
      } catch (error) {
        if (error instanceof EngineError && error.code === 'held') return undefined;
        throw error;
      }
    }, 'the end of the hold');
  }

  /** Each says something that the other one sees. */
  async talk(about: string, one: Person, other: Person): Promise<void> {
    for (const [speaker, listener] of [
      [one, other],
      [other, one],
    ] as const) {
      await this.saysOnceWell(speaker, `${about}, says ${speaker.name}`);
      const seen = await this.sees(listener, `${about}, says ${speaker.name}`);
      expect([seen.own, seen.author]).toEqual([false, await speaker.userId()]);
    }
  }
}

export interface Trio {
  alice: Person;
  bob: Person;
  carol: Person;
  withAlice: Chat;
  withCarol: Chat;
}

let names = 0;

/** Bob, new to this world, who has talked with the two who are there. */
export async function openTrio(world: World, { alice, carol }: Pick<Trio, 'alice' | 'carol'>): Promise<Trio> {
  names += 1;
  const bob = await world.person(`bob${names}`);
  const withAlice = new Chat(await alice.chatWith(bob));
  const withCarol = new Chat(await carol.chatWith(bob));
  await bob.hearsFrom(alice);
  await bob.hearsFrom(carol);
  await withAlice.talk('before', alice, bob);
  await withCarol.talk('before', carol, bob);
  return { alice, bob, carol, withAlice, withCarol };
}

/** No words stand twice, and those that name their speaker stand under that one's name. */
export function areOnce(messages: readonly MessageView[]): void {
  const texts = messages.flatMap(({ content }) => (content.kind === 'text' ? [content.text] : []));
  expect(texts).toEqual([...new Set(texts)]);
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
}
