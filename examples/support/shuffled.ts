import { randomStream } from 'scratchformer';

/** A copy in random order, by the stream 'shuffle'. */
export function shuffled<T>(items: readonly T[]): T[] {
  const random = randomStream('shuffle');
  const placed = items.map((item) => ({ item, place: random() }));
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}
