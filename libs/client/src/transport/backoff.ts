const FIRST_TRY_MS = 5_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the try after `failures` failed ones (server §5): at first anywhere in 5 s, so that
 * a gateway's clients don't come back at once; then twice as long each time up to 30 s, with half of it jitter.
 * `random` answers 0 to 1.
 */
export function backoffDelay(failures: number, random: () => number): number {
  if (failures === 0) return random() * FIRST_TRY_MS;
  const longest = Math.min(FIRST_TRY_MS * 2 ** failures, LONGEST_MS);
  return longest / 2 + (random() * longest) / 2;
}
