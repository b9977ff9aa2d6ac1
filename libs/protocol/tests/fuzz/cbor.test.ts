import { describe, expect, test } from '@jest/globals';
import { CborRefusal, PADDING_BUCKETS, equalBytes } from '@wisp/protocol';
import { decodeFirst, encode, rfc8949EncodeOptions } from 'cborg';
import { samples, type Sample } from '../samples.js';
import { encodeBadly } from './encode-badly.js';
import { mutateBytes } from './mutate-bytes.js';
import { chooseSeed, createRandom, type Random } from './random.js';

const MUTATED = 70_000;
const BADLY_ENCODED = 30_000;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What was read, encoded again, or null for a refusal; anything else that is thrown is a crash. */
function recode(sample: Sample, bytes: Uint8Array): Uint8Array | null {
  try {
    return sample.recode(bytes);
  } catch (error) {
    if (error instanceof CborRefusal) return null;
    throw new Error(`crash in ${sample.name}: ${hex(bytes)}`, { cause: error });
  }
}

function isBody(sample: Sample): boolean {
  return sample.name.startsWith('MessageBody');
}

function parse(bytes: Uint8Array): { raw: unknown; rest: Uint8Array } {
  const decoded: [unknown, Uint8Array] = decodeFirst(bytes, { useMaps: true });
  return { raw: decoded[0], rest: decoded[1] };
}

/** Canonical by cborg alone, without our shapes; a body's zeros are taken off first. */
function isCanonical(sample: Sample, bytes: Uint8Array): boolean {
  const { raw, rest } = parse(bytes);
  const item = encode(raw, rfc8949EncodeOptions);
  if (!equalBytes(item, bytes.subarray(0, item.length))) return false;
  return isBody(sample) ? rest.every((byte) => byte === 0) : rest.length === 0;
}

function padToBucket(item: Uint8Array): Uint8Array {
  const padded = new Uint8Array(PADDING_BUCKETS.find((size) => size >= item.length) ?? item.length);
  padded.set(item);
  return padded;
}

function spoilt(sample: Sample, random: Random) {
  const { raw } = parse(sample.encoded);
  const badly = encodeBadly(raw, random);
  if (badly === null) return null;
  return { ...badly, bytes: isBody(sample) ? padToBucket(badly.bytes) : badly.bytes };
}

describe('hostile input to every CBOR structure', () => {
  const seed = chooseSeed();
  const random = createRandom(seed);

  test(`${MUTATED} mutated inputs: refused, or the one encoding of what was read (seed ${seed})`, () => {
    let accepted = 0;
    for (let round = 0; round < MUTATED; round += 1) {
      const sample = random.pick(samples);
      const mutated = mutateBytes(sample.encoded, random);
      const again = recode(sample, mutated);
      if (again === null) continue;
      accepted += 1;
      if (!equalBytes(again, mutated) || !isCanonical(sample, mutated)) {
        throw new Error(`seed ${seed}: ${sample.name} took ${hex(mutated)}`);
      }
    }
    // Changed hashes, keys and texts are other valid values: without them the run would have shown nothing.
    expect(accepted).toBeGreaterThan(MUTATED / 50);
    expect(accepted).toBeLessThan(MUTATED / 2);
  });

  test(`${BADLY_ENCODED} right values in wrong encodings: all refused (seed ${seed})`, () => {
    const met = new Set<string>();
    for (let round = 0; round < BADLY_ENCODED; round += 1) {
      const sample = random.pick(samples);
      const badly = spoilt(sample, random);
      if (badly === null) continue;
      met.add(badly.defect);
      if (recode(sample, badly.bytes) !== null) {
        throw new Error(`seed ${seed}: ${sample.name} took ${hex(badly.bytes)} (${badly.defect})`);
      }
    }
    expect([...met].sort()).toEqual([
      'bignum',
      'duplicate key',
      'extra key',
      'float',
      'indefinite',
      'key order',
      'null value',
      'tag',
      'text key',
      'wide head',
    ]);
  });
});
