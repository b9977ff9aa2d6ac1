import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { samples } from './samples.js';

/** Hex by sample. Stored data and other implementations depend on these bytes: they never change under version 1. */
const golden = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(new URL('./golden.json', import.meta.url), 'utf8')));

describe('the encoding of every structure', () => {
  test.each(samples)('$name stands as recorded', ({ name, encoded }) => {
    expect(Buffer.from(encoded).toString('hex')).toBe(golden[name]);
  });

  test.each(samples)('$name reads back', (sample) => {
    expect(sample.decode(sample.encoded)).toEqual(sample.value);
  });

  test('no recorded structure has gone', () => {
    expect(samples.map((sample) => sample.name).sort()).toEqual(Object.keys(golden).sort());
  });
});
