/** A user id is a hash already, so its first character spreads people evenly over the eight hues. */
export function hueOf(userId: string): number {
  return (userId.codePointAt(0) ?? 0) % 8;
}

/** Two letters at most: the first of the first two parts of a name. */
export function initialsOf(name: string): string {
  const parts = name.split(/[\s._-]+/u).filter(Boolean);
  return parts
    .slice(0, 2)
    .map((part) => Array.from(part)[0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
