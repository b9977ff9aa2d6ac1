export interface Random {
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  some<T>(from: readonly T[], most: number): T[];
}

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => {
    const found = from[below(from.length)];
    if (found === undefined) throw new RangeError('nothing to pick from');
    return found;
  };
  const some = <T>(from: readonly T[], most: number): T[] => {
    const rest = [...from];
    const count = Math.min(rest.length, 1 + below(most));
    return Array.from({ length: count }, () => rest.splice(below(rest.length), 1)).flat();
  };
  return { below, pick, some };
}
