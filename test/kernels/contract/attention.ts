import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { uniform } from '../../../src/kernels/index.ts';
import type { NdArray } from '../../../src/tensor/index.ts';
import { attentionExtremes } from './attentionExtremes.ts';
import {
  elements,
  expectNear,
  filled,
  gradTolerance,
  layouts,
  normals,
  numericGrad,
  output,
  type Subject,
  tolerance,
} from './harness.ts';

interface Shape {
  readonly B: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  readonly D: number;
}

interface Options {
  readonly scale: number;
  readonly causal: boolean;
  /** All B·H·T·S numbers. */
  readonly mask: readonly number[] | null;
  readonly dropout: { readonly p: number; readonly seed: number } | null;
}

/** y, one query at a time. */
function reference(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  { B, H, T, S, D }: Shape,
  o: Options,
) {
  const [y, max, sum]: number[][] = [[], [], []];
  for (let row = 0; row < B * H * T; row++) {
    const [head, t] = [Math.floor(row / T), row % T];
    const scores = Array.from({ length: S }, (_, s) => {
      if (o.causal && s > t + S - T) return -Infinity;
      let dot = 0;
      for (let d = 0; d < D; d++) dot += q[row * D + d]! * k[(head * S + s) * D + d]!;
      return o.scale * dot + (o.mask?.[row * S + s] ?? 0);
    });
    const most = Math.max(...scores);
    const exps = scores.map((score) => (most === -Infinity ? 0 : Math.exp(score - most)));
    const total = exps.reduce((a, b) => a + b, 0);
    max!.push(most);
    sum!.push(total);
    for (let d = 0; d < D; d++) {
      let mixture = 0;
      exps.forEach((e, s) => {
        const factor =
          o.dropout === null
            ? 1
            : uniform(o.dropout.seed, row * S + s) < o.dropout.p
              ? 0
              : 1 / (1 - o.dropout.p);
        if (total > 0) mixture += (e / total) * factor * v[(head * S + s) * D + d]!;
      });
      y!.push(mixture);
    }
  }
  return { y: y!, max: max!, sum: sum! };
}

const plain: Options = { scale: 0.5, causal: false, mask: null, dropout: null };
const shapes: Shape[] = [
  { B: 1, H: 1, T: 1, S: 1, D: 1 },
  { B: 2, H: 2, T: 3, S: 5, D: 3 },
  { B: 1, H: 3, T: 5, S: 5, D: 4 },
  { B: 2, H: 1, T: 7, S: 3, D: 2 },
  { B: 1, H: 1, T: 9, S: 9, D: 8 },
  { B: 0, H: 2, T: 3, S: 3, D: 2 },
  { B: 1, H: 1, T: 0, S: 3, D: 2 },
  { B: 1, H: 1, T: 3, S: 0, D: 2 },
];

