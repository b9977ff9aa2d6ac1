import { expect, test } from '@jest/globals';
import {
  CborRefusal,
  MlsRefusal,
  readCommitInfo,
  readMessageHeader,
  readPrivateMessageHeader,
} from '@wisp/protocol';
import { samples } from '../samples.js';
import { mutateBytes } from './mutate-bytes.js';
import { chooseSeed, createRandom } from './random.js';

const ROUNDS = 50_000;

function vector(content: Uint8Array): number[] {
  const { length } = content;
  return length < 64 ? [length, ...content] : [0x40 | (length >> 8), length & 0xff, ...content];
}

const messages = ([1, 3] as const).map((contentType) => {
  const name = contentType === 1 ? 'MessageHeader' : 'CommitInfo';
  const data = samples.find((sample) => sample.name === name)?.encoded ?? new Uint8Array();
  const front = [0, 1, 0, 2, ...vector(new Uint8Array(16)), 0, 0, 0, 0, 0, 0, 0, 5, contentType];
  return new Uint8Array([
    ...front,
    ...vector(data),
    ...vector(new Uint8Array(28)),
    ...vector(new Uint8Array(90)),
  ]);
});

test(`${ROUNDS} mutated PrivateMessages: read or refused, never a crash`, () => {
  const seed = chooseSeed();
  const random = createRandom(seed);
  let read = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const message = mutateBytes(random.pick(messages), random);
    for (const reader of [readPrivateMessageHeader, readMessageHeader, readCommitInfo]) {
      try {
        reader(message);
        read += 1;
      } catch (error) {
        if (error instanceof MlsRefusal || error instanceof CborRefusal) continue;
        throw new Error(`seed ${seed}: ${Buffer.from(message).toString('hex')}`, { cause: error });
      }
    }
  }
  expect(read).toBeGreaterThan(ROUNDS / 20);
});
