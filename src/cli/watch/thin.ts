/** A line of metrics. */
type Line = Readonly<Record<string, unknown>>;

/** Most lines of one kind in a report; a curve has no more points that an eye can tell apart. */
const MOST = 3000;
/** Most pictures of attention in a report, which are large. */
const PICTURES = 12;

/** Lines of JSON, so many that a file stays small: numbers of neighbours become their means, pictures are picked. */
export function thinned(lines: readonly unknown[]): Line[] {
  const byKind = new Map<string, Line[]>();
  for (const line of lines as Line[]) {
    const kind = Object.keys(line).join();
    const same = byKind.get(kind) ?? [];
    same.push(line);
    byKind.set(kind, same);
  }
  return [...byKind.values()].flatMap((same) => {
    const size = Math.ceil(same.length / ('attention' in same[0]! ? PICTURES : MOST));
    const groups = Array.from({ length: Math.ceil(same.length / size) }, (_, i) => {
      return same.slice(Math.max(0, same.length - (i + 1) * size), same.length - i * size); // the last is kept
    });
    return groups.reverse().map(meanOf);
  });
}

/** The last of the lines, with the means of its numbers. */
function meanOf(lines: readonly Line[]): Line {
  const last = lines.at(-1)!;
  const entries = Object.entries(last).map(([name, value]) => {
    if (name === 'step' || typeof value !== 'number') return [name, value];
    return [name, lines.reduce((sum, line) => sum + (line[name] as number), 0) / lines.length];
  });
  return Object.fromEntries(entries);
}
