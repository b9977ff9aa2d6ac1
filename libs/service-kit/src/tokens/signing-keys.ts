import type { Bus } from '@wisp/bus';
import { getJwks, subjects, type ResponseOf } from '@wisp/protocol';
import { createPublicKey, type KeyObject } from 'node:crypto';

export type Jwks = ResponseOf<typeof getJwks>;
/** Where the public keys of access tokens come from. */
export type JwksSource = () => Promise<Jwks>;

export function jwksFromBus(bus: Bus): JwksSource {
  return () => bus.request(subjects.getJwks(), {}, { timeoutMs: 2_000 });
}

export function jwksFromUrl(url: string): JwksSource {
  return async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'error' });
    if (!answer.ok) throw new Error(`the key server answered ${answer.status}`);
    return getJwks.response.parse(await answer.json());
  };
}

export type KeyLookup =
  | { readonly kind: 'found'; readonly key: KeyObject }
  | { readonly kind: 'unknown' }
  /** The source can't be reached, and nothing in hand answers. */
  | { readonly kind: 'unavailable' };

export interface SigningKeys {
  find(kid: string): Promise<KeyLookup>;
}

/** Invented kids must not become requests: one question to the source in this time, whatever comes. */
const ASK_AT_MOST_EVERY_MS = 5_000;
/** Keys that the source withdrew are forgotten. */
const REFRESH_AFTER_MS = 5 * 60_000;

/** Keeps the keys of `source`: asked at first, on an unknown kid, and when what it holds is five minutes old. */
export function createSigningKeys(source: JwksSource, now: () => number): SigningKeys {
  let keys = new Map<string, KeyObject>();
  let fetchedAt: number | undefined;
  let askedAt: number | undefined;
  let failed = false;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    askedAt = now();
    try {
      const { keys: found } = await source();
      keys = new Map(found.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
      fetchedAt = now();
      failed = false;
    } catch {
      failed = true;
    } finally {
      asking = undefined;
    }
  }

  function refresh(): Promise<void> {
    if (asking === undefined && askedAt !== undefined && now() - askedAt < ASK_AT_MOST_EVERY_MS) {
      return Promise.resolve();
    }
    asking ??= ask();
    return asking;
  }

  return {
    async find(kid) {
      const known = keys.get(kid);
      if (known !== undefined) {
        // In the background: a key in hand answers even while the source is away.
        if (fetchedAt !== undefined && now() - fetchedAt > REFRESH_AFTER_MS) void refresh();
        return { kind: 'found', key: known };
      }
      await refresh();
      const key = keys.get(kid);
      if (key !== undefined) return { kind: 'found', key };
      return failed ? { kind: 'unavailable' } : { kind: 'unknown' };
    },
  };
}
