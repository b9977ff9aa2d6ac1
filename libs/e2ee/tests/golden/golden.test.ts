import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { decodeBase64url } from '@wisp/protocol';
import { decodeSession, openCommit } from '../../src/index.js';
import { NOW, seq } from '../people.js';
import { corpusSchema, describeOutcome, verdictsSchema } from './corpus.js';

const load = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const corpus = corpusSchema.parse(load('corpus.json'));
const verdicts = verdictsSchema.parse(load('verdicts.json'));

test('the corpus has a verdict for each of its commits', () => {
  expect(Object.keys(verdicts).sort()).toEqual(corpus.commits.map((commit) => commit.name).sort());
});

test.each(corpus.commits)('$name', async ({ name, bytes }) => {
  const session = decodeSession({
    tree: decodeBase64url(corpus.observer.tree),
    rest: decodeBase64url(corpus.observer.rest),
  });
  const outcome = await openCommit(session, decodeBase64url(bytes), {
    seq: seq(9),
    acceptedAt: NOW,
    newestCommitSeq: seq(corpus.newestCommitSeq),
  });
  expect(describeOutcome(outcome)).toEqual(verdicts[name]);
});
