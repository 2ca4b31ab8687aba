/** The pictures of a pass, and the explanation of every number: what a page shows is what the library computes. */
import { describe, expect, test } from 'vitest';
import { explain, explainSummand } from '../../examples/playground/engine/explain/index.ts';
import type { Picture } from '../../examples/playground/engine/picture.ts';
import { initialRun, type Run } from '../../examples/playground/engine/run.ts';
import { Session } from '../../examples/playground/engine/session.ts';
import { takePicture } from '../../examples/playground/engine/takePicture.ts';
import { attentionWeights, matmul, mul, randomStream, sum, tensor } from '../../src/index.ts';
import { activationNames } from '../../src/nn/index.ts';

const small: Run = { ...initialRun, layers: 2, width: 16, heads: 2, batchSize: 4, steps: 100 };
const variants: [string, Partial<Run>][] = [
  ['the usual model', {}],
  ['rotary, RMS norm, a gate', { positions: 'rotary', norm: 'rmsNorm', activation: 'swiglu' }],
  ['ALiBi, its own head', { positions: 'alibi', tiedHead: false }],
  [
    'sinusoids, norms after',
    { positions: 'sinusoidal', normPosition: 'post', task: 'own text', context: 16 },
  ],
  ...activationNames().map((activation): [string, Partial<Run>] => [activation, { activation, layers: 1 }]),
];

function pictured(given: Partial<Run>): {
  session: Session;
  picture: Picture;
  batch: ReturnType<typeof example>;
} {
  const session = new Session({ ...small, ...given });
  const batch = example(session);
  return { session, batch, picture: takePicture(session.model, batch, session.task.vocabulary) };
}
const example = ({ task }: Session) => task.nextBatch(1, randomStream('example'));

/** Equal to the precision of float32, measured by the largest of the numbers it stands among. */
function expectNear(got: number, wanted: number, among: Float32Array, what: string) {
  const scale = among.reduce((most, value) => Math.max(most, Math.abs(value)), 0) + 1e-6;
  expect(Math.abs(got - wanted) / scale, `${what}: ${got} for ${wanted}`).toBeLessThan(2e-5);
}

/** Some places of a tensor: the ends, and every so often between. */
const places = ({ length }: Float32Array) =>
  [...new Set([0, length - 1, ...Array.from({ length: 9 }, (_, i) => (i * 7919) % length)])].filter(
    (i) => i < length,
  );

describe.each(variants)('%s', (_, given) => {
  const { session, picture, batch } = pictured(given);

  test('its gradients are those of the library, bit by bit, and the model is left as it was', () => {
    const { model } = session;
    expect(model.parameters().every(({ grad }) => grad === null)).toBe(true);
    expect(model.training).toBe(true);
    model.eval();
    const loss = model.loss(batch.inputs, batch.targets);
    expect(picture.loss).toBe(loss.item());
    loss.backward();
    const shown = new Map(
      picture.tensors.filter(({ kind }) => kind === 'parameter').map((one) => [one.name, one]),
    );
    for (const [name, parameter] of model.namedParameters())
      expect(shown.get(name)!.gradient, name).toEqual(parameter.grad!.toTypedArray());
  });

  test('the summands of a gradient add up to it', () => {
    for (const { name, gradient, summands } of picture.tensors) {
      if (!gradient || summands.length === 0) continue;
      const total = gradient.map((_, i) => summands.reduce((sum, { values }) => sum + values[i]!, 0));
      for (const [i, value] of total.entries()) expectNear(value, gradient[i]!, gradient, name);
    }
  });

  test('every number is explained by a formula that gives it', () => {
    for (const { id, name, values, gradient, madeBy } of picture.tensors) {
      for (const index of places(values)) {
        const what = `${name} ${index} by ${madeBy === null ? 'nothing' : picture.calls[madeBy]!.op}`;
        const explained = explain(picture, { tensor: id, index, gradient: false });
        expect(explained === null).toBe(madeBy === null);
        if (explained) expectNear(explained.result, values[index]!, values, what);
        const back = gradient && explain(picture, { tensor: id, index, gradient: true });
        if (back) expectNear(back.result, gradient[index]!, gradient, `gradient of ${what}`);
      }
    }
  });

  test('and so is what every use hands back', () => {
    for (const { id, name, summands } of picture.tensors)
      for (const [use, { call, values }] of summands.entries())
        for (const index of places(values)) {
          const explained = explainSummand(picture, id, use, index);
          const { op } = picture.calls[call]!;
          expect(explained, op).not.toBeNull();
          expectNear(explained!.result, values[index]!, values, `${name} ${index} from ${op}`);
        }
  });
});

describe('the usual model', () => {
  const { picture, session } = pictured({});

  test('its calls stand in the order of the code, in the layers that made them', () => {
    const layers = picture.calls.map(({ layer, op }) => `${layer} ${op}`);
    expect(layers.slice(0, 5)).toEqual([
      'tokens embedding',
      'positions embedding',
      ' add',
      'blocks.0.norm1 layerNorm',
      'blocks.0.attention.query linear',
    ]);
    expect(layers).toContain('blocks.1.attention attention');
    expect(layers).toContain('blocks.1.feedForward.activation gelu');
    expect(layers).toContain('blocks.1 add');
    expect(layers.slice(-4)).toEqual([' linear', ' crossEntropy', ' sum', ' mul']);
    expect(picture.calls.map(({ id }) => id)).toEqual([...picture.calls.keys()]);
  });

  test('the gradient of attention weights is that of attention taken apart', () => {
    const call = picture.calls.find(({ op }) => op === 'attention')!;
    const [q, k, v] = call.inputs.map((id) => {
      const { values, shape } = picture.tensors[id]!;
      return tensor(values).reshape([...shape]);
    });
    const weights = attentionWeights(q!, k!, { causal: true });
    const shown = picture.tensors[call.weights!]!;
    expect(shown.values).toEqual(weights.toTypedArray());
    const leaf = weights.detach();
    leaf.requiresGrad = true;
    const { gradient, shape } = picture.tensors[call.output]!;
    sum(mul(matmul(leaf, v!), tensor(gradient!).reshape([...shape]))).backward();
    const T = shape[2]!;
    for (const [i, value] of leaf.grad!.toTypedArray().entries()) {
      const hidden = i % T > Math.floor(i / T) % T;
      expectNear(shown.gradient![i]!, hidden ? 0 : value, shown.gradient!, 'dP');
    }
  });

  test('looking draws nothing that training draws, and keeps the gradients of a step', async () => {
    const gradients = async (body: (session: Session) => void) => {
      const session = new Session(small);
      await session.advance(2);
      body(session);
      const between = session.model.parameters().map(({ grad }) => grad!.toArray());
      await session.advance(2);
      return [between, session.model.parameters().map(({ grad }) => grad!.toArray())];
    };
    const look = (one: Session) => takePicture(one.model, example(one), session.task.vocabulary);
    expect(await gradients(look)).toEqual(await gradients(() => {}));
  });
});
