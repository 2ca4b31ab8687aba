/**
 * The contract suite: every kernel of every backend, in both float types, against naive float64 code at
 * awkward sizes. A backend joins by a line in `backends`; what it does not implement itself it takes over
 * from the reference.
 */
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findBlas } from '../../src/kernels/blas/find.ts';
import { type BackendName, type BackendOptions, kernels, useBackend } from '../../src/kernels/index.ts';
import { currentThreads } from '../../src/kernels/wasm/call.ts';
import { splitEverything } from '../../src/kernels/wasm/threads.ts';
import { lackOfAdapter } from '../support/adapter.ts';
import { attentionContract } from './contract/attention.ts';
import { blendContract } from './contract/blend.ts';
import { depthwiseConvContract } from './contract/depthwiseConv.ts';
import { elementwiseContract } from './contract/elementwise.ts';
import { expectGuardsUntouched } from './contract/harness.ts';
import { layerNormContract } from './contract/layerNorm.ts';
import { lstmContract } from './contract/lstm.ts';
import { matmulContract } from './contract/matmul.ts';
import { reduceContract } from './contract/reduce.ts';
import { rmsNormContract } from './contract/rmsNorm.ts';
import { rotateContract } from './contract/rotate.ts';
import { crossEntropyContract, softmaxContract } from './contract/rows.ts';
import { adamWContract, embeddingContract, lionContract } from './contract/tables.ts';

/** The kernels in use are one object, so that the checks below run on whatever `useBackend` chose last. */
const backends: [title: string, name: BackendName, options: BackendOptions][] = [
  ['js', 'js', {}],
  ['wasm, plain SIMD, one thread', 'wasm', { build: 'plain', threads: 1 }],
  ['wasm, plain SIMD, two threads', 'wasm', { build: 'plain', threads: 2 }],
  ['wasm, relaxed SIMD, one thread', 'wasm', { build: 'relaxed', threads: 1 }],
  ['wasm, relaxed SIMD, three threads', 'wasm', { build: 'relaxed', threads: 3 }],
  ['wasm, wide, three threads', 'wasm', { build: 'wide', threads: 3 }],
  ['blas, two threads', 'blas', { threads: 2 }],
  ['webgpu', 'webgpu', { threads: 1 }],
];
/** What the machine may lack: then there is nothing to hold to the contract. CI installs all. */
const lacks: Partial<Record<BackendName, boolean>> = {
  blas: typeof findBlas() === 'string',
  webgpu: lackOfAdapter !== null,
};

/** Group of checks → the kernels that it covers. */
const groups = [
  {
    check: elementwiseContract,
    covers: [
      'copy',
      'binary',
      'addTo',
      'map',
      'mapWithSlope',
      'scale',
      'sumSquares',
      'dropout',
      'bernoulliGate',
    ],
  },
  { check: reduceContract, covers: ['sum', 'max', 'cumsum'] },
  { check: matmulContract, covers: ['matmul'] },
  { check: softmaxContract, covers: ['softmax', 'softmaxGrad', 'logSumExp'] },
  { check: layerNormContract, covers: ['layerNorm', 'layerNormGrad'] },
  { check: rmsNormContract, covers: ['rmsNorm', 'rmsNormGrad'] },
  { check: depthwiseConvContract, covers: ['depthwiseConv', 'depthwiseConvGrad', 'depthwiseConvWeightGrad'] },
  { check: rotateContract, covers: ['rotate'] },
  { check: attentionContract, covers: ['attention', 'attentionGrad'] },
  { check: crossEntropyContract, covers: ['crossEntropy', 'crossEntropyGrad'] },
  { check: lstmContract, covers: ['lstmCell', 'lstmCellGrad'] },
  { check: embeddingContract, covers: ['gatherRows', 'scatterAddRows'] },
  { check: blendContract, covers: ['blend', 'approach', 'polynomial'] },
  { check: adamWContract, covers: ['adamW'] },
  { check: lionContract, covers: ['lion'] },
];

afterEach(expectGuardsUntouched);

describe.each(backends.filter(([, name]) => !lacks[name]))('%s', (_, name, options) => {
  beforeAll(async () => {
    useBackend(name, options);
    splitEverything(true);
    while (name !== 'js' && options.threads !== 1 && !currentThreads().ready()) await setTimeout(5);
  });
  afterAll(() => splitEverything(false));

  test('the suite covers every kernel', () => {
    expect(groups.flatMap(({ covers }) => covers).sort()).toEqual(Object.keys(kernels).sort());
  });

  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    for (const { check, covers } of groups) describe(covers.join(', '), () => check({ kernels, dtype }));
  });
});
