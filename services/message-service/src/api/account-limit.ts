import type { UserId } from '@wisp/protocol';
import { refuse, type Limit, type Refusal } from '@wisp/service-kit';

/** A refusal when the account has asked too often. */
export async function overLimit(limit: Limit, user: UserId): Promise<Refusal<'rate-limited'> | undefined> {
  const take = await limit.take(user);
  return take.ok ? undefined : refuse('rate-limited', { retryAfter: take.retryAfterMs / 1_000 });
}
