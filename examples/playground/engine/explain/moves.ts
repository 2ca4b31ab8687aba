/** Ops that compute nothing: each number comes from one place, and its gradient goes back there. */
import type { PicturedTensor } from '../picture.ts';
import { type Explainer, gradientAt, lastOf, type Scene, sumOf, valueAt } from './explanation.ts';

/** A move, by the place in the input that a place of the output shows. */
function move(how: string, sourceOf: (scene: Scene, index: number) => number): Explainer {
  return {
    forward: (scene, index) => sumOf(how, [[valueAt('x', scene.inputs[0]!, sourceOf(scene, index))]]),
    backward(scene, _, index) {
      const at = scene.output.values.findIndex((_, i) => sourceOf(scene, i) === index);
      const terms = at < 0 ? [] : [[gradientAt('dy', scene.output, at)]];
      return sumOf(at < 0 ? 'dx = 0: this half was not read' : 'dx = dy, from where it went', terms);
    },
  };
}

export const reshape = move('y = x, the same numbers in another shape', (_, index) => index);

/** Axes 1 and 2 change places: (B, T, H, D) ↔ (B, H, T, D). */
export const permute = move('y = x, two axes exchanged', ({ output: { shape } }, index) => {
  const [, M, N, D] = shape as [number, number, number, number];
  const [m, n, d] = [Math.floor(index / (N * D)) % M, Math.floor(index / D) % N, index % D];
  return (n * M + m) * D + d + index - (index % (M * N * D));
});

/** The first or the second half of the last axis: whichever has the number. */
export const half = move('y = x, one half of the last axis', (scene, index) => {
  const F = lastOf(scene.output);
  const first = 2 * F * Math.floor(index / F) + (index % F);
  return isFirst(scene) ? first : first + F;
});

function isFirst({ picture, call }: Scene): boolean {
  const sisters = picture.calls.filter(({ op, inputs }) => op === 'half' && inputs[0] === call.inputs[0]);
  return sisters[0] === call;
}

/** A row of a table. */
export const embedding: Explainer = {
  forward({ inputs: [table, ids], output }, index) {
    const C = lastOf(output);
    const token = ids!.values[Math.floor(index / C)]!;
    return sumOf('y[t] = table[token at t]', [[valueAt(`table[${token}]`, table!, token * C + (index % C))]]);
  },
  backward({ inputs: [, ids], output }, _, index) {
    const C = lastOf(output);
    const token = Math.floor(index / C);
    const positions = positionsOf(ids!, token);
    const terms = positions.map((t) => [gradientAt(`dy[${t}]`, output, t * C + (index % C))]);
    return sumOf('dtable[token] = Σ dy[t] over the positions of the token', terms);
  },
};

const positionsOf = ({ values }: PicturedTensor, token: number) =>
  [...values.keys()].filter((t) => values[t] === token);
