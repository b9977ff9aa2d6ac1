import { schemaOf } from '@wisp/protocol';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** What a JSON Schema says, as far as the protocol's schemas use it. */
const node = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
  pattern: z.string().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
type Node = z.infer<typeof node>;

export interface Malformed {
  /** What is wrong, for the failure's text. */
  what: string;
  value: unknown;
}

/** One place in a value. */
interface Place {
  /** Its JSON Schema. */
  raw: unknown;
  path: string[];
  /** The whole value with something else in this place. */
  put: (value: unknown) => unknown;
  here: unknown;
}

/** Texts that some string schema of the protocol takes; a new kind of string wants a line here. */
const texts = [
  'AAAA',
  '00000000-0000-4000-8000-000000000001',
  'A'.repeat(43),
  'A'.repeat(64),
  'somebody-else',
];

/** A well-formed value of a schema. It means nothing to the server. */
export function sampleOf(schema: z.ZodType): unknown {
  const sample = buildSample(node.parse(schemaOf(schema)));
  schema.parse(sample);
  return sample;
}

function buildSample(raw: unknown): unknown {
  const one = node.parse(raw);
  if ('const' in one) return one.const;
  if (one.enum) return one.enum[0];
  const [variant] = one.anyOf ?? one.oneOf ?? [];
  if (variant !== undefined) return buildSample(variant);
  switch (one.type) {
    case 'object': {
      const fields = Object.entries(one.properties ?? {});
      return Object.fromEntries(fields.map(([name, field]) => [name, buildSample(field)]));
    }
    case 'array':
      return [buildSample(one.items)];
    case 'string':
      return sampleText(one);
    case 'integer':
    case 'number':
      return Math.max(1, one.minimum ?? 1);
    case 'boolean':
      return true;
    default:
      throw new Error(`no sample of ${JSON.stringify(one).slice(0, 200)}`);
  }
}

function sampleText(one: Node): string {
  const patterns = [one, ...(one.allOf ?? []).map((part) => node.parse(part))].flatMap(({ pattern }) =>
    pattern === undefined ? [] : [new RegExp(pattern)],
  );
  const found = texts.find(
    (text) =>
      text.length >= (one.minLength ?? 0) &&
      text.length <= (one.maxLength ?? Infinity) &&
      patterns.every((pattern) => pattern.test(text)),
  );
  if (found === undefined) throw new Error(`no text like ${JSON.stringify(one).slice(0, 200)}`);
  return found;
}

/**
 * Every way in which a value can miss its schema by one field: missing, surplus, of another type, too long, too short,
 * of another alphabet, out of range. Fails for a field that nothing can be done wrong with.
 */
export function malformedValues(schema: z.ZodType, sample: unknown): Malformed[] {
  const found: Malformed[] = [];
  const isWrong = (value: unknown) => !schema.safeParse(value).success;
  function visit({ raw, path, put, here }: Place): void {
    const one = node.parse(raw);
    const wrong = [...wrongTypes, ...wrongBounds(one, here)]
      .filter(([, value]) => !isDeepStrictEqual(value, here))
      .map(([what, value]): Malformed => ({ what: `${path.join('.')}: ${what}`, value: put(value) }))
      .filter(({ value }) => isWrong(value));
    if (wrong.length === 0) throw new Error(`nothing is wrong at ${path.join('.')}`);
    found.push(...wrong);
    const [variant] = one.anyOf ?? one.oneOf ?? [];
    const shape = variant === undefined ? one : node.parse(variant);
    if (shape.properties && isRecord(here)) {
      const surplus = [
        { ...here, surplus: 1 },
        { ...here, constructor: 1 },
        JSON.parse(`{"__proto__":{},${JSON.stringify(here).slice(1)}`.replace(',}', '}')),
      ];
      for (const value of surplus.map(put)) {
        if (isWrong(value)) found.push({ what: `${path.join('.')}: a surplus field`, value });
      }
      for (const [name, field] of Object.entries(shape.properties)) {
        const { [name]: _, ...rest } = here;
        if (isWrong(put(rest)))
          found.push({ what: `${[...path, name].join('.')}: missing`, value: put(rest) });
        visit({
          raw: field,
          path: [...path, name],
          put: (value) => put({ ...rest, [name]: value }),
          here: here[name],
        });
      }
    }
    if (shape.items !== undefined && Array.isArray(here)) {
      visit({
        raw: shape.items,
        path: [...path, '0'],
        put: (value) => put([value, ...here.slice(1)]),
        here: here[0],
      });
    }
  }
  visit({ raw: schemaOf(schema), path: [], put: (value) => value, here: sample });
  return found;
}

const wrongTypes: [string, unknown][] = [
  ['null', null],
  ['true', true],
  ['0', 0],
  ['-1', -1],
  ['a fraction', 1.5],
  ['beyond 2^53', 2 ** 60],
  ['a list', []],
  ['a nested list', [[[[]]]]],
  ['an object', {}],
  ['nothing', ''],
  ['a text', 'x'],
  ['a text of a number', '1'],
  ['NUL', '\u0000'],
  ['half a surrogate pair', '\ud800'],
  ['a quote', `'; drop table messages.entries; --`],
];

function wrongBounds(one: Node, here: unknown): [string, unknown][] {
  if (typeof here === 'string') {
    const long = (one.maxLength ?? 4096) + 1;
    return [
      ['too long', here.repeat(Math.ceil(long / here.length)).slice(0, long)],
      ['longer by one', `${here}A`],
      ['shorter by one', here.slice(1)],
      ['padded', `${here}=`],
      ['a blank behind', `${here} `],
      ['a line break behind', `${here}\n`],
      ['another alphabet', `+${here.slice(1)}`],
      ['a full-width letter', `Ａ${here.slice(1)}`],
      ['capitals', here.toUpperCase()],
    ];
  }
  if (typeof here === 'number') {
    return [
      ['too large', (one.maximum ?? Number.MAX_SAFE_INTEGER) + 1],
      ['too small', (one.minimum ?? 0) - 1],
    ];
  }
  if (Array.isArray(here)) {
    const first: unknown = here[0];
    return one.maxItems === undefined
      ? []
      : [['too many', Array.from({ length: one.maxItems + 1 }, () => first)]];
  }
  return [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
