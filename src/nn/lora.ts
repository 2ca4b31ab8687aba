import { noGrad } from '../autograd/index.ts';
import { add, copy_, matmul, mul, to } from '../ops/index.ts';
import { check, checkFinite, display, fail, suggest, type Tensor, withDefaults } from '../tensor/index.ts';
import { checkSize } from './checks.ts';
import { freeze } from './freeze.ts';
import { Linear } from './linear.ts';
import { adaptersOf, LoraAdapter } from './loraAdapter.ts';
import type { Module } from './module.ts';

/** The options of `lora`. */
export interface LoraOptions {
  /** r, the rank of the change: inner width of an adapter. Default 8. */
  readonly rank?: number;
  /** α: what an adapter gives is multiplied by α/r. Default `rank`, a factor of 1. */
  readonly alpha?: number | undefined;
  /**
   * Linear layers that change: names, which are the end of a dotted name ('value', 'attention.value'), or
   * regular expressions, searched for in the whole. Default ['query', 'value'], the paper's.
   */
  readonly targets?: readonly (string | RegExp)[];
}

/**
 * LoRA, fine-tuning by changes of low rank: freezes the whole model and gives each target an adapter, which
 * alone is trained. Changes the model itself and returns it; its outputs are at first what they were.
 *
 *     lora(model, { rank: 8, alpha: 16, targets: ['query', 'value'] });
 *     const optimizer = new AdamW(decayGroups(model, { weightDecay: 0 }), { lr: 1e-3 });
 *     …                                                        // training, of the adapters only
 *     const file = encodeSafetensors(loraState(model));        // small
 *     mergeLora(model);                                        // as fast as before
 *
 * Random numbers come from the stream 'lora'. A target without a layer is an error, and so is a model that
 * has adapters.
 *
 * Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685
 */
export function lora<M extends Module>(model: M, options: LoraOptions = {}): M {
  const defaults = { rank: 8, alpha: undefined, targets: ['query', 'value'] };
  const { rank, alpha = rank, targets } = withDefaults<Required<LoraOptions>>('lora', options, defaults);
  checkSize('lora', { rank });
  checkFinite('lora', { alpha });
  const taken = adaptersOf('lora', model).map(([name]) => name);
  check(taken.length === 0, 'lora', 'the model has no adapters yet', () => taken.join(', '), () => 'mergeLora takes them in'); // biome-ignore format: one line
  const layers = targeted(model, targets);
  freeze(model);
  for (const layer of layers) layer.adapter = new LoraAdapter(layer, rank, alpha / rank);
  return model;
}

/** The linear layers that at least one target means. */
function targeted(model: Module, targets: readonly (string | RegExp)[]): Linear[] {
  const isTarget = (target: unknown) => typeof target === 'string' || target instanceof RegExp;
  check(
    Array.isArray(targets) && targets.length > 0 && targets.every(isTarget),
    'lora',
    'targets are a list of names and regular expressions',
    () => display(targets),
  );
  const linears = model.namedModules().filter((one): one is [string, Linear] => one[1] instanceof Linear);
  const means = (target: string | RegExp, name: string) =>
    typeof target === 'string' ? `.${name}`.endsWith(`.${target}`) : name.search(target) >= 0;
  for (const target of targets) {
    if (linears.some(([name]) => means(target, name))) continue;
    const known = new Set(linears.map(([name]) => name.replace(/.*\./, '')));
    fail('lora', 'each target is a linear layer of the model', String(target), suggest(target, [...known]));
  }
  return linears.filter(([name]) => targets.some((target) => means(target, name))).map(([, layer]) => layer);
}

/**
 * Takes the adapters into the weights, W ← W + scale·B·A, computed in float64 and rounded once. What is left
 * are plain layers without adapters, and all parameters of the model require grad again. Returns the model.
 * An adapted weight that other layers share is an error.
 */
export function mergeLora<M extends Module>(model: M): M {
  const adapters = adaptersOf('mergeLora', model);
  check(adapters.length > 0, 'mergeLora', 'the model has adapters', () => 'none', () => 'lora(model) makes them'); // biome-ignore format: one line
  const parts = model.namedModules().map(([, part]) => Object.values(part));
  const shared = adapters.filter(
    ([, { weight }]) => parts.filter((part) => part.includes(weight)).length > 1,
  );
  check(shared.length === 0, 'mergeLora', 'an adapted weight is of one layer', () => shared.map(([name]) => name).join(', ')); // biome-ignore format: one line
  for (const [, layer, { A, B, scale }] of adapters) {
    const double = (x: Tensor) => to(x, 'float64');
    noGrad(() => {
      const change = mul(matmul(double(B), double(A)), scale);
      copy_(layer.weight, add(double(layer.weight), change));
    });
    layer.adapter = null;
  }
  return freeze(model, false);
}
