import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addNoise, flip, type ImageBatch, mixup, shift } from '../../src/data/index.ts';
import { crossEntropy } from '../../src/ops/index.ts';
import { manualSeed, randn, randomStream, type Tensor, tensor } from '../../src/tensor/index.ts';

type Images = number[][][][];
const rows = (x: Tensor) => x.toArray() as Images;
const labels = (...values: number[]) => tensor(values, { dtype: 'int32' });

/** Images of any size, of which no two pixels are equal. */
const anyImages = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom(1, 3),
  )
  .map((shape) => randn(shape));

describe('flip', () => {
  test('with certainty mirrors columns, never rows or channels; twice is nothing', () => {
    fc.assert(
      fc.property(anyImages, (images) => {
        const mirrored = rows(images).map((image) => image.map((row) => row.toReversed()));
        expect(rows(flip(images, { p: 1 }))).toEqual(mirrored);
        expect(rows(flip(flip(images, { p: 1 }), { p: 1 }))).toEqual(rows(images));
        expect(rows(flip(images, { p: 0 }))).toEqual(rows(images));
      }),
    );
  });

  test('by default chooses half of the images, each for itself', () => {
    manualSeed(1);
    const images = tensor(Array.from({ length: 1000 }, () => [[[0], [1]]]));
    const share = rows(flip(images)).filter((image) => image[0]![0]![0] === 1).length / 1000;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.05);
  });
});

