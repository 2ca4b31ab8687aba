import { display, fail, suggest, withDefaults } from '../tensor/index.ts';
import { LayerNorm } from './layerNorm.ts';
import type { Layer } from './module.ts';
import { RMSNorm } from './rmsNorm.ts';

/** The normalizations that blocks and models take by name. */
export type NormName = 'layerNorm' | 'rmsNorm';

/** The options of `normLayer`. */
export interface NormOptions {
  /** ε of the norm. Default: the layer's own, 1e-5 for layerNorm and 1e-6 for rmsNorm. */
  readonly eps?: number | undefined;
  /** Whether a layer norm has a bias (an RMS norm never has). Default true. */
  readonly bias?: boolean;
}

const norms: Record<NormName, (width: number, options: Required<NormOptions>) => Layer> = {
  layerNorm: (width, { eps, bias }) => new LayerNorm(width, { eps, bias }),
  rmsNorm: (width, { eps }) => new RMSNorm(width, { eps }),
};

/** A normalization layer of the last axis, (…, width) → (…, width), by its name. */
export function normLayer(name: NormName, width: number, options: NormOptions = {}): Layer {
  const known = Object.keys(norms);
  if (!known.includes(name)) fail('normLayer', 'the norm is known', display(name), suggest(name, known));
  const defaults = { eps: undefined, bias: true };
  return norms[name](width, withDefaults<Required<NormOptions>>('normLayer', options, defaults));
}
