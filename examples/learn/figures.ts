// The figures of the course: `npx tsx examples/learn/figures.ts` draws them again.

import { writeFileSync } from 'node:fs';
import { attentionWeights, gelu, manualSeed, randn, relu, silu } from 'scratchformer';
import { tokenDistribution } from 'scratchformer/generation';
import { attentionMap } from 'scratchformer/report';
import { chart, type Point } from '../lab/support/charts.ts';
import { type Curve, evaluate, grid } from '../lab/support/curves.ts';

const save = (name: string, svg: string) =>
  writeFileSync(new URL(`figures/${name}.svg`, import.meta.url), svg);

/** Lesson 01: the slope of eˣ at 0.5 by differences, and how wrong they are. */
function differences(): string {
  const [x, eps] = [0.5, 0.8];
  const line = (from: number, to: number, slope: number, at: Point): Point[] =>
    [from, to].map((u) => [u, (at[1] as number) + slope * (u - (at[0] as number))]);
  const f = Math.exp;
  const oneSided = (e: number) => (f(x + e) - f(x)) / e;
  const central = (e: number) => (f(x + e) - f(x - e)) / (2 * e);
  const widths = grid(-4, 0, 0.5).map((power) => 10 ** power);
  const error = (measure: (e: number) => number): Point[] =>
    widths.map((e) => [e, Math.abs(measure(e) - f(x))]);
  return chart([
    {
      title: 'The slope of eˣ at 0.5, with ε = 0.8',
      x: { name: 'x', min: -0.6, max: 1.6 },
      y: { name: 'f(x)', min: 0, max: 4.5 },
      series: [
        { name: 'f(x) = eˣ', points: grid(-0.6, 1.6, 0.02).map((u) => [u, f(u)]) },
        { name: 'tangent', points: line(-0.6, 1.6, f(x), [x, f(x)]), dashed: true },
        { name: 'to one side', points: line(x, x + eps, oneSided(eps), [x, f(x)]) },
        { name: 'central', points: line(x - eps, x + eps, central(eps), [x - eps, f(x - eps)]) },
      ],
    },
    {
      title: 'Its error',
      x: { name: 'ε', log: true },
      y: { name: 'error of the slope', log: true },
      series: [
        { name: 'to one side', points: error(oneSided) },
        { name: 'central', points: error(central) },
      ],
    },
  ]);
}

/** Lesson 05: activations and their derivatives. */
function activations(): string {
  const curves: Record<string, Curve> = { relu: (x) => relu(x), gelu: (x) => gelu(x), silu: (x) => silu(x) };
  const points = grid(-4, 3, 0.05);
  const panel = (title: string, part: 'values' | 'slopes') => ({
    title,
    x: { name: 'x' },
    y: { name: title },
    series: Object.entries(curves).map(([name, f]) => {
      const found = evaluate(f, points)[part];
      return { name, points: points.map((x, i): Point => [x, found[i]!]) };
    }),
  });
  return chart([panel('value', 'values'), panel('derivative', 'slopes')]);
}

/** Lesson 07: what two causal heads with random queries and keys look at. */
function mask(): string {
  manualSeed(3);
  const words = ['the', 'cat', 'sat', 'on', 'the'];
  const P = attentionWeights(randn([1, 2, 5, 8]), randn([1, 2, 5, 8]), { causal: true });
  const [weights] = P.toArray() as number[][][][];
  const title = 'Two heads with random weights: no word sees those after it';
  return attentionMap({ title, weights: weights!, rows: words, columns: words });
}

/** Lesson 11: one distribution by several knobs. */
function knobs(): string {
  const words = ['cat', 'dog', 'bird', 'fish', 'fly', 'of'];
  const logits = Float64Array.of(2.2, 1.8, 1.1, 0.6, 0.1, -1.5);
  const settings = {
    'temperature 0.5': { temperature: 0.5 },
    'temperature 1': {},
    'temperature 2': { temperature: 2 },
    'top-k 2': { topK: 2 },
    'top-p 0.8': { topP: 0.8 },
    'both: 0.5, top-p 0.8': { temperature: 0.5, topP: 0.8 },
  };
  const panels = Object.entries(settings).map(([title, options]) => ({
    title,
    x: { name: 'next token', categories: words },
    y: { name: 'probability', min: 0, max: 0.8 },
    series: [
      {
        name: 'p',
        as: 'bars' as const,
        points: [...tokenDistribution(logits, options)].map((p, i): Point => [words[i]!, p]),
      },
    ],
  }));
  return chart(panels, { columns: 3, height: 230 });
}

save('01-differences', differences());
save('05-activations', activations());
save('07-mask', mask());
save('11-knobs', knobs());
