import type { Tokens } from '../../data/index.ts';
import { inference, type Module, MultiHeadAttention } from '../../nn/index.ts';
import { type Tensor, tensor } from '../../tensor/index.ts';

/** The attention of a model that reads one text. */
export interface ProbedAttention {
  /** The tokens of the text, each as text. */
  readonly tokens: readonly string[];
  /** Each attention layer's name, and for each of its heads T·T weights as bytes, row by row, in base64. */
  readonly layers: readonly { readonly name: string; readonly heads: readonly string[] }[];
}

/** A language model, as far as it is needed to see it read. */
type Reader = Module & { forward(tokens: Tensor): Tensor };

/** The most tokens of a probe: more cannot be told apart in a picture. */
const MOST = 48;

/** The first line of a text, as far as `context` and a picture have room for it. */
export function firstLine(
  tokens: Tokens,
  { decode, context }: { decode: (ids: number[]) => string; context: number },
): Int32Array {
  const part = tokens.subarray(0, Math.min(MOST, context, tokens.length));
  const end = part.findIndex((id) => decode([id]).includes('\n'));
  return end < 2 ? part : part.subarray(0, end);
}

/** Reads the tokens, in evaluation mode and without drawing random numbers, and reports who looked where. */
export function probeAttention(
  model: Reader,
  tokens: Int32Array,
  decode: (ids: number[]) => string,
): ProbedAttention {
  const attentions = model
    .namedModules()
    .filter((entry): entry is [string, MultiHeadAttention] => entry[1] instanceof MultiHeadAttention);
  const layers: ProbedAttention['layers'][number][] = [];
  try {
    for (const [name, attention] of attentions) {
      attention.forward = (x, options) => {
        layers.push({ name, heads: headsOf(attention.weights(x, options)) });
        return MultiHeadAttention.prototype.forward.call(attention, x, options);
      };
    }
    inference(model, () => model.forward(tensor([[...tokens]], { dtype: 'int32' })));
  } finally {
    for (const [, attention] of attentions) Reflect.deleteProperty(attention, 'forward'); // the class's shows again
  }
  return { tokens: Array.from(tokens, (id) => decode([id])), layers };
}

/** Weights (1, H, T, S) → the bytes of each head, 0 to 255, in base64. */
function headsOf(weights: Tensor): string[] {
  const [, heads, T, S] = weights.shape as [number, number, number, number];
  const bytes = Uint8Array.from(weights.toTypedArray() as ArrayLike<number>, (weight) =>
    Math.round(255 * weight),
  );
  return Array.from({ length: heads }, (_, head) =>
    Buffer.from(bytes.subarray(head * T * S, (head + 1) * T * S)).toString('base64'),
  );
}
