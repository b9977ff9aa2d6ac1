/** Characters that the engine takes in one message. */
export const LONGEST = 14_000;

/** Counted as the engine counts: by code points. */
export function isTooLong(text: string): boolean {
  return text.length > LONGEST && Array.from(text).length > LONGEST;
}
