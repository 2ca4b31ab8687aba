/** Training on a GPU: it learns, has the same bits again, and goes on elsewhere. */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GPT } from '../../../models/gpt.ts';
import { AdamW, decayGroups } from '../../../optimizers/index.ts';
import { backward } from '../../../src/autograd/index.ts';
import { randomBatch } from '../../../src/data/index.ts';
import { type BackendName, useBackend } from '../../../src/kernels/index.ts';
import { moved } from '../../../src/kernels/webgpu/transfers.ts';
import { manualSeed } from '../../../src/tensor/index.ts';
import { clipGradNorm } from '../../../src/train/index.ts';
import { lackOfAdapter } from '../../support/adapter.ts';
import { readMetrics, scratchformer, small } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

/** Losses of a small GPT that learns to count. */
function train(backend: BackendName, steps: number): { losses: number[]; weights: Float32Array } {
  useBackend(backend, { threads: 1 });
  manualSeed(1);
  const tokens = Int32Array.from({ length: 3000 }, (_, i) => (i * i) % 13);
  const model = new GPT({ vocabSize: 13, context: 8, layers: 2, heads: 2, width: 16 });
  const optimizer = new AdamW(decayGroups(model, { weightDecay: 0.1 }), { lr: 5e-3 });
  const losses = Array.from({ length: steps }, () => {
    const { inputs, targets } = randomBatch(tokens, { batchSize: 4, context: 8 });
    const loss = model.loss(inputs, targets);
    optimizer.zeroGrad();
    backward(loss);
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss.item();
  });
  return { losses, weights: model.parameters()[0]!.toTypedArray() as Float32Array };
}

describe.skipIf(lackOfAdapter !== null)('on a GPU', () => {
  afterAll(() => {
    useBackend('js');
  });

  test('100 steps learn, have the same bits again, and keep their numbers there', () => {
    const before = { ...moved };
    const first = train('webgpu', 100);
    const perStep = (moved.toHost - before.toHost) / 100;
    expect(first.losses.at(-1)).toBeLessThan(0.5 * first.losses[0]!);
    expect(perStep).toBeLessThan(1000);
    expect(train('webgpu', 100)).toEqual(first);
    const { losses } = train('js', 20);
    losses.forEach((loss, i) => {
      expect(Math.abs(loss - first.losses[i]!)).toBeLessThan(1e-3);
    });
  });

  test('the command line trains, saves and resumes, here or on the processor', {
    timeout: 300_000,
  }, async () => {
    const folder = temporaryFolder();
    const [first, here, there] = ['first', 'here', 'there'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const text = join(folder, 'text.txt');
    writeFileSync(text, 'One and one are two, two and two are four.\n'.repeat(12));
    const run = async (...args: string[]) => {
      const { out, err, code } = await scratchformer(args);
      expect(err).toBe('');
      expect(code).toBe(0);
      return out;
    };
    const started = await run(
      'train',
      '--data',
      text,
      '--out',
      first,
      '--steps',
      '8',
      '--backend',
      'webgpu',
      ...small,
    );
    expect(started).toContain('kernels: webgpu (');
    cpSync(first, here, { recursive: true });
    cpSync(first, there, { recursive: true });
    await run('train', '--out', here, '--resume', '--steps', '16', '--backend', 'webgpu');
    await run('train', '--out', there, '--resume', '--steps', '16', '--backend', 'js');
    const [onGpu, onProcessor] = [readMetrics(here), readMetrics(there)];
    expect(onGpu.at(-1)!.step).toBe(16);
    onGpu.forEach(({ step, loss }, i) => {
      if (loss !== undefined)
        expect(Math.abs(loss - onProcessor[i]!.loss!), `step ${step}`).toBeLessThan(1e-3);
    });
    const info = await run('info', '--backend', 'webgpu');
    expect(info).toMatch(/adapter: .*\ndriver: .*\nlimits: .* MB for a tensor/);
  });
});
