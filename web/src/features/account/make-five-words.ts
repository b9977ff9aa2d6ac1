type Fill = (values: Uint32Array<ArrayBuffer>) => void;

/** Five words, each chosen evenly; `fill` fills an array with random numbers. */
export function makeFiveWords(list: string[], fill: Fill): string {
  return Array.from({ length: 5 }, () => list[below(list.length, fill)]).join(' ');
}

function below(bound: number, fill: Fill): number {
  const even = Math.floor(2 ** 32 / bound) * bound;
  const value = new Uint32Array(1);
  // A remainder of values above `even` would favour the first words.
  do fill(value);
  while ((value[0] ?? 0) >= even);
  return (value[0] ?? 0) % bound;
}
