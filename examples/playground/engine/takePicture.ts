import {
  attentionWeights,
  type BackwardStep,
  backward,
  matmul,
  noGrad,
  permute,
  type RecordedCall,
  recordedCalls,
  type Tensor,
} from 'scratchformer';
import type { Batch } from 'scratchformer/data';
import type { GPT } from 'scratchformer/models';
import { layersOf } from './layersOf.ts';
import type { Picture, PicturedCall, PicturedTensor, Summand } from './picture.ts';

const IGNORED = -100;

/** Ops whose results are named after what they move. */
const MOVES: readonly string[] = ['reshape', 'permute', 'rotary', 'half'];

/**
 * One pass of an example through a model, forward and backward. The model comes out as it went in: its mode,
 * its weights, and the gradients that its parameters had.
 */
export function takePicture(model: GPT, { inputs, targets }: Batch, vocabulary: readonly string[]): Picture {
  const mode = model.training;
  const parameters = model.parameters();
  const had = parameters.map(({ grad }) => grad);
  for (const parameter of parameters) parameter.grad = null;
  model.eval();
  try {
    const { result: loss, layers } = layersOf(model, () => model.loss(inputs, targets));
    const album = new Album(model, recordedCalls(loss), layers);
    backward(loss, undefined, { observe: (step) => album.add(step) });
    return {
      read: Array.from(inputs.data, (token) => vocabulary[token]!),
      wanted: Array.from(targets.data, (token) => (token === IGNORED ? null : vocabulary[token]!)),
      loss: loss.item(),
      ...album.finished(),
    };
  } finally {
    for (const [i, parameter] of parameters.entries()) {
      parameter.zeroGrad();
      parameter.grad = had[i]!;
    }
    model.train(mode);
  }
}

type Growing = { -readonly [K in keyof PicturedTensor]: PicturedTensor[K] } & { summands: Summand[] };

/** The picture as it grows: first forward, all at once, then backward, step by step. */
class Album {
  readonly #names: Map<Tensor, string>;
  readonly #ids = new Map<Tensor, number>();
  readonly #callIds = new Map<RecordedCall, number>();
  readonly #tensors: Growing[] = [];
  readonly #calls: PicturedCall[];

  constructor(model: GPT, calls: readonly RecordedCall[], layers: ReadonlyMap<RecordedCall, string>) {
    this.#names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
    this.#calls = calls.map((call, id) => {
      const layer = layers.get(call) ?? '';
      const inputs = call.inputs.map((input) => this.#idOf(input));
      const name = MOVES.includes(call.name)
        ? `${this.#tensors[inputs[0]!]!.name.replace(/ \(.*/, '')} (${call.name})`
        : layer || call.name;
      const output = this.#put(call.outputs[0]!, { name, kind: 'result', madeBy: id });
      this.#callIds.set(call, id);
      const weights = call.name === 'attention' ? this.#putWeights(call, layer, id) : null;
      return { id, op: call.name, layer, inputs, output, weights };
    });
  }

  add({ call, outputGradients, inputGradients }: BackwardStep): void {
    const id = this.#callIds.get(call)!;
    const { output, weights } = this.#calls[id]!;
    this.#tensors[output]!.gradient = numbers(outputGradients[0]!);
    for (const [input, given] of inputGradients.entries()) {
      if (given === null) continue;
      this.#tensors[this.#idOf(call.inputs[input]!)]!.summands.push({
        call: id,
        input,
        values: numbers(given),
      });
    }
    if (weights !== null) this.#tensors[weights]!.gradient = weightGradient(call, outputGradients[0]!);
  }

  finished(): Pick<Picture, 'tensors' | 'calls'> {
    for (const [parameter] of this.#names) {
      const id = this.#ids.get(parameter);
      if (id !== undefined && parameter.grad) this.#tensors[id]!.gradient = numbers(parameter.grad);
    }
    return { tensors: this.#tensors, calls: this.#calls };
  }

  #idOf(tensor: Tensor): number {
    const known = this.#ids.get(tensor);
    if (known !== undefined) return known;
    const name = this.#names.get(tensor);
    return this.#put(tensor, { name: name ?? 'data', kind: name ? 'parameter' : 'data', madeBy: null });
  }

  #put(tensor: Tensor, about: Pick<PicturedTensor, 'name' | 'kind' | 'madeBy'>): number {
    const id = this.#tensors.length;
    this.#ids.set(tensor, id);
    const { shape } = tensor;
    this.#tensors.push({ ...about, id, shape, values: numbers(tensor), gradient: null, summands: [] });
    return id;
  }

  /** The weights that the fused op never holds in full. */
  #putWeights({ inputs: [q, k, , mask] }: RecordedCall, layer: string, madeBy: number): number {
    const weights = noGrad(() => attentionWeights(q!, k!, { causal: true, mask: mask ?? null }));
    return this.#put(weights, { name: `${layer} weights`, kind: 'attention weights', madeBy });
  }
}

/** dP = dy·vᵀ, and 0 where the future is hidden. */
function weightGradient({ inputs: [, , v] }: RecordedCall, dy: Tensor): Float32Array {
  const all = noGrad(() => matmul(dy, permute(v!, [0, 1, 3, 2])));
  const T = all.shape.at(-1)!;
  return numbers(all).map((value, i) => (i % T <= Math.floor(i / T) % T ? value : 0));
}

const numbers = (tensor: Tensor) => Float32Array.from(tensor.toTypedArray());
