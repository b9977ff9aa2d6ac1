const DIGITS = 11;

/** A whole number of 0 to 2^53 − 1 as 11 characters that order as the numbers do (base 36). */
export function sortable(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('not a whole number of 0 to 2^53 - 1');
  return value.toString(36).padStart(DIGITS, '0');
}

/** The number of `sortable`. Throws `RangeError` on anything else. */
export function fromSortable(text: string): number {
  const value = /^[0-9a-z]{11}$/.test(text) ? Number.parseInt(text, 36) : NaN;
  if (!Number.isSafeInteger(value)) throw new RangeError('not a sortable number');
  return value;
}

/** The range of all keys that begin with `prefix`. */
export function withPrefix(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix}\x7f` };
}