describe('shift', () => {
  test('moves every image as a whole, by at most so many pixels, and 0 comes in', () => {
    fc.assert(
      fc.property(anyImages, fc.integer({ min: 0, max: 3 }), (images, most) => {
        const [given, moved] = [rows(images), rows(shift(images, { most }))];
        given.forEach((image, i) => {
          const places = Array.from({ length: (2 * most + 1) ** 2 }, (_, n) => [
            Math.floor(n / (2 * most + 1)) - most,
            (n % (2 * most + 1)) - most,
          ]);
          const shifted = ([down, right]: number[]) =>
            image.map((row, y) =>
              row.map((pixel, x) => image[y - down!]?.[x - right!] ?? pixel.map(() => 0)),
            );
          expect(places.map(shifted)).toContainEqual(moved[i]);
        });
      }),
    );
  });

  test('takes every way equally often', () => {
    manualSeed(2);
    const spot = [
      [[0], [0], [0]],
      [[0], [1], [0]],
      [[0], [0], [0]],
    ];
    const moved = rows(shift(tensor(Array.from({ length: 4500 }, () => spot)), { most: 1 }));
    const counts = new Map<number, number>();
    for (const image of moved) {
      const place = image.flat(2).indexOf(1);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    for (const count of counts.values()) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});

test('noise has mean 0 and the standard deviation asked for, and may leave [0, 1]', () => {
  manualSeed(3);
  const added = Array.from(
    addNoise(tensor([[Array.from({ length: 20_000 }, () => [1])]]), { std: 0.2 }).toTypedArray(),
    (x) => x - 1,
  );
  const mean = added.reduce((sum, x) => sum + x, 0) / added.length;
  const variance = added.reduce((sum, x) => sum + x * x, 0) / added.length;
  expect(Math.abs(mean)).toBeLessThan(0.005);
  expect(Math.abs(Math.sqrt(variance) - 0.2)).toBeLessThan(0.005);
});

describe('mixup', () => {
  const mixed = (batch: ImageBatch, options = {}) => {
    const { inputs, targets } = mixup(batch, { classes: 10, ...options });
    return { inputs: rows(inputs), targets: targets.toArray() as number[][] };
  };

  test('mixes pixels and classes by one share, each image with one of its batch, each of them once', () => {
    manualSeed(4);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (B, alpha) => {
          // image i has the pixels i and 2·i, and the class i
          const inputs = tensor(Array.from({ length: B }, (_, i) => [[[i], [2 * i]]]));
          const batch = { inputs, targets: labels(...Array(B).keys()) };
          const result = mixed(batch, { alpha });
          const partners = new Set<number>();
          result.targets.forEach((target, i) => {
            expect(target.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
            const others = target.flatMap((p, label) => (p > 0 && label !== i ? [label] : []));
            expect(others.length).toBeLessThanOrEqual(1);
            partners.add(others[0] ?? i);
            const expected = target.reduce((sum, p, label) => sum + p * label, 0); // Σ p·pixel, as the pixel is the class
            expect(result.inputs[i]![0]![0]![0]).toBeCloseTo(expected, 4);
            expect(result.inputs[i]![0]![1]![0]).toBeCloseTo(2 * expected, 4);
          });
          if (result.targets.every((target) => target.filter((p) => p > 0).length === 2))
            expect(partners.size).toBe(B);
        },
      ),
    );
  });

  test.each([0.2, 1])('shares come from Beta(%s, %s): mean 1/2, variance 1/(4(2α + 1))', (alpha) => {
    manualSeed(5);
    const batch = { inputs: tensor([[[[0]]], [[[1]]]]), targets: labels(0, 1) };
    const shares = Array.from({ length: 4000 }, () => mixed(batch, { alpha }).targets[0]![0]!);
    // Half the time an image meets itself, and its share is 1.
    const met = shares.filter((share) => share < 1);
    const mean = met.reduce((sum, x) => sum + x, 0) / met.length;
    const variance = met.reduce((sum, x) => sum + (x - mean) ** 2, 0) / met.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(variance - 1 / (4 * (2 * alpha + 1)))).toBeLessThan(0.012);
  });

  test('its targets are what crossEntropy takes: the loss is the mixture of both losses', () => {
    manualSeed(6);
    const { targets } = mixup(
      { inputs: randn([2, 1, 1, 1]), targets: labels(2, 0) },
      { classes: 3, alpha: 1 },
    );
    const [[, , share]] = targets.toArray() as [number[]];
    const logits = randn([1, 3]);
    const of = (label: number) => crossEntropy(logits, labels(label)).item();
    const both = crossEntropy(logits, tensor([(targets.toArray() as number[][])[0]!])).item();
    expect(both).toBeCloseTo(share! * of(2) + (1 - share!) * of(0), 5);
  });
});

describe('every augmentation', () => {
  const batch = () => ({
    inputs: randn([6, 4, 5, 3], { random: randomStream('pixels') }),
    targets: labels(0, 1, 2, 3, 4, 5),
  });
  type Call = (batch: ImageBatch, random?: ReturnType<typeof randomStream>) => Tensor;
  const calls: [name: string, call: Call][] = [
    ['flip', ({ inputs }, random) => flip(inputs, { random })],
    ['shift', ({ inputs }, random) => shift(inputs, { random })],
    ['noise', ({ inputs }, random) => addNoise(inputs, { random })],
    ['mixup', (given, random) => mixup(given, { classes: 6, alpha: 1, random }).inputs],
  ];

  test.each(calls)(
    '%s changes nothing that it is given, and draws from the stream of its name or the one given',
    (name, call) => {
      const once = (stream?: string) => {
        manualSeed(7);
        const given = batch();
        const before = [given.inputs.toArray(), given.targets.toArray()];
        const result = call(given, stream === undefined ? undefined : randomStream(stream)).toArray();
        expect([given.inputs.toArray(), given.targets.toArray()]).toEqual(before);
        return result;
      };
      expect(once()).toEqual(once(name));
      expect(once('a')).toEqual(once('a'));
      expect(once('a')).not.toEqual(once('b'));
    },
  );
});

const images = randn([2, 3, 3, 1]);
test.each<[string, () => unknown, string]>([
  [
    'an image without a batch',
    () => flip(randn([3, 3, 1])),
    'flip: images are float numbers (B, H, W, C). got float32 (3, 3, 1).',
  ],
  ['a list', () => shift([1] as never), 'shift: images are float numbers (B, H, W, C). got [1].'],
  ['p', () => flip(images, { p: 1.5 }), 'flip: p lies in [0, 1]. got 1.5.'],
  ['half a pixel', () => shift(images, { most: 0.5 }), 'shift: most is a whole number ≥ 0. got 0.5.'],
  ['std', () => addNoise(images, { std: -1 }), 'addNoise: std is a finite number ≥ 0. got -1.'],
  ['random', () => addNoise(images, { random: 3 as never }), 'addNoise: random is a function. got 3.'],
  [
    'alpha',
    () => mixup({ inputs: images, targets: labels(0, 1) }, { classes: 2, alpha: 2 }),
    'mixup: alpha lies in (0, 1]. got 2.',
  ],
  [
    'no classes',
    () => mixup({ inputs: images, targets: labels(0, 1) }, {} as never),
    'mixup: classes is given. got nothing.',
  ],
  [
    'a class too many',
    () => mixup({ inputs: images, targets: labels(0, 2) }, { classes: 2 }),
    'mixup: classes lie in [0, 2). got 2',
  ],
  [
    'too few targets',
    () => mixup({ inputs: images, targets: labels(0) }, { classes: 2 }),
    'mixup: targets are one class for each image, int32. got int32 (1).',
  ],
  ['option', () => shift(images, { moist: 1 } as never), 'did you mean "most"?'],
])('refuses bad input: %s', (_, use, message) => {
  expect(use).toThrow(message);
});
