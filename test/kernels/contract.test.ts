/**
 * The contract suite: every kernel of every backend, in both float types, against naive float64 code at awkward sizes.
 * A backend joins by a line in `backends`; what it does not implement itself it takes over from the reference.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { js } from '../../src/kernels/js/index.ts';
import { attentionContract } from './contract/attention.ts';
import { elementwiseContract } from './contract/elementwise.ts';
import { type Backend, expectGuardsUntouched } from './contract/harness.ts';
import { matmulContract } from './contract/matmul.ts';
import { reduceContract } from './contract/reduce.ts';
import { crossEntropyContract, layerNormContract, softmaxContract } from './contract/rows.ts';
import { adamWContract, embeddingContract } from './contract/tables.ts';

const backends: readonly Backend[] = [{ name: 'js', kernels: js }];

/** Group of checks → the kernels that it covers. */
const groups = [
  {
    check: elementwiseContract,
    covers: ['copy', 'binary', 'addTo', 'map', 'mapGrad', 'scale', 'sumSquares', 'dropout'],
  },
  { check: reduceContract, covers: ['sum', 'max', 'cumsum'] },
  { check: matmulContract, covers: ['matmul'] },
  { check: softmaxContract, covers: ['softmax', 'softmaxGrad', 'logSumExp'] },
  { check: layerNormContract, covers: ['layerNorm', 'layerNormGrad'] },
  { check: attentionContract, covers: ['attention', 'attentionGrad'] },
  { check: crossEntropyContract, covers: ['crossEntropy', 'crossEntropyGrad'] },
  { check: embeddingContract, covers: ['gatherRows', 'scatterAddRows'] },
  { check: adamWContract, covers: ['adamW'] },
];

afterEach(expectGuardsUntouched);

describe.each(backends)('$name', ({ kernels }) => {
  test('the suite covers every kernel', () => {
    expect(groups.flatMap(({ covers }) => covers).sort()).toEqual(Object.keys(kernels).sort());
  });

  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    for (const { check, covers } of groups) describe(covers.join(', '), () => check({ kernels, dtype }));
  });
});
