import { CborRefusal } from './refusal.js';

/** What a shape hands to the CBOR encoder: the subset of CBOR that our structures use. */
export type CborValue = number | boolean | string | Uint8Array | CborValue[] | Map<number, CborValue>;

/** One item of a structure: both directions check alike, and refuse with `CborRefusal`. */
export interface Shape<T> {
  write(value: T, at: string): CborValue;
  read(raw: unknown, at: string): T;
}

export type ShapeValue<S> = S extends Shape<infer T> ? T : never;

/** An unsigned integer between `min` and `max`, both included. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  const check = (value: unknown, at: string): number => {
    if (typeof value !== 'number') throw new CborRefusal('wrong-type', at);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new CborRefusal('out-of-range', at);
    if (value < min || value > max) throw new CborRefusal('out-of-range', at);
    return value;
  };
  return { write: check, read: check };
}

/** A branded or literal number that `uint` has checked. */
export function numberAs<T extends number>(inner: Shape<number>): Shape<T> {
  return { write: (value, at) => inner.write(value, at), read: (raw, at) => inner.read(raw, at) as T };
}

export const boolean: Shape<boolean> = {
  write: (value, at) => boolean.read(value, at),
  read: (raw, at) => {
    if (typeof raw !== 'boolean') throw new CborRefusal('wrong-type', at);
    return raw;
  },
};

/** Bytes between `min` and `max` long. */
export function bytes(max: number, min = 0): Shape<Uint8Array> {
  const check = (value: unknown, at: string): Uint8Array => {
    if (!(value instanceof Uint8Array)) throw new CborRefusal('wrong-type', at);
    if (value.length < min || value.length > max) throw new CborRefusal('wrong-length', at);
    return value;
  };
  return { write: check, read: check };
}

export function fixedBytes(length: number): Shape<Uint8Array> {
  return bytes(length, length);
}

const loneSurrogate = /[\ud800-\udfff]/u;

/** Well-formed text of `min` to `max` Unicode characters (code points). */
export function text(max: number, min = 0): Shape<string> {
  const check = (value: unknown, at: string): string => {
    if (typeof value !== 'string') throw new CborRefusal('wrong-type', at);
    if (loneSurrogate.test(value)) throw new CborRefusal('malformed', at);
    const length = countCharacters(value);
    if (length < min || length > max) throw new CborRefusal('wrong-length', at);
    return value;
  };
  return { write: check, read: check };
}

function countCharacters(value: string): number {
  let count = 0;
  for (let i = 0; i < value.length; count += 1) i += (value.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** Text that stands for fixed numbers on the wire: `choice({ none: 0, 'after-send': 1 })`. */
export function choice<const Names extends Record<string, number>>(
  names: Names,
): Shape<keyof Names & string> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name] as const));
  return {
    write: (value, at) => {
      const number = Object.hasOwn(names, value) ? names[value] : undefined;
      if (number === undefined) throw new CborRefusal('out-of-range', at);
      return number;
    },
    read: (raw, at) => {
      if (typeof raw !== 'number') throw new CborRefusal('wrong-type', at);
      const name = byNumber.get(raw);
      if (name === undefined) throw new CborRefusal('out-of-range', at);
      return name;
    },
  };
}

export function array<T>(item: Shape<T>, max: number, min = 0): Shape<T[]> {
  return {
    write: (value, at) => {
      if (!Array.isArray(value)) throw new CborRefusal('wrong-type', at);
      if (value.length < min || value.length > max) throw new CborRefusal('wrong-length', at);
      return value.map((each, index) => item.write(each, `${at}[${index}]`));
    },
    read: (raw, at) => {
      if (!Array.isArray(raw)) throw new CborRefusal('wrong-type', at);
      if (raw.length < min || raw.length > max) throw new CborRefusal('wrong-length', at);
      return raw.map((each, index) => item.read(each, `${at}[${index}]`));
    },
  };
}

/**
 * A list without order of its own: writing sorts it, reading refuses any other order and anything twice.
 * `key` gives text whose order (by code units) is the order of the list.
 */
export function sortedArray<T>(item: Shape<T>, max: number, key: (value: T) => string): Shape<T[]> {
  const plain = array(item, max);
  const refuseDisorder = (keys: string[], at: string): void => {
    for (let i = 1; i < keys.length; i += 1) {
      if ((keys[i - 1] ?? '') >= (keys[i] ?? '')) throw new CborRefusal('not-sorted', `${at}[${i}]`);
    }
  };
  return {
    write: (value, at) => {
      if (!Array.isArray(value)) throw new CborRefusal('wrong-type', at);
      // Items are checked before their keys are taken: a key may need well-formed content.
      plain.write(value, at);
      const sorted = value.map((each) => ({ each, key: key(each) }));
      sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      refuseDisorder(
        sorted.map((entry) => entry.key),
        at,
      );
      return plain.write(
        sorted.map((entry) => entry.each),
        at,
      );
    },
    read: (raw, at) => {
      const value = plain.read(raw, at);
      refuseDisorder(value.map(key), at);
      return value;
    },
  };
}

/** A shape with a rule over its whole value; `rule` says what is wrong by throwing `CborRefusal`. */
export function checked<T>(inner: Shape<T>, rule: (value: T, at: string) => void): Shape<T> {
  return {
    write: (value, at) => {
      const written = inner.write(value, at);
      rule(value, at);
      return written;
    },
    read: (raw, at) => {
      const value = inner.read(raw, at);
      rule(value, at);
      return value;
    },
  };
}
