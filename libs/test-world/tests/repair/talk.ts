import { expect } from '@jest/globals';
import type { Person, World } from '../../src/index.js';

/* Two people whose chat has to stand whatever happens to their devices and their server. */

export interface Pair {
  alice: Person;
  bob: Person;
  conversation: string;
}

let names = 0;

/** Two people new to this world, with a chat in which both have spoken. */
export async function openPair(world: World): Promise<Pair> {
  names += 1;
  const [alice, bob] = [await world.person(`alice${names}`), await world.person(`bob${names}`)];
  await alice.chatWith(bob);
  const conversation = await bob.hearsFrom(alice);
  await talk({ alice, bob }, 'before');
  return { alice, bob, conversation };
}

/** Each says something that the other one sees. */
export async function talk({ alice, bob }: Pick<Pair, 'alice' | 'bob'>, about: string): Promise<void> {
  await alice.says(`${about}, says alice`);
  await bob.sees(`${about}, says alice`);
  await bob.says(`${about}, says bob`);
  await alice.sees(`${about}, says bob`);
}

/** What `talk` says. */
export const everything = (about: string) => [`${about}, says alice`, `${about}, says bob`];

/** Whatever broke has been mended: nothing is held. */
export async function areWell(...people: Person[]): Promise<void> {
  for (const who of people)
    await who.waitFor(
      async () => ((await who.onlyChat()).hold === null ? true : undefined),
      'the end of the hold',
    );
}

export async function expectOnce(who: Person, texts: string[]): Promise<void> {
  const all = await who.texts();
  for (const text of texts) expect(all.filter((each) => each === text)).toEqual([text]);
}

/** Why entries that stand in the chat don't open. */
export const unopened = async (who: Person) =>
  (await who.read()).flatMap(({ content }) => (content.kind === 'undecryptable' ? [content.reason] : []));
