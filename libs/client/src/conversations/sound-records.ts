import type { z } from 'zod';
import { parse } from '../store/record.js';
import { StoreDamaged, type KeyRange, type Store } from '../store/store.js';

export interface DamagedRecord {
  collection: string;
  key: string;
}

const encoder = new TextEncoder();

/**
 * Reads records that open and are what they should be. A damaged one counts as absent; `onDamaged` hears of it, each
 * time, and nothing else about it is done here.
 */
export class SoundRecords {
  onDamaged: (damaged: DamagedRecord) => void = () => undefined;

  constructor(private readonly store: Store) {}

  async get<Schema extends z.ZodType>(schema: Schema, at: DamagedRecord): Promise<z.output<Schema> | null> {
    const bytes = await this.bytes(at);
    return bytes === null ? null : this.decode(schema, { ...at, value: bytes });
  }

  /** The value as it is. */
  async bytes({ collection, key }: DamagedRecord): Promise<Uint8Array | null> {
    try {
      return await this.store.get(collection, key);
    } catch (error) {
      if (!(error instanceof StoreDamaged)) throw error;
      this.onDamaged({ collection, key });
      return null;
    }
  }

  /** As many as `limit` says, however many damaged ones lie between. */
  async range<Schema extends z.ZodType>(
    schema: Schema,
    collection: string,
    range: KeyRange = {},
  ): Promise<{ key: string; record: z.output<Schema> }[]> {
    const { limit = Infinity, reverse } = range;
    const found: { key: string; record: z.output<Schema> }[] = [];
    let rest = range;
    for (;;) {
      const stored = await this.store.range(collection, rest);
      for (const { key, value } of stored) {
        const record = this.decode(schema, { collection, key, value });
        if (record !== null) found.push({ key, record });
      }
      const last = stored.at(-1)?.key;
      const left = limit - found.length;
      if (last === undefined || left === 0 || stored.length < (rest.limit ?? Infinity)) return found;
      // No key lies between one and the same with "!", the lowest character that keys have.
      rest = { ...rest, ...(reverse ? { to: last } : { from: `${last}!` }), limit: left };
    }
  }

  /** Of records that say all by their keys, and have to be sound for that. */
  async openKeys(collection: string, range: KeyRange): Promise<string[]> {
    const stored = await this.store.range(collection, range);
    for (const { key, value } of stored) if (value === null) this.onDamaged({ collection, key });
    return stored.filter(({ value }) => value !== null).map(({ key }) => key);
  }

  private decode<Schema extends z.ZodType>(
    schema: Schema,
    { collection, key, value }: DamagedRecord & { value: Uint8Array | null },
  ): z.output<Schema> | null {
    const parsed = value === null ? null : schema.safeParse(parse(value));
    if (parsed?.success) return parsed.data;
    this.onDamaged({ collection, key });
    return null;
  }
}

/** It opens and is what `schema` says; without one it is bytes. */
export function isSound(schema: z.ZodType | null, value: Uint8Array | null): boolean {
  return value !== null && (schema === null || schema.safeParse(parse(value)).success);
}

export function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
