import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConversationId, Seq } from '@wisp/protocol';
import { openPools, type Pools } from '../src/store/pools.js';
import { appendSettings } from '../src/store/append-messages.js';
import { createPostgresLog, type Log } from '../src/store/postgres-log.js';
import { commit, converse, message, readAll, withRole } from './conversation.js';
import { createLogger } from '@wisp/service-kit';
import { openLog, type TestLog } from './database.js';
import { newPerson, seqOf, type Person } from './messages.js';

/** When it has seen enough. */
const ENOUGH = { acknowledged: 4_000, kills: 40, removals: 8 };
const seed = Number(process.env['WISP_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

let world: TestLog;
const replicas: { pools: Pools; log: Log }[] = [];
// What it can't reach it says, and it can't reach much here.
const silent = createLogger({ service: 'message-service', level: 'silent' });

beforeAll(async () => {
  world = await openLog();
  for (let index = 0; index < 3; index += 1) {
    const connections = { append: 3, read: 2, background: 1 };
    const pools = await openPools({ databaseUrl: world.database.url, connections, logger: silent });
    replicas.push({ pools, log: createPostgresLog({ pools, logger: silent, append: appendSettings }) });
  }
});
afterAll(async () => {
  for (const { pools } of replicas) await pools.end();
  await world.end();
});

interface Acknowledged {
  readonly conversation: ConversationId;
  readonly seq: Seq;
  readonly body: string;
}

async function runChaos(): Promise<void> {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const people = Array.from({ length: 8 }, newPerson);
  const [boss] = people as [Person];
  const rooms = await Promise.all(Array.from({ length: 4 }, () => converse(world.log, people)));
  const newest = new Map(rooms.map((room) => [room, 1]));
  const removedAt = new Map<string, number>();
  const acknowledged: Acknowledged[] = [];
  let kills = 0;
  let isRunning = true;
  /** The newest n of each line that was answered stored or duplicate. */
  const answered = new Map<string, number>();
  const waiting: { at: number; go: () => void }[] = [];

  /** Until so many more messages were acknowledged: chaos in step with the work, however fast the machine is. */
  const progress = (more: number) =>
    new Promise<void>((go) => {
      if (isRunning) waiting.push({ at: acknowledged.length + more, go });
      else go();
    });

  function look(): void {
    const { length } = acknowledged;
    const enough =
      length >= ENOUGH.acknowledged && kills >= ENOUGH.kills && removedAt.size >= ENOUGH.removals;
    if (enough) isRunning = false;
    for (const one of waiting.splice(0)) {
      if (!isRunning || length >= one.at) one.go();
      else waiting.push(one);
    }
  }

  /** One device in one room: sends the same until it is answered, then the next; a ghost of it is sent beside it. */
  async function write(room: ConversationId, who: Person): Promise<void> {
    let n = 1;
    while (isRunning) {
      const count = 1 + Math.floor(random() * 4);
      const bodies = Array.from({ length: count }, (_, index) =>
        Buffer.from(`${who.device} ${room} ${n + index}`),
      );
      let isAnswered = false;
      while (!isAnswered && isRunning) {
        const lastCommitSeq = seqOf(newest.get(room) ?? 1);
        const batch = bodies.map((body, index) => message(room, who, { n: n + index, lastCommitSeq, body }));
        const ghosts = random() < 0.2 ? [pick(replicas).log.append(batch.slice(0, 1))] : [];
        const { verdicts } = await pick(replicas).log.append(batch);
        // The ghost may have been first: then its answer names the seq, and ours says duplicate.
        for (const ghost of await Promise.all(ghosts)) note(room, bodies, ghost.verdicts);
        note(room, bodies, verdicts);
        if (verdicts.some(({ kind }) => kind === 'not-member')) return;
        const done = verdicts.findIndex(({ kind }) => kind !== 'stored' && kind !== 'duplicate');
        const taken = done === -1 ? count : done;
        n += taken;
        answered.set(`${room}/${who.device}`, n - 1);
        look();
        isAnswered = taken > 0;
      }
    }
  }

  function note(
    room: ConversationId,
    bodies: readonly Buffer[],
    verdicts: readonly { kind: string; seq?: Seq }[],
  ): void {
    verdicts.forEach(({ kind, seq }, index) => {
      if (kind === 'stored' && seq !== undefined) {
        acknowledged.push({ conversation: room, seq, body: String(bodies[index]) });
      }
    });
  }

  /** Commits by the boss, now and then a removal; the same commit until it is answered. */
  async function rule(room: ConversationId): Promise<void> {
    const left = [...people.slice(1)];
    while (isRunning) {
      const victim = random() < 0.3 && left.length > 3 ? left.pop() : undefined;
      const base = commit(room, boss, { lastCommitSeq: seqOf(newest.get(room) ?? 1) });
      const adds = random() < 0.3 ? [withRole(newPerson(), 2)] : [];
      const mine = { ...base, adds, removes: victim ? [victim.device] : [] };
      for (;;) {
        const verdict = await pick(replicas).log.appendCommit(mine);
        if (verdict.kind === 'unavailable') continue;
        if (verdict.kind !== 'stored' && verdict.kind !== 'known') throw new Error(verdict.kind);
        newest.set(room, verdict.seq);
        if (victim) removedAt.set(`${room}/${victim.device}`, verdict.seq);
        break;
      }
      await progress(20 + Math.floor(random() * 40));
    }
  }

  async function kill(): Promise<void> {
    while (isRunning) {
      await progress(20 + Math.floor(random() * 100));
      const rows = await world.database.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'message-service append'`,
      );
      if (rows.length === 0) continue;
      await world.database.query('SELECT pg_terminate_backend($1)', [pick(rows).pid]);
      kills += 1;
    }
  }

  const work = [
    ...rooms.flatMap((room) => people.map((who) => write(room, who))),
    ...rooms.map(rule),
    kill(),
  ];
  await Promise.all(work).finally(() => {
    isRunning = false;
    look();
  });

  for (const room of rooms) {
    const { entries, head } = await readAll(world.log, boss, room);
    // Contiguous from 1: nothing is missing, nothing stands twice.
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: head ?? 0 }, (_, index) => index + 1));
    const texts = new Map(
      entries.map((entry) => [entry.seq, Buffer.from(entry.body, 'base64url').toString()]),
    );
    for (const { conversation, seq, body } of acknowledged) {
      if (conversation === room) expect([seq, texts.get(seq)]).toEqual([seq, body]);
    }
    for (const who of people) {
      const own = entries.filter(({ kind, device }) => kind === 'message' && device === who.device);
      // Each n once, in order, without a hole.
      expect(own.map(({ seq }) => texts.get(seq))).toEqual(
        own.map((_, index) => `${who.device} ${room} ${index + 1}`),
      );
      expect(own.length).toBeGreaterThanOrEqual(answered.get(`${room}/${who.device}`) ?? 0);
      const gone = removedAt.get(`${room}/${who.device}`);
      if (gone !== undefined) expect(own.filter(({ seq }) => seq > gone)).toEqual([]);
    }
  }
}

test('backends die in the middle: nothing acknowledged is lost, doubled, reordered, or stored after a removal', async () => {
  try {
    await runChaos();
  } catch (error) {
    throw new Error(`WISP_CHAOS_SEED=${seed}: ${String(error)}`, { cause: error });
  }
}, 60_000);
