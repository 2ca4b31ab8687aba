/** What the last step did to one weight: gradient, state, decay or none, step. */
import type { Update } from '../engine/update.ts';
import { element, short } from './dom.ts';

export function updateBox(update: Update, index: number): HTMLElement {
  const { before, after, gradient, state, settings, role, count } = update;
  const at = (values: Float32Array) => values[index]!;
  const decay = settings.weightDecay as number;
  const rows: [string, string][] = [
    ['weight before', short(at(before))],
    ['gradient of the batch, clipped', short(at(gradient))],
    ...Object.entries(state).map(([name, { before, after }]): [string, string] => [
      name,
      `${short(at(before))} → ${short(at(after))}`,
    ]),
    ...corrected(update, index),
    ...orthogonal(update, index),
    ['decay', decay > 0 ? `${short(decay)} · learning rate · weight` : `none: a ${role} never decays`],
    ['learning rate', short(settings.lr as number)],
    ['step', short(at(after) - at(before))],
    ['weight after', short(at(after))],
  ];
  return element(
    'section.explanation',
    {},
    element('h3', {}, `Update ${count}, by ${update.optimizer}`),
    element(
      'dl.update',
      {},
      ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  );
}

/** Adam's moments without the bias of their start. */
function corrected({ state, settings, count }: Update, index: number): [string, string][] {
  if (!state.m || !state.v) return [];
  const [beta1, beta2] = settings.betas as [number, number];
  const m = state.m.after[index]! / (1 - beta1 ** count);
  const v = state.v.after[index]! / (1 - beta2 ** count);
  return [
    ['m̂ = m/(1 − β₁ᵗ)', short(m)],
    ['v̂ = v/(1 − β₂ᵗ)', short(v)],
    ['m̂/(√v̂ + ε)', short(m / (Math.sqrt(v) + (settings.eps as number)))],
  ];
}

/** What Muon makes of the momentum: it takes all numbers of the matrix, so it is read off the step. */
function orthogonal(
  { before, after, shape, settings, optimizer }: Update,
  index: number,
): [string, string][] {
  if (optimizer !== 'muon') return [];
  const [lr, decay] = [settings.lr as number, settings.weightDecay as number];
  const factor = 0.2 * Math.sqrt(Math.max(...shape));
  const direction = ((1 - lr * decay) * before[index]! - after[index]!) / (lr * factor);
  return [
    ['f = 0.2·√(longest side)', short(factor)],
    ['o: the momentum, made orthogonal', short(direction)],
  ];
}
