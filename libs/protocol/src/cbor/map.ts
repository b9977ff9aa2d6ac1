import { CborRefusal, type CborRefusalCode } from './refusal.js';
import type { CborValue, Shape, ShapeValue } from './shape.js';

/** A key that may be absent; it is then absent from the value too. */
export interface OptionalField<T> {
  readonly optional: Shape<T>;
}

/** A key that always holds the same number; it isn't part of the value. */
export interface ConstantField {
  readonly constant: number;
  readonly refusal: CborRefusalCode;
}

export function optional<T>(shape: Shape<T>): OptionalField<T> {
  return { optional: shape };
}

export function constant(value: number, refusal: CborRefusalCode): ConstantField {
  return { constant: value, refusal };
}

export type Field = Shape<unknown> | OptionalField<unknown> | ConstantField;
export type Fields = Readonly<Record<string, Field>>;

type RequiredNames<F extends Fields> = {
  [K in keyof F]: F[K] extends ConstantField | OptionalField<unknown> ? never : K;
}[keyof F];
type OptionalNames<F extends Fields> = {
  [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never;
}[keyof F];
type OptionalValue<X> = X extends OptionalField<infer T> ? T : never;
type Flat<T> = { [K in keyof T]: T[K] };

export type MapValue<F extends Fields> = Flat<
  { [K in RequiredNames<F>]: ShapeValue<F[K]> } & { [K in OptionalNames<F>]?: OptionalValue<F[K]> }
>;

/** A CBOR map whose keys are 0, 1, 2 … in the order in which `fields` are written. */
export function map<const F extends Fields>(fields: F): Shape<MapValue<F>> {
  const entries = Object.entries(fields);
  return {
    write: (value, at) => {
      if (typeof value !== 'object' || value === null) throw new CborRefusal('wrong-type', at);
      const source = value as Readonly<Record<string, unknown>>;
      const written = new Map<number, CborValue>();
      entries.forEach(([name, field], key) => {
        const item = writeField(field, source[name], `${at}.${name}`);
        if (item !== undefined) written.set(key, item);
      });
      return written;
    },
    read: (raw, at) => {
      if (!(raw instanceof Map)) throw new CborRefusal('wrong-type', at);
      const source: ReadonlyMap<unknown, unknown> = raw;
      const value: Record<string, unknown> = {};
      let known = 0;
      entries.forEach(([name, field], key) => {
        const place = `${at}.${name}`;
        if (!source.has(key)) {
          if ('optional' in field) return;
          throw new CborRefusal('missing-key', place);
        }
        known += 1;
        const item = source.get(key);
        if ('constant' in field) {
          if (item !== field.constant) throw new CborRefusal(field.refusal, place);
          return;
        }
        value[name] = ('optional' in field ? field.optional : field).read(item, place);
      });
      if (known !== source.size) throw new CborRefusal('unknown-key', at);
      return value as MapValue<F>;
    },
  };
}

function writeField(field: Field, value: unknown, at: string): CborValue | undefined {
  if ('constant' in field) return field.constant;
  if ('optional' in field) return value === undefined ? undefined : field.optional.write(value, at);
  if (value === undefined) throw new CborRefusal('missing-key', at);
  return field.write(value, at);
}
