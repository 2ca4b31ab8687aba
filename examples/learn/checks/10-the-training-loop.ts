import { check, Module, manualSeed, Parameter, type Tensor, tensor } from 'scratchformer';
import { GPT } from 'scratchformer/models';
import { AdamW } from 'scratchformer/optimizers';
import { Trainer } from 'scratchformer/train';
import type { Training } from '../blanks/10-the-training-loop.ts';
import type { Check } from '../support/check.ts';
import { expectNumbers } from '../support/compare.ts';

interface Answer {
  train(training: Training): number[] | Promise<number[]>;
}

async function shippedTrain(training: Training): Promise<number[]> {
  const losses: number[] = [];
  await new Trainer({ ...training, hooks: [({ loss }) => void losses.push(loss)] }).run();
  return losses;
}

/** The loss is w·x: its gradient is x, and everything can be worked out by hand. */
class Line extends Module {
  readonly w = new Parameter(tensor([10], { dtype: 'float64' }), { role: 'weight' });
  loss(inputs: Tensor): Tensor {
    return this.w.mul(inputs).sum();
  }
}

/** Notes what the loop does with it, and with which gradient and rate. Its step is w ← w − lr·g. */
function notebook(model: Line) {
  const steps: { lr: number; gradient: number }[] = [];
  const optimizer = {
    lr: 0,
    zeroGrad: () => model.w.zeroGrad(),
    step() {
      const gradient = model.w.grad?.data[0] ?? 0;
      steps.push({ lr: this.lr, gradient });
      model.w.data[0]! -= this.lr * gradient;
    },
  };
  return { optimizer, steps };
}

const gradients = [1, 2, -3, 4];

async function onALine({ train }: Answer, clip: number) {
  const model = new Line();
  const { optimizer, steps } = notebook(model);
  let next = 0;
  const nextBatch = () => {
    const batch = tensor([gradients[next++ % 4]!], { dtype: 'float64' });
    return { inputs: batch, targets: batch };
  };
  const losses = await train({
    model,
    optimizer,
    nextBatch,
    schedule: (step) => 0.1 * (step + 1),
    clip,
    steps: 4,
  });
  check(
    steps.length === 4,
    'train',
    'the optimizer steps once for each of 4 steps',
    () => `${steps.length} times`,
  );
  return { losses, steps };
}

const textbook = 'the cat sat on the mat and the rat sat on the cat. '.repeat(20);
const letters = [...new Set(textbook)];

/** A small GPT and batches of a text, the same at each call. */
function small(): Training {
  manualSeed(1);
  const model = new GPT({ vocabSize: letters.length, context: 16, layers: 1, heads: 2, width: 16 });
  let at = 0;
  const row = (start: number) =>
    [...textbook.slice(start, start + 16)].map((letter) => letters.indexOf(letter));
  const nextBatch = () => {
    const starts = [0, 1, 2, 3].map((i) => (at + 37 * i) % 900);
    at += 11;
    const make = (shift: number) =>
      tensor(
        starts.map((start) => row(start + shift)),
        { dtype: 'int32' },
      );
    return { inputs: make(0), targets: make(1) };
  };
  const optimizer = new AdamW(model.parameters(), { lr: 1e-2 });
  return { model, optimizer, nextBatch, schedule: () => 1e-2, clip: 1, steps: 60 };
}

export default {
  shipped: { train: shippedTrain },
  steps: {
    async 'each step sees the gradient of its own batch'(answer) {
      const { steps } = await onALine(answer, 100);
      const got = steps.map(({ gradient }) => gradient);
      const hint = 'backward adds to what is there: zeroGrad() before it, and backward() before step()';
      expectNumbers('the gradient at step()', got, gradients, hint, 1e-6);
    },
    async 'each step has the rate of its schedule'(answer) {
      const { steps } = await onALine(answer, 100);
      const got = steps.map(({ lr }) => lr);
      expectNumbers(
        'lr at step()',
        got,
        [0.1, 0.2, 0.3, 0.4],
        'set optimizer.lr = schedule(step) before the step',
        1e-9,
      );
    },
    async 'gradients are clipped before the step'(answer) {
      const { steps } = await onALine(answer, 2.5);
      const got = steps.map(({ gradient }) => gradient);
      const hint = 'clipGradNorm(model.parameters(), clip) stands between backward() and step()';
      expectNumbers('the gradient at step(), clipped at 2.5', got, [1, 2, -2.5, 2.5], hint, 1e-5);
    },
    async 'the losses are those before the updates'(answer) {
      const { losses } = await onALine(answer, 100);
      expectNumbers(
        'the losses',
        losses,
        [10, 19.8, -28.5, 41.6],
        'loss.item() of each step, in order',
        1e-6,
      );
    },
    async 'a small GPT learns a text'({ train }) {
      const losses = await train(small());
      const last = losses.slice(-5).reduce((sum, loss) => sum + loss, 0) / 5;
      const fell = () => `from ${losses[0]!.toFixed(2)} to ${last.toFixed(2)}`;
      check(
        last < 1.2,
        'train',
        'after 60 steps the loss is below 1.2',
        fell,
        () => 'each step takes a new batch',
      );
    },
  },
} satisfies Check<Answer>;
