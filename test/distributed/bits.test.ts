/** P ranks give the bits of one process that accumulates their batches. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Launcher, launchers, onRanks, programArgs } from '../support/mpi.ts';

const PROGRAM = 'test/distributed/program.ts';

interface Printed {
  readonly library: string;
  readonly ranks: number;
  readonly results: Record<
    string,
    { readonly events: { readonly loss: number; readonly gradientNorm: number; readonly skipped: boolean }[] }
  >;
}

async function run(launcher: Launcher | null, ranks: number, ...options: string[]): Promise<Printed> {
  const { code, output, errors } = await onRanks(launcher, ranks, [...programArgs(PROGRAM), ...options]);
  expect(code, errors + output).toBe(0);
  return JSON.parse(output) as Printed;
}

describe('GPT and BERT, on js and wasm, clipped, with a stop in between,', () => {
  let accumulated: Printed;
  beforeAll(async () => {
    accumulated = await run(null, 1, 'plain');
    const norms = Object.values(accumulated.results).flatMap(({ events }) =>
      events.map(({ gradientNorm }) => gradientNorm),
    );
    expect(norms).toHaveLength(20);
    expect(Math.min(...norms)).toBeGreaterThan(0.05); // all are clipped
  });

  test('are the same by a distributed trainer in a world of one', async () => {
    const { results, library } = await run(null, 1, 'shared');
    expect(library).toBe('no library');
    expect(results).toEqual(accumulated.results);
  });

  describe.each(launchers)('on ranks of $name', (launcher) => {
    test.each([1, 2, 3, 4])('are the same on %i', async (ranks) => {
      const printed = await run(launcher, ranks, 'shared');
      expect(printed).toMatchObject({ ranks });
      expect(printed.library).toContain(launcher.name);
      expect(printed.results).toEqual(accumulated.results);
    });
  });

  test.skipIf(launchers.length === 0)('are nearly the same where MPI chooses the order', async () => {
    const { results } = await run(launchers[0]!, 3, 'shared', '0', 'anyOrder');
    for (const [name, { events }] of Object.entries(results))
      for (const [i, { loss }] of events.entries())
        expect(loss, name).toBeCloseTo(accumulated.results[name]!.events[i]!.loss, 4);
  });
});

test.skipIf(launchers.length === 0)('all skip a step in which the loss of one is infinite', async () => {
  const [one, three] = [
    await run(null, 1, 'plain', '0', 'inOrder', '5'),
    await run(launchers.at(-1)!, 3, 'shared', '0', 'inOrder', '5'),
  ];
  expect(three.results).toEqual(one.results);
  for (const { events } of Object.values(one.results))
    expect(events.map(({ skipped }) => skipped)).toEqual([false, true, false, false, false]);
});

test.skipIf(launchers.length === 0)('dropout is the same on any number of ranks, too', async () => {
  const [one, three] = [
    await run(null, 1, 'shared', '0.2'),
    await run(launchers.at(-1)!, 3, 'shared', '0.2'),
  ];
  expect(three.results).toEqual(one.results);
  const without = await run(null, 1, 'shared');
  expect(one.results).not.toEqual(without.results);
});
