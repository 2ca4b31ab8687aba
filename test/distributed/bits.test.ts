/** P ranks give the bits of one process that accumulates their batches. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Launcher, launchers, onRanks, programArgs } from '../support/mpi.ts';

/** What the program prints: by case, its events, and hashes of two checkpoints and of the last weights. */
type Results = Readonly<
  Record<string, { events: { loss: number; gradientNorm: number; skipped: boolean }[]; weights: string }>
>;

async function run(launcher: Launcher | null, ranks: number) {
  const program = programArgs('test/distributed/program.ts');
  const { code, output, errors } = await onRanks(launcher, ranks, program);
  expect(code, errors + output).toBe(0);
  return JSON.parse(output) as { library: string; ranks: number; plain: Results; shared: Results };
}

describe('GPT and BERT, on js and wasm, clipped, with a stop in between,', () => {
  let alone: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    alone = await run(null, 1);
  });

  test('are the same by a distributed trainer in a world of one, but for the masks of dropout', () => {
    const { 'gpt, dropout': masked, ...shared } = alone.shared;
    const { 'gpt, dropout': _, ...plain } = alone.plain;
    expect(shared).toEqual(plain);
    expect(masked!.weights).not.toBe(shared['gpt on wasm']!.weights);
  });

  test('are clipped, and skip the step of an infinite loss', () => {
    for (const [name, { events }] of Object.entries(alone.plain)) {
      const expected = name === 'gpt, spoilt' ? [false, true, false, false, false] : new Array(5).fill(false);
      expect(events.map(({ skipped }) => skipped)).toEqual(expected);
      const norms = events.flatMap(({ skipped, gradientNorm }) => (skipped ? [] : [gradientNorm]));
      expect(Math.min(...norms)).toBeGreaterThan(0.05);
    }
  });

  // Each number of ranks writes the same checkpoint in between, and goes on from it to the same end: so any
  // goes on from that of any other.
  describe.each(launchers)('on ranks of $name', (launcher) => {
    test.each([1, 2, 3, 4])(
      'are the same on %i, with dropout, skipped steps and shards, too',
      async (ranks) => {
        const { library, shared, ...printed } = await run(launcher, ranks);
        expect(printed).toEqual({ ranks });
        expect(library).toContain(launcher.name);
        const { 'gpt, any order': anyOrder, ...others } = shared;
        const { 'gpt, any order': ordered, ...expected } = alone.shared;
        expect(others).toEqual(expected);
        for (const [i, { loss }] of anyOrder!.events.entries())
          expect(loss).toBeCloseTo(ordered!.events[i]!.loss, 4);
      },
    );
  });
});
