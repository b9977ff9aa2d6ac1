import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { protocolShape } from './fingerprint.js';
import { PROTOCOL_VERSION } from './version.js';

const recorded = z
  .record(z.string(), z.string())
  .parse(JSON.parse(readFileSync(new URL('./version.json', import.meta.url), 'utf8')));

function fingerprint(): string {
  return createHash('sha256').update(JSON.stringify(protocolShape())).digest('hex');
}

test('a schema that changed comes with a new protocol version', () => {
  // Changed a schema on purpose? Raise PROTOCOL_VERSION and add the new fingerprint to version.json under it.
  expect({ [PROTOCOL_VERSION]: fingerprint() }).toEqual({ [PROTOCOL_VERSION]: recorded[PROTOCOL_VERSION] });
});

test('no earlier version was edited away', () => {
  expect(Object.keys(recorded)).toEqual(Array.from({ length: PROTOCOL_VERSION }, (_, i) => String(i + 1)));
});
