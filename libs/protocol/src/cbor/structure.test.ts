import { describe, expect, test } from '@jest/globals';
import { encode } from 'cborg';
import { optional } from './map.js';
import { CborRefusal, type CborRefusalCode } from './refusal.js';
import { array, boolean, bytes, choice, fixedBytes, sortedArray, text, uint } from './shape.js';
import { structure } from './structure.js';

const thing = structure('Thing', {
  maxBytes: 128,
  fields: {
    count: uint(1000),
    note: optional(text(4)),
    tags: sortedArray(text(3), 3, (tag) => tag),
    mark: optional(fixedBytes(2)),
    flags: optional(array(boolean, 2)),
    blob: optional(bytes(3, 1)),
    colour: optional(choice({ red: 1, blue: 2 })),
  },
});

const raw = (entries: [unknown, unknown][]): Uint8Array => new Uint8Array(encode(new Map(entries)));
const valid: [unknown, unknown][] = [
  [0, 1],
  [1, 7],
  [3, ['a', 'b']],
];

function refusal(run: () => unknown): [code: CborRefusalCode, at: string] {
  try {
    run();
  } catch (error) {
    if (error instanceof CborRefusal) return [error.code, error.at];
    throw error;
  }
  throw new Error('not refused');
}

describe('reading', () => {
  test('takes the canonical bytes and leaves absent keys out of the value', () => {
    expect(thing.decode(raw(valid))).toEqual({ count: 7, tags: ['a', 'b'] });
    expect(Object.keys(thing.decode(raw(valid)))).toEqual(['count', 'tags']);
  });

  const refused: [string, Uint8Array, CborRefusalCode, string][] = [
    ['nothing', new Uint8Array(), 'malformed', 'Thing'],
    ['text for a map', new Uint8Array(encode('x')), 'wrong-type', 'Thing'],
    ['bytes behind it', new Uint8Array([...raw(valid), 0]), 'trailing-bytes', 'Thing'],
    ['more bytes than it may have', new Uint8Array(129), 'too-large', 'Thing'],
    ['another version', raw([[0, 2], ...valid.slice(1)]), 'unknown-version', 'Thing.v'],
    ['no version', raw(valid.slice(1)), 'missing-key', 'Thing.v'],
    ['a missing key', raw(valid.slice(0, 2)), 'missing-key', 'Thing.tags'],
    ['an unknown key', raw([...valid, [9, 1]]), 'unknown-key', 'Thing'],
    ['a key as text', raw([...valid, ['3', 1]]), 'unknown-key', 'Thing'],
    ['a number too high', raw([[0, 1], [1, 1001], valid[2] ?? [3, []]]), 'out-of-range', 'Thing.count'],
    ['a negative number', raw([[0, 1], [1, -1], valid[2] ?? [3, []]]), 'out-of-range', 'Thing.count'],
    ['a fraction', raw([[0, 1], [1, 1.5], valid[2] ?? [3, []]]), 'out-of-range', 'Thing.count'],
    [
      'text too long',
      raw([
        [0, 1],
        [1, 7],
        [2, 'abcde'],
        [3, []],
      ]),
      'wrong-length',
      'Thing.note',
    ],
    [
      'a list too long',
      raw([
        [0, 1],
        [1, 7],
        [3, ['a', 'b', 'c', 'd']],
      ]),
      'wrong-length',
      'Thing.tags',
    ],
    [
      'a list out of order',
      raw([
        [0, 1],
        [1, 7],
        [3, ['b', 'a']],
      ]),
      'not-sorted',
      'Thing.tags[1]',
    ],
    [
      'an item twice',
      raw([
        [0, 1],
        [1, 7],
        [3, ['a', 'a']],
      ]),
      'not-sorted',
      'Thing.tags[1]',
    ],
    ['wrong length of bytes', raw([...valid, [4, new Uint8Array(3)]]), 'wrong-length', 'Thing.mark'],
    ['a number for a flag', raw([...valid, [5, [1]]]), 'wrong-type', 'Thing.flags[0]'],
    ['too few bytes', raw([...valid, [6, new Uint8Array(0)]]), 'wrong-length', 'Thing.blob'],
    ['an unknown choice', raw([...valid, [7, 3]]), 'out-of-range', 'Thing.colour'],
    ['null', raw([...valid, [7, null]]), 'wrong-type', 'Thing.colour'],
    ['undefined', raw([...valid, [7, undefined]]), 'malformed', 'Thing'],
    [
      'a number above 2^53',
      raw([
        [0, 1],
        [1, 2n ** 60n],
        [3, []],
      ]),
      'malformed',
      'Thing',
    ],
    ['keys in another order', Uint8Array.of(0xa3, 1, 7, 0, 1, 3, 0x80), 'not-canonical', 'Thing'],
    ['a number that takes more room', Uint8Array.of(0xa3, 0, 1, 1, 0x18, 7, 3, 0x80), 'malformed', 'Thing'],
    ['a key twice', Uint8Array.of(0xa4, 0, 1, 1, 7, 1, 7, 3, 0x80), 'malformed', 'Thing'],
    ['an indefinite map', Uint8Array.of(0xbf, 0, 1, 1, 7, 3, 0x80, 0xff), 'malformed', 'Thing'],
    [
      'a whole number as float',
      Uint8Array.of(0xa3, 0, 1, 1, 0xf9, 0x47, 0x00, 3, 0x80),
      'not-canonical',
      'Thing',
    ],
    [
      'text that is no UTF-8',
      Uint8Array.of(0xa4, 0, 1, 1, 7, 2, 0x61, 0xff, 3, 0x80),
      'not-canonical',
      'Thing',
    ],
    ['deep nesting', new Uint8Array(128).fill(0x81), 'malformed', 'Thing'],
  ];
  test.each(refused)('refuses %s', (_what, input, ...where) => {
    expect(refusal(() => thing.decode(input))).toEqual(where);
  });

  test('refuses a nesting so deep that it would overflow the stack', () => {
    const deep = structure('Deep', { maxBytes: 1_000_000, fields: { count: uint() } });
    expect(refusal(() => deep.decode(new Uint8Array(1_000_000).fill(0x81)))).toEqual(['malformed', 'Deep']);
  });
});

