/** How often something may be tried; a key's allowance fills again by time. */
export interface Attempts {
  take(key: string): Promise<{ ok: true } | { ok: false; retryAfterMs: number }>;
}

export interface RateLimited {
  kind: 'rate-limited';
  retryAfterMs: number;
}

/** Takes one of each, in order; the first that is used up decides. */
export async function takeEach(
  wanted: readonly { attempts: Attempts; key: string }[],
): Promise<{ kind: 'ok' } | RateLimited> {
  for (const { attempts, key } of wanted) {
    const take = await attempts.take(key);
    if (!take.ok) return { kind: 'rate-limited', retryAfterMs: take.retryAfterMs };
  }
  return { kind: 'ok' };
}
