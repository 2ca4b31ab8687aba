import {
  type Explainer,
  type Explanation,
  type Factor,
  gradientAt,
  type Scene,
  sumOf,
  valueAt,
} from './explanation.ts';

const BASE = 10000;

/** A pair of channels, turned by an angle that grows with the position. */
function turned(
  { output: { shape } }: Scene,
  index: number,
  at: (index: number) => Factor,
  direction: 1 | -1,
): Explanation {
  const [, T, H, D] = shape as [number, number, number, number];
  const d = index % D;
  const t = Math.floor(index / (H * D)) % T;
  const angle = direction * t * BASE ** (-(d - (d % 2)) / D);
  const isFirst = d % 2 === 0;
  const terms = [
    [at(index), { label: 'cos α', value: Math.cos(angle) }],
    [
      at(isFirst ? index + 1 : index - 1),
      { label: isFirst ? '−sin α' : 'sin α', value: (isFirst ? -1 : 1) * Math.sin(angle) },
    ],
  ];
  return sumOf(
    direction === 1
      ? 'the pair (x₂ᵢ, x₂ᵢ₊₁) turned by α = t·10000^(−2i/D)'
      : 'the pair of dy turned back by α',
    terms,
    [{ label: 'α', value: angle }],
  );
}

export const rotary: Explainer = {
  forward: (scene, index) => turned(scene, index, (i) => valueAt('x', scene.inputs[0]!, i), 1),
  backward: (scene, _, index) => turned(scene, index, (i) => gradientAt('dy', scene.output, i), -1),
};
