import type { ConversationId } from '@wisp/protocol';
import { type HostileProxy, openHostileProxy, openWorld, Person, type World } from '../../src/index.js';

/** A world in which the server is honest to some and lies to others. */
export interface Stage {
  world: World;
  /** Somebody to whom the server is honest. */
  friend(name: string): Promise<Person>;
  /** Somebody whom the server lies to, once the test says how; `always`: from the first word on. */
  victim(name: string, always?: Lie): Promise<{ person: Person; proxy: HostileProxy }>;
  /** Alice, and Bob whom the server lies to; each has read a word of the other. */
  pair(always?: Lie): Promise<Pair>;
  close(): Promise<void>;
}

type Lie = (proxy: HostileProxy) => void;

export interface Pair {
  alice: Person;
  bob: Person;
  /** Bob's. */
  proxy: HostileProxy;
  conversation: ConversationId;
}

export async function openStage(): Promise<Stage> {
  const world = await openWorld();
  const people: Person[] = [];
  const proxies: HostileProxy[] = [];
  let names = 0;
  const fresh = (name: string) => `${name}${(names += 1)}`;

  const stage: Stage = {
    world,
    friend: (name) => world.person(fresh(name)),
    async victim(name, always) {
      const proxy = await openHostileProxy(world.url);
      proxies.push(proxy);
      always?.(proxy);
      const person = await Person.register(proxy.url, fresh(name));
      people.push(person);
      return { person, proxy };
    },
    async pair(always) {
      const { person: bob, proxy } = await stage.victim('bob', always);
      const alice = await stage.friend('alice');
      await alice.chatWith(bob);
      const conversation = await bob.hearsFrom(alice);
      await alice.says('hi');
      await bob.sees('hi');
      await bob.says('hi yourself');
      await alice.sees('hi yourself');
      await bob.seesState('hi yourself', 'sent');
      return { alice, bob, proxy, conversation };
    },
    async close() {
      await Promise.all(people.map((person) => person.leave()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await world.close();
    },
  };
  return stage;
}
