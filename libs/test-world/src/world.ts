import { openClusterSite } from './cluster-site.js';
import { openEmbeddedSite } from './embedded-site.js';
import { passServerTime } from './pass-time.js';
import { Person } from './person.js';
import type { Site } from './site.js';

/** The whole chat for one test file: real services on a real database, and the people in it. */
export interface World extends Pick<Site, 'url' | 'databaseUrl' | 'mortals' | 'kill' | 'recovers' | 'logs'> {
  /** Registers somebody under a name that is new to this world. */
  person(name: string): Promise<Person>;
  /** Time passes for the server and for everybody's device. */
  timePasses(ms: number): Promise<void>;
  close(): Promise<void>;
}

export type Kind = 'embedded' | 'cluster';

export interface WorldOptions {
  /** `embedded`: all in this process. `cluster`: a process for each part. By default what `WISP_WORLD` says. */
  as?: Kind;
  /** The built pages; a cluster always serves them. */
  webFolder?: string;
  /** 1 by default, in a cluster 2. */
  messageServices?: number;
}

/** Opens a world: in this process, or as a cluster by one setting, `WISP_WORLD=cluster`. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const site = await openSite(options);
  const people: Person[] = [];
  return {
    ...site,
    async person(name) {
      const person = await Person.register(site.url, name);
      people.push(person);
      return person;
    },
    async timePasses(ms) {
      await passServerTime(site.databaseUrl, ms);
      for (const person of people) person.clock.advance(ms);
    },
    async close() {
      await Promise.all(people.map((person) => person.leave()));
      await site.stop();
    },
  };
}

function openSite({ as = kindByEnvironment(), webFolder, messageServices }: WorldOptions): Promise<Site> {
  switch (as) {
    case 'embedded':
      return openEmbeddedSite({ webFolder: webFolder ?? null, messageServices: messageServices ?? 1 });
    case 'cluster':
      return openClusterSite({ messageServices: messageServices ?? 2 });
  }
}

function kindByEnvironment(): Kind {
  const wanted = process.env.WISP_WORLD ?? 'embedded';
  if (wanted === 'embedded' || wanted === 'cluster') return wanted;
  throw new Error(`WISP_WORLD is "${wanted}": it may be embedded or cluster`);
}
