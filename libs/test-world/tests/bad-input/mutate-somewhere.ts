import fc from 'fast-check';

type Generate = <Value>(arbitrary: () => fc.Arbitrary<Value>) => Value;

/** One place of a JSON value replaced, left out, or with one character turned. */
export function mutateSomewhere(value: unknown, generate: Generate): unknown {
  const places = placesOf(value);
  const path = places[generate(() => fc.nat({ max: places.length - 1 }))] ?? [];
  return replaceAt(value, path, (here) => {
    const how = generate(() => fc.constantFrom('turn', 'replace', 'cut', 'drop'));
    if (typeof here !== 'string' || here === '' || how === 'replace') return generate(() => fc.jsonValue());
    if (how === 'drop') return undefined;
    const at = generate(() => fc.nat({ max: here.length - 1 }));
    if (how === 'cut') return here.slice(0, at);
    const letter = generate(() => fc.constantFrom(...'ABCwxyz019-_+/= \u0000\ud83d'));
    return here.slice(0, at) + letter + here.slice(at + 1);
  });
}

function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, one]) => placesOf(one, [...path, name]))];
}

function replaceAt(value: unknown, path: readonly string[], change: (here: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((one, i) => (String(i) === name ? replaceAt(one, rest, change) : one));
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([key, one]) => [key, key === name ? replaceAt(one, rest, change) : one]),
  );
}
