import type { Parameter } from '../src/nn/parameter.ts';
import { check, checkFinite, display, required, withDefaults } from '../src/tensor/index.ts';
import { checkModel, type DecayGroup, decayGroups, type HasNamedParameters } from './parameterGroups.ts';

/** The options of `layerDecayGroups`. */
export interface LayerDecayOptions {
  /** Learning rate of the last block and all above it. */
  readonly lr: number;
  /** Factor of the rate from one block to the one below it, in (0, 1]: 0.65 to 0.95. */
  readonly decay: number;
  /** Decay λ of the weights, by the rule of `decayGroups`. */
  readonly weightDecay: number;
  /**
   * Pattern of the names in blocks, whose first group is the number. Default: a number in a list named
   * blocks, layers, encoder or decoder, such as `blocks.3.norm1.gain`.
   */
  readonly blocks?: RegExp;
}

/** A group of parameters that share one learning rate and one weight decay. */
export interface LayerDecayGroup extends DecayGroup {
  readonly lr: number;
}

/**
 * Groups for fine-tuning, where layers near the input, whose features are the most general, learn slowest.
 *
 *   block i of n               lr·decay^(n − 1 − i)
 *   embeddings                 lr·decay^n, and so whatever the model has before its first block
 *   what is after the blocks   lr
 *
 * Where there are several lists of blocks, an encoder and a decoder, each counts from its own last. Groups
 * are named by their depth: depth0 for embeddings, depth1 for block 0; those of biases and gains, which have
 * no weight decay, depth0NoDecay and so on.
 *
 *     new AdamW(layerDecayGroups(model, { lr: 1e-4, decay: 0.8, weightDecay: 0.05 }), { lr: 1e-4 })
 *
 * Howard & Ruder, "Universal Language Model Fine-tuning for Text Classification", arXiv:1801.06146;
 * Clark et al., "ELECTRA", arXiv:2003.10555
 */
export function layerDecayGroups(model: HasNamedParameters, options: LayerDecayOptions): LayerDecayGroup[] {
  const where = 'layerDecayGroups';
  const { lr, decay, weightDecay, blocks } = withDefaults<Required<LayerDecayOptions>>(where, options, {
    lr: required,
    decay: required,
    weightDecay: required,
    blocks: /\b(?:blocks|layers|encoder|decoder)\.(\d+)\./,
  });
  checkFinite(where, { lr, decay }, 0);
  check(decay > 0 && decay <= 1, where, 'decay lies in (0, 1]', () => `${decay}`);
  check(blocks instanceof RegExp, where, 'blocks is a regular expression', () => display(blocks));
  checkModel(where, model);
  const levels = byDepth(where, model.namedParameters(), blocks);
  return levels.flatMap((named, depth) =>
    decayGroups({ namedParameters: () => named }, { weightDecay })
      .filter(({ params }) => params.length > 0)
      .map((group) => ({
        ...group,
        name: `depth${depth}${group.name === 'decay' ? '' : 'NoDecay'}`,
        lr: lr * decay ** (levels.length - 1 - depth),
      })),
  );
}

type Named = [name: string, parameter: Parameter];

/** The parameters of each depth: 0 for embeddings, then the blocks, the last one with all that follows. */
function byDepth(where: string, named: Named[], pattern: RegExp): Named[][] {
  const places = named.map(([name]) => placeOf(where, name, pattern));
  const first = places.findIndex((place) => place !== null);
  const names = () => named.map(([name]) => name);
  const hint = () => 'pass blocks: /layer_(\\d+)/';
  check(first >= 0, where, 'the model has numbered blocks', () => display(names()), hint);
  const lengths = new Map<string, number>();
  for (const place of places)
    if (place) lengths.set(place.list, Math.max(lengths.get(place.list) ?? 0, place.index + 1));
  const top = Math.max(...lengths.values());
  const levels: Named[][] = Array.from({ length: top + 1 }, () => []);
  for (const [i, place] of places.entries()) {
    const outside = i < first || named[i]![1].role === 'embedding' ? 0 : top;
    levels[place ? top - lengths.get(place.list)! + 1 + place.index : outside]!.push(named[i]!);
  }
  return levels;
}

/** The list of blocks and the place in it that a name tells; null for a name outside of all blocks. */
function placeOf(where: string, name: string, pattern: RegExp): { list: string; index: number } | null {
  const match = name.match(pattern);
  if (match === null) return null;
  const index = Number(match[1]);
  check(Number.isInteger(index), where, 'the first group of blocks is a number', () => display(match[1]));
  return { list: name.slice(0, match.index) + match[0].replace(match[1]!, ''), index };
}
