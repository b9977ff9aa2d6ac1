import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createBroker, type Bus } from '@wisp/bus';
import { subjects, type EventSubject, type RequestSubject } from '@wisp/protocol';
import fc from 'fast-check';
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { openEmbeddedSite } from '../src/embedded-site.js';
import type { Site } from '../src/site.js';
import { malformedValues, sampleOf } from './bad-input/malformed-values.js';
import { mutateSomewhere } from './bad-input/mutate-somewhere.js';
import { openStored, type Stored } from './bad-input/stored.js';

let site: Site;
let stored: Stored;
let bus: Bus;
let before: Record<string, string>;

beforeAll(async () => {
  const broker = createBroker();
  site = await openEmbeddedSite({ webFolder: null, messageServices: 1, broker });
  stored = await openStored(site.databaseUrl);
  bus = await broker.connect();
});
afterAll(async () => {
  await bus.close();
  await stored.close();
  await site.stop();
});
beforeEach(async () => {
  before = await stored.look();
});
/** Nothing was stored, and every service answers. */
afterEach(async () => {
  for (const [, subject] of questions) await bus.request(subject, sampleOf(subject.request));
  expect(await stored.look()).toEqual(before);
});

const all: (RequestSubject | EventSubject)[] = Object.values(subjects).map((subject) => subject(0));
const requests = all.flatMap((one): [string, RequestSubject][] =>
  one.kind === 'request' ? [[one.subject, one]] : [],
);
const events = all.flatMap((one): [string, EventSubject][] =>
  one.kind === 'event' ? [[one.subject, one]] : [],
);
/** Those that only ask. */
const questions = requests.filter(([name]) => !/append|commit/.test(name));

/** How a request ended: `ok`, or the bus's code for why not, with the field. */
async function ask(
  subject: RequestSubject,
  payload: unknown,
): Promise<{ code: string; field?: string | undefined }> {
  try {
    subject.response.parse(await bus.request(subject, payload));
    return { code: 'ok' };
  } catch (error) {
    return z.object({ code: z.string(), field: z.string().optional() }).parse(error);
  }
}

describe.each(requests)('%s', (_, subject) => {
  test('malformed requests are refused, naming the field', async () => {
    const cases = malformedValues(subject.request, sampleOf(subject.request));
    expect(cases.length).toBeGreaterThan(5);
    for (const { what, value } of cases) {
      expect([what, await ask(subject, value)]).toEqual([
        what,
        { code: 'bad-request', field: expect.stringMatching(/./) },
      ]);
    }
  });

  test('what is larger than a message of the bus is not sent', async () => {
    expect((await ask(subject, { surplus: 'x'.repeat(2 * 1024 * 1024) })).code).toBe('too-large');
  });
});

describe.each(questions)('%s', (_, subject) => {
  test('a senseless question has an answer, each time the same', async () => {
    const sample = sampleOf(subject.request);
    const answers = await Promise.all([1, 2, 3].map(() => ask(subject, sample)));
    expect(answers).toEqual(answers.map(() => ({ code: 'ok' })));
  });
});

describe.each(events)('%s', (_, subject) => {
  test('malformed events are dropped', () => {
    const anything: EventSubject = { ...subject, payload: z.unknown() };
    const cases = malformedValues(subject.payload, sampleOf(subject.payload));
    expect(cases.length).toBeGreaterThan(5);
    for (const { value } of cases) bus.publish(anything, value);
  });
});

test('a commit by nobody, into nothing, or of what is no base64url', async () => {
  const commit = subjects.appendCommit(0);
  const { opens: _, creatorRole: __, ...sample } = commit.request.parse(sampleOf(commit.request));
  expect(await bus.request(commit, sample)).toEqual({ status: 'not-member' });
  expect((await ask(commit, { ...sample, body: 'AB' })).code).toBe('unavailable');
});

test('messages by nobody, into nothing, or of what is no message', async () => {
  const append = subjects.appendMessages(0);
  const { messages, ...sample } = append.request.parse(sampleOf(append.request));
  const [message] = messages;
  if (message === undefined) throw new Error('a sample holds a message');
  for (const body of ['AAAA', 'AB', 'A'.repeat(80_000)]) {
    const answer = await bus.request(append, { ...sample, messages: [{ ...message, body }] });
    expect(answer.results).toEqual([{ status: 'malformed' }]);
  }
});

test('requests with something in them turned at random', async () => {
  const property = fc.asyncProperty(fc.constantFrom(...questions), fc.gen(), async ([, subject], gen) => {
    const payload = mutateSomewhere(sampleOf(subject.request), gen);
    // JSON has no word for nothing.
    if (payload === undefined) return;
    expect(['ok', 'bad-request', 'unavailable']).toContain((await ask(subject, payload)).code);
  });
  // fast-check prints the seed and the shortest counterexample.
  await fc.assert(property, { seed: randomInt(2 ** 31), numRuns: 300, endOnFailure: true });
});
