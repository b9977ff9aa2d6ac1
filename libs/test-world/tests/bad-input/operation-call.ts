import type { HttpOperation } from '@wisp/protocol';
import type { RawRequest } from './call.js';
import { sampleOf } from './malformed-values.js';

export interface Inputs {
  params?: Readonly<Record<string, unknown>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
}

/** The request of an operation with these inputs, right or wrong; params and query must be texts or numbers. */
export function callOf(
  { method, path }: HttpOperation,
  { params = {}, query = {}, body }: Inputs,
): RawRequest {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const texts = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const search = texts.length === 0 ? '' : `?${new URLSearchParams(texts).toString()}`;
  return { method, path: filled + search, ...(body === undefined ? {} : { body }) };
}

/** What a path or a query can say of malformed inputs; null where it can't, or where as texts they are well-formed. */
export function sayable(
  operation: HttpOperation,
  place: 'params' | 'query',
  value: unknown,
): Record<string, string> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const isText = entries.every(([, one]) => ['string', 'number', 'boolean'].includes(typeof one));
  const texts = Object.fromEntries(entries.map(([name, one]): [string, string] => [name, String(one)]));
  if (!isText || !Object.values(texts).every((text) => Buffer.from(text).toString() === text)) return null;
  if (operation[place]?.safeParse(texts).success) return null;
  if (place === 'query') return texts;
  const names = Object.keys(operation.params?.shape ?? {});
  const isWhole = entries.length === names.length && names.every((name) => texts[name]);
  return isWhole ? texts : null;
}

/** Inputs that the schemas let through and that mean nothing. */
export function senseless({ params, query, body }: HttpOperation): Inputs {
  return {
    ...(params && { params: sampleOf(params) as Record<string, unknown> }),
    ...(query && { query: sampleOf(query) as Record<string, unknown> }),
    ...(body && { body: sampleOf(body) }),
  };
}