export function attentionContract({ kernels, dtype }: Subject): void {
  attentionExtremes({ kernels, dtype });
  const check = (shape: Shape, options: Options, layout = 0, mask: NdArray | null = null) => {
    const { B, H, T, S, D } = shape;
    const queries = [B, H, T, D];
    const keys = [B, H, S, D];
    const view = (dimensions: number[], values: ArrayLike<number>) =>
      layouts(dtype, dimensions, values)[layout]![1];
    const [Q, K, V] = [queries, keys, keys].map((d) =>
      normals(
        dtype,
        d.reduce((a, b) => a * b),
      ),
    );
    const dY = normals(dtype, Q!.length);
    const [q, k, v, dy] = [view(queries, Q!), view(keys, K!), view(keys, V!), view(queries, dY)];
    const [y, dq, dk, dv] = [queries, queries, keys, keys].map((d) =>
      view(d, new Array(d.reduce((a, b) => a * b)).fill(Number.NaN)),
    );
    const all = options.mask && (mask ?? ndarray(filled(dtype, options.mask), [B, H, T, S]));
    const settings = { ...options, mask: all as NdArray | null };
    const [max, sum] = [output(dtype, B * H * T), output(dtype, B * H * T)];
    const expected = reference(Q!, K!, V!, shape, options);
    kernels.attention(y!, max, sum, q, k, v, settings);
    expectNear('y', elements(y!), expected.y, tolerance[dtype]);
    expectNear('max', max, expected.max, tolerance[dtype]);
    expectNear('sum', sum, expected.sum, tolerance[dtype]);
    kernels.attentionGrad(dq!, dk!, dv!, dy, y!, max, sum, q, k, v, settings);
    const near = gradTolerance[dtype];
    expectNear(
      'dq',
      elements(dq!),
      numericGrad((at) => reference(at, K!, V!, shape, options).y, Q!, dY),
      near,
    );
    expectNear(
      'dk',
      elements(dk!),
      numericGrad((at) => reference(Q!, at, V!, shape, options).y, K!, dY),
      near,
    );
    expectNear(
      'dv',
      elements(dv!),
      numericGrad((at) => reference(Q!, K!, at, shape, options).y, V!, dY),
      near,
    );
    expect([q, k, v, dy].flatMap(elements), 'inputs').toEqual([...Q!, ...K!, ...V!, ...dY]);
  };

  /** Numbers and −∞, and for the first query of all nothing but −∞. */
  const someMask = ({ B, H, T, S }: Shape) =>
    [...normals(dtype, B * H * T * S)].map((value, i) => (i < S || i % 4 === 1 ? -Infinity : value));

  test.each(shapes.map((shape) => [JSON.stringify(shape), shape] as const))('%s', (_name, shape) => {
    const dropout = { p: 0.4, seed: -1234567 };
    check(shape, plain);
    check(shape, { ...plain, causal: true });
    check(shape, { ...plain, mask: someMask(shape) });
    check(shape, { ...plain, dropout });
    check(shape, { scale: 0.3, causal: true, mask: someMask(shape), dropout });
  });

  test.each([1, 2])('strided views, layout %i', (layout) => {
    check(shapes[1]!, plain, layout);
    check(shapes[2]!, { ...plain, causal: true }, layout);
  });

  test('a mask broadcast with stride 0 over batch entries, heads or queries', () => {
    const shape = shapes[1]!;
    const { B, H, T, S } = shape;
    for (const stride of [
      [0, 0, S, 1],
      [S, 0, 0, 1],
      [0, T, 1, 0],
      [0, 0, 0, 0],
    ]) {
      const view = ndarray(filled(dtype, normals(dtype, B * H * T * S)), [B, H, T, S], stride) as NdArray;
      check(shape, { ...plain, mask: elements(view) }, 0, view);
    }
  });

  test('a mask that depends on the distance of query and key alone: one row for each head, walked backwards', () => {
    const shape = shapes[1]!;
    const { B, H, T, S } = shape;
    const row = T + S - 1;
    const view = ndarray(
      filled(dtype, normals(dtype, H * row)),
      [B, H, T, S],
      [0, row, -1, 1],
      T - 1,
    ) as NdArray;
    check(shape, { ...plain, mask: elements(view) }, 0, view);
    check(shape, { ...plain, causal: true, mask: elements(view) }, 0, view);
  });

  test('huge scores; NaN spoils its own query, or its own head', () => {
    const [T, D] = [2, 1];
    const view = (values: number[]) => ndarray(filled(dtype, values), [1, 2, T, D]) as NdArray;
    const [y, max, sum] = [view([9, 9, 9, 9]), output(dtype, 4), output(dtype, 4)];
    const v = view([1, 2, 3, 4]);
    kernels.attention(y, max, sum, view([100, -100, 100, -100]), view([100, -100, 100, -100]), v, {
      ...plain,
      mask: null,
      scale: 1,
    });
    expect(elements(y)).toEqual([1, 2, 3, 4]);
    kernels.attention(y, max, sum, view([Number.NaN, 0, 0, 0]), view([0, 0, 0, Number.NaN]), v, {
      ...plain,
      mask: null,
    });
    expect(elements(y)).toEqual([Number.NaN, 1.5, Number.NaN, Number.NaN]);
  });
}
