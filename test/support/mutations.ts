import fc from 'fast-check';

/** Values that break what expects others: of each kind of JSON, with the numbers at which code goes wrong. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    0,
    -1,
    0.5,
    2 ** 31,
    2 ** 32 + 1,
    2 ** 53,
    1e30,
    -1e9,
    null,
    true,
    '',
    [],
    {},
    '__proto__',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.integer(),
  fc.string({ unit: 'binary', maxLength: 9 }),
);

interface Change {
  readonly way: readonly number[];
  readonly kind: 'replace' | 'remove' | 'rename';
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  way: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'rename'),
  value: odd,
});

/** A copy of a value of JSON with a few parts replaced, removed or renamed, however deep they are. */
export function mutated<T>(json: T): fc.Arbitrary<T> {
  const text = JSON.stringify(json);
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const copy: unknown = JSON.parse(text);
    for (const one of changes) apply(copy, one);
    return copy as T;
  });
}

/** Goes from part to part, by numbers that choose among them, and changes the last one that is a part. */
function apply(root: unknown, { way, kind, value }: Change): void {
  let at = root as Record<string, unknown>;
  for (const [i, choice] of way.entries()) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = keys[choice % keys.length]!;
    const next = at[key];
    if (i < way.length - 1 && typeof next === 'object' && next !== null && Object.keys(next).length > 0) {
      at = next as Record<string, unknown>;
      continue;
    }
    if (kind === 'replace') at[key] = value;
    else if (Array.isArray(at)) at.splice(Number(key), 1);
    else delete at[key];
    if (kind === 'rename' && !Array.isArray(at)) at[String(value)] = next;
    return;
  }
}
