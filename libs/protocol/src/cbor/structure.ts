import { decodeFirst, encode, rfc8949EncodeOptions, type DecodeOptions } from 'cborg';
import { constant, map, type Fields, type MapValue } from './map.js';
import { CborRefusal } from './refusal.js';
import type { CborValue, Shape } from './shape.js';

/**
 * A top-level structure of the protocol: deterministic CBOR (RFC 8949 §4.2) whose key 0 is its version.
 * Both directions throw `CborRefusal` and nothing else.
 */
export interface Structure<T> {
  readonly name: string;
  readonly maxBytes: number;
  /** For nesting in another structure. */
  readonly shape: Shape<T>;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

const decodeOptions: DecodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
};

export function structure<const F extends Fields>(
  name: string,
  options: { maxBytes: number; fields: F },
): Structure<MapValue<F>> {
  // `v` is written by the structure itself, so that no value can carry another one.
  const fields = { v: constant(1, 'unknown-version'), ...options.fields };
  return structureOf(name, options.maxBytes, map(fields) as Shape<MapValue<F>>);
}

/** A structure around a ready shape, whose key 0 has to be its version. */
export function structureOf<T>(name: string, maxBytes: number, shape: Shape<T>): Structure<T> {
  return {
    name,
    maxBytes,
    shape,
    encode: (value) => {
      const written = encodeItem(shape.write(value, name), name);
      if (written.length > maxBytes) throw new CborRefusal('too-large', name);
      return written;
    },
    decode: (input) => {
      if (!(input instanceof Uint8Array)) throw new CborRefusal('wrong-type', name);
      if (input.length > maxBytes) throw new CborRefusal('too-large', name);
      const { value, rest } = decodeItem(shape, input, name);
      if (rest.length > 0) throw new CborRefusal('trailing-bytes', name);
      return value;
    },
  };
}

/** Reads the one canonical item at the beginning of `input`; what follows it is the caller's to judge. */
export function decodeItem<T>(
  shape: Shape<T>,
  input: Uint8Array,
  at: string,
): { value: T; rest: Uint8Array } {
  const { raw, rest } = parseItem(input, at);
  const value = shape.read(raw, at);
  const item = input.subarray(0, input.length - rest.length);
  if (!equalBytes(encodeItem(shape.write(value, at), at), item)) throw new CborRefusal('not-canonical', at);
  return { value, rest };
}

export function encodeItem(value: CborValue, at: string): Uint8Array {
  try {
    // cborg may hand out a Node Buffer on a shared pool, whose slices are views: callers get bytes of their own.
    return new Uint8Array(encode(value, rfc8949EncodeOptions));
  } catch {
    throw new CborRefusal('malformed', at);
  }
}

function parseItem(input: Uint8Array, at: string): { raw: unknown; rest: Uint8Array } {
  try {
    const decoded: [unknown, Uint8Array] = decodeFirst(input, decodeOptions);
    return { raw: decoded[0], rest: decoded[1] };
  } catch {
    // Also a stack overflow: hostile input may nest as deep as it is long.
    throw new CborRefusal('malformed', at);
  }
}

/** Not in constant time: for public bytes only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