describe('writing', () => {
  test('sorts what has no order of its own', () => {
    expect(thing.decode(thing.encode({ count: 1, tags: ['c', 'a', 'b'] })).tags).toEqual(['a', 'b', 'c']);
  });

  test('gives bytes of its own, no view of a pool', () => {
    const written = thing.encode({ count: 1, tags: [] });
    expect(written.constructor.name).toBe('Uint8Array');
    expect(written.buffer.byteLength).toBe(written.length);
  });

  const refused: [string, Parameters<typeof thing.encode>[0], CborRefusalCode, string][] = [
    ['a number out of range', { count: 1001, tags: [] }, 'out-of-range', 'Thing.count'],
    ['minus zero', { count: -0, tags: [] }, 'out-of-range', 'Thing.count'],
    ['an item twice', { count: 1, tags: ['a', 'a'] }, 'not-sorted', 'Thing.tags[1]'],
    ['half a surrogate pair', { count: 1, tags: [], note: '\ud83d' }, 'malformed', 'Thing.note'],
    ['too much text', { count: 1, tags: [], note: '12345' }, 'wrong-length', 'Thing.note'],
    [
      'a wrong length of bytes',
      { count: 1, tags: [], mark: new Uint8Array(1) },
      'wrong-length',
      'Thing.mark',
    ],
  ];
  test.each(refused)('refuses %s', (_what, value, ...where) => {
    expect(refusal(() => thing.encode(value))).toEqual(where);
  });

  test('counts characters, not code units', () => {
    const note = '🚲🚲🚲🚲';
    expect(thing.decode(thing.encode({ count: 1, tags: [], note })).note).toBe(note);
  });
});
