import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchesOf, cut, ownersOf, type Parcel, plan, segmentsOf } from '../../src/distributed/layout.ts';

const cases = fc.record({
  sizes: fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 8 }),
  ranks: fc.integer({ min: 1, max: 7 }),
  more: fc.integer({ min: 0, max: 9 }),
  seed: fc.integer({ min: 0, max: 1000 }),
});

describe('the cut into segments', () => {
  test('gives every number to one rank, in order, and no rank much more than its share', () => {
    fc.assert(
      fc.property(cases, ({ sizes, ranks }) => {
        const pieces = cut(sizes, ranks);
        const numbers = pieces.flatMap(({ parameter, from, to, owner, at }) =>
          Array.from({ length: to - from }, (_, i) => ({ parameter, index: from + i, owner, at: at + i })),
        );
        const expected = sizes.flatMap((size, parameter) =>
          Array.from({ length: size }, (_, index) => ({ parameter, index })),
        );
        expect(numbers.map(({ parameter, index }) => ({ parameter, index }))).toEqual(expected);
        const segments = segmentsOf(pieces, ranks);
        let i = 0;
        for (const [owner, length] of segments.entries()) {
          for (let at = 0; at < length; at++, i++) expect(numbers[i]).toMatchObject({ owner, at });
          expect(length).toBeLessThan(expected.length / ranks + 16);
        }
      }),
    );
  });
});

test('whole parameters are shared out so that no rank has more than its share and one parameter', () => {
  fc.assert(
    fc.property(cases, ({ sizes, ranks }) => {
      const loads = new Array<number>(ranks).fill(0);
      for (const [i, owner] of ownersOf(sizes, ranks).entries()) loads[owner]! += sizes[i]!;
      const total = sizes.reduce((sum, size) => sum + size, 0);
      expect(loads.reduce((sum, load) => sum + load, 0)).toBe(total);
      expect(Math.max(...loads)).toBeLessThanOrEqual(total / ranks + Math.max(...sizes));
    }),
  );
});

describe('the plan of a step', () => {
  test('has every rank receive what the others send, and every gradient added up once, in order', () => {
    fc.assert(
      fc.property(cases, ({ sizes, ranks, more, seed }) => {
        const batches = ranks + more;
        const pieces = cut(sizes, ranks);
        const uses = (batch: number, parameter: number) => (seed + 7 * batch + 3 * parameter) % 3;
        const plans = Array.from({ length: ranks }, (_, rank) =>
          plan(pieces, { rank, size: ranks }, batches, uses),
        );
        const name = ({ piece, batch, use }: Parcel) =>
          `batch ${batch}, parameter ${piece.parameter} from ${piece.from}, use ${use}`;
        for (const [rank, { receives, receiveCounts }] of plans.entries()) {
          expect(receiveCounts).toEqual(plans.map(({ sendCounts }) => sendCounts[rank]));
          const sent = plans.flatMap(({ sends }, sender) =>
            sends
              .filter(({ piece }) => piece.owner === rank)
              .map((parcel) => [
                `${name(parcel)} of ${sender}`,
                parcel.at - start(plans[sender]!.sendCounts, rank),
              ]),
          );
          const received = receives.map((parcel) => {
            const sender = parcel.batch % ranks;
            return [`${name(parcel)} of ${sender}`, parcel.at - start(receiveCounts, sender)];
          });
          expect(new Map(received as [string, number][])).toEqual(new Map(sent as [string, number][]));
          expect(received).toHaveLength(sent.length);
          const order = receives.map(({ batch, piece, use }) => [piece.parameter, batch, use]);
          for (const parameter of sizes.keys()) {
            const own = order.filter(([of]) => of === parameter).map(([, batch, use]) => batch! * 10 + use!);
            expect(own).toEqual([...own].sort((a, b) => a - b));
          }
        }
      }),
    );
  });

  test('shares the batches out, each to one rank', () => {
    expect([0, 1, 2].map((rank) => batchesOf(rank, 3, 7))).toEqual([
      [0, 3, 6],
      [1, 4],
      [2, 5],
    ]);
  });
});

const start = (counts: readonly number[], index: number) =>
  counts.slice(0, index).reduce((sum, count) => sum + count, 0);
