import type { Random } from './random.js';

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const cut = (bytes: Uint8Array, random: Random): [number, number] => {
  const start = random.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + 1 + random.below(8))];
};

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(parts.flatMap((part) => [...part]));

/** Heads that decoders stumble over: long lengths, indefinite lengths, tags, floats, breaks, reserved numbers. */
const nastyHeads = [
  0x1b, 0x3b, 0x5b, 0x5f, 0x7b, 0x7f, 0x9b, 0x9f, 0xbb, 0xbf, 0xc2, 0xf6, 0xf7, 0xf9, 0xfb, 0xff, 0x1c,
];

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = bytes.slice();
    const index = random.below(copy.length);
    copy[index] = (copy[index] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  function setByte(bytes, random) {
    const copy = bytes.slice();
    copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  function setHead(bytes, random) {
    const copy = bytes.slice();
    copy[random.below(copy.length)] = random.pick(nastyHeads);
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
  function extend(bytes, random) {
    return join(bytes, random.bytes(1 + random.below(300)));
  },
  function extendWithZeros(bytes, random) {
    return join(bytes, new Uint8Array(1 + random.below(300)));
  },
  function remove(bytes, random) {
    const [start, end] = cut(bytes, random);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  function repeat(bytes, random) {
    const [start, end] = cut(bytes, random);
    return join(bytes.subarray(0, end), bytes.subarray(start));
  },
  function insert(bytes, random) {
    const [start] = cut(bytes, random);
    return join(bytes.subarray(0, start), random.bytes(1 + random.below(6)), bytes.subarray(start));
  },
  function noise(_bytes, random) {
    return random.bytes(random.below(200));
  },
  function nest(_bytes, random) {
    return new Uint8Array(random.below(400)).fill(random.pick([0x81, 0xa1, 0x9f, 0xc1, 0xd8]));
  },
];

/** One to three random changes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let mutated = bytes;
  for (let round = random.below(3); round >= 0; round -= 1) {
    if (mutated.length > 0) mutated = random.pick(mutations)(mutated, random);
  }
  return mutated;
}
