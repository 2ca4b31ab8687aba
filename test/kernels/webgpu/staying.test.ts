/** Models and optimizers whose numbers stay on a GPU: of a step, no more comes over than its loss and norms. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { GPT, LSTMLanguageModel } from '../../../models/index.ts';
import { AdamW, combine, EMA, Lion, Muon, SGD, splitMatrices } from '../../../optimizers/index.ts';
import { backward } from '../../../src/autograd/index.ts';
import { randomBatch } from '../../../src/data/index.ts';
import { useBackend } from '../../../src/kernels/index.ts';
import { moved } from '../../../src/kernels/webgpu/transfers.ts';
import { manualSeed } from '../../../src/tensor/index.ts';
import { clipGradNorm } from '../../../src/train/index.ts';
import { lackOfAdapter } from '../../support/adapter.ts';

type Model = GPT | LSTMLanguageModel;
type Optimizer = Pick<AdamW, 'step' | 'zeroGrad'>;

const sizes = { vocabSize: 50, context: 16, layers: 1, heads: 4, width: 32 };
const gpt = (options: object) => () => new GPT({ ...sizes, ...options });
const muon = (model: Model) => {
  const { matrices, rest } = splitMatrices(model);
  return combine(new Muon(matrices.parameters()), new AdamW(rest.parameters()));
};
const lion = (model: Model) => new Lion(model.parameters());
const llama = { norm: 'rmsNorm', positions: 'rotary', activation: 'swiglu', keyValueHeads: 2, qkNorm: true };
const zoneout = { dropout: 0.1, zoneoutHidden: 0.05, zoneoutCell: 0.5 };

const staying: [what: string, () => Model, (model: Model) => Optimizer][] = [
  ['as LLaMA is, with Muon', gpt(llama), muon],
  [
    'with a window, soft cap and GEGLU, with Lion',
    gpt({ window: 4, logitCap: 30, activation: 'geglu' }),
    lion,
  ],
  ['with ALiBi and dropout, with Lion', gpt({ positions: 'alibi', dropout: 0.1 }), lion],
  ['an LSTM, with Lion', () => new LSTMLanguageModel({ vocabSize: 50, hidden: 32, ...zoneout }), lion],
];

/** Bytes that a step, the second one, brings to the host. */
function bytesOfStep(make: () => Model, optimize: (model: Model) => Optimizer): number {
  manualSeed(1);
  const model = make();
  const [optimizer, ema] = [optimize(model), new EMA(model.parameters())];
  const tokens = Int32Array.from({ length: 500 }, (_, i) => (i * i) % 47);
  let before = 0;
  for (let step = 0; step < 2; step++) {
    before = moved.toHost;
    const { inputs, targets } = randomBatch(tokens, { batchSize: 4, context: 16 });
    const loss = model.loss(inputs, targets);
    optimizer.zeroGrad();
    backward(loss);
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    ema.update();
    ema.apply(() => undefined);
    loss.item();
  }
  return moved.toHost - before;
}

describe.skipIf(lackOfAdapter !== null)('on a GPU', () => {
  const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  beforeAll(() => {
    useBackend('webgpu', { threads: 1 });
  });
  afterEach(() => {
    said.mockClear();
  });
  afterAll(() => {
    useBackend('js');
    said.mockRestore();
  });

  test.each(staying)('a model %s, stays there', (_, make, optimize) => {
    expect(bytesOfStep(make, optimize)).toBeLessThan(500);
    expect(said).not.toHaveBeenCalled();
  });

  test('an optimizer that loops over arrays says so by its name', () => {
    const sgd = (model: Model) => new SGD(model.parameters());
    expect(bytesOfStep(gpt({}), sgd)).toBeGreaterThan(10_000);
    expect(said.mock.calls).toEqual([[expect.stringMatching(/^webgpu: SGD computes on the host\./)]]);
  });
});
