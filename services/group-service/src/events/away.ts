/** Codes of the bus that say: the other part is away or busy, ask again. */
export const AWAY: ReadonlySet<string> = new Set([
  'no-responders',
  'timeout',
  'disconnected',
  'closed',
  'unavailable',
]);
