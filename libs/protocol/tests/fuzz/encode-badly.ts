import type { Random } from './random.js';

/*
 * An encoder of its own that writes the same content in a way that deterministic CBOR (RFC 8949 §4.2) forbids:
 * well-formed, and yet to be refused.
 */

interface Defects {
  random: Random;
  /** Places that are still to pass before one is spoilt. */
  left: number;
  done: string[];
}

/** Null when there was no place for a defect. `defect` says which one was made. */
export function encodeBadly(value: unknown, random: Random): { bytes: Uint8Array; defect: string } | null {
  const defects: Defects = { random, left: random.below(12), done: [] };
  const bytes = new Uint8Array(write(value, defects));
  const defect = defects.done[0];
  return defect === undefined ? null : { bytes, defect };
}

function spoil(defects: Defects, kinds: readonly string[]): string | null {
  if (defects.done.length > 0 || kinds.length === 0) return null;
  if (defects.left > 0) {
    defects.left -= 1;
    return null;
  }
  const kind = defects.random.pick(kinds);
  defects.done.push(kind);
  return kind;
}

function head(major: number, count: number, wider = 0): number[] {
  const sizes = [0, 1, 2, 4, 8];
  const least = count < 24 ? 0 : count < 0x100 ? 1 : count < 0x1_0000 ? 2 : count < 0x1_0000_0000 ? 3 : 4;
  const size = sizes[Math.min(4, least + wider)] ?? 8;
  if (size === 0) return [(major << 5) | count];
  const digits = Array.from({ length: size }, (_, i) =>
    Number((BigInt(count) >> BigInt(8 * (size - 1 - i))) & 0xffn),
  );
  return [(major << 5) | (23 + Math.log2(size) + 1), ...digits];
}

const roomToWiden = (count: number): string[] => (count < 0x1_0000_0000 ? ['wide head'] : []);

function write(value: unknown, defects: Defects): number[] {
  if (typeof value === 'number') return writeNumber(value, defects);
  if (typeof value === 'boolean') return [value ? 0xf5 : 0xf4];
  if (typeof value === 'string') return writeString(3, new TextEncoder().encode(value), defects);
  if (value instanceof Uint8Array) return writeString(2, value, defects);
  if (Array.isArray(value)) return writeArray(value, defects);
  if (value instanceof Map) return writeMap(value, defects);
  throw new TypeError('not of our subset');
}

function writeNumber(value: number, defects: Defects): number[] {
  switch (spoil(defects, [...roomToWiden(value), 'float', 'bignum', 'tag'])) {
    case 'wide head':
      return head(0, value, 1 + defects.random.below(2));
    case 'float': {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value);
      return [0xfb, ...new Uint8Array(view.buffer)];
    }
    case 'bignum':
      return [0xc2, ...head(2, 8), ...head(0, value, 4).slice(-8)];
    case 'tag':
      return [0xc1, ...head(0, value)];
    default:
      return head(0, value);
  }
}

function writeString(major: number, bytes: Uint8Array, defects: Defects): number[] {
  switch (spoil(defects, ['wide head', 'indefinite'])) {
    case 'wide head':
      return [...head(major, bytes.length, 1), ...bytes];
    case 'indefinite':
      return [(major << 5) | 31, ...head(major, bytes.length), ...bytes, 0xff];
    default:
      return [...head(major, bytes.length), ...bytes];
  }
}

function writeArray(items: readonly unknown[], defects: Defects): number[] {
  const kind = spoil(defects, ['wide head', 'indefinite']);
  const content = items.flatMap((item) => write(item, defects));
  if (kind === 'wide head') return [...head(4, items.length, 1), ...content];
  if (kind === 'indefinite') return [0x9f, ...content, 0xff];
  return [...head(4, items.length), ...content];
}

function writeMap(map: ReadonlyMap<unknown, unknown>, defects: Defects): number[] {
  const kinds = ['wide head', 'indefinite', 'extra key', 'text key', 'null value'];
  const entries = [...map];
  if (entries.length > 0) kinds.push('duplicate key');
  if (entries.length > 1) kinds.push('key order');
  const kind = spoil(defects, kinds);
  const pairs = entries.map(([key, item]) => [...head(0, Number(key)), ...write(item, defects)]);
  if (kind === 'extra key') pairs.push([...head(0, 23), 0x00]);
  if (kind === 'text key') pairs.push([0x61, 0x61, 0x00]);
  if (kind === 'null value') pairs.push([...head(0, 22), 0xf6]);
  if (kind === 'duplicate key') pairs.push(defects.random.pick(pairs));
  if (kind === 'key order') pairs.reverse();
  if (kind === 'indefinite') return [0xbf, ...pairs.flat(), 0xff];
  return [...head(5, pairs.length, kind === 'wide head' ? 1 : 0), ...pairs.flat()];
}
