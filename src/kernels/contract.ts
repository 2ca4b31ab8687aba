/**
 * The closed contract of hot loops. Ops are open (anyone writes one, with `defineOp`); kernels are this fixed
 * list. `js` implements all of it plainly and is the reference; a faster backend overlays it name by name.
 *
 * A kernel takes its outputs first, then its inputs, then sizes. Outputs arrive uninitialised unless the text
 * says that the kernel adds to them. Arrays of one call share one float type. Matrices are row-major and
 * contiguous (`Memory`), or strided (`View`): handles, which the ops above hand on without looking into them.
 * For the backends on the CPU they are typed arrays and ndarrays (`CpuKernels`). Letters: B batch, H heads,
 * T queries, S keys, D head size.
 */
import type { Memory, NdArray, TypedArray, View } from '../tensor/index.ts';

/**
 * A build of the compiled kernels: with plain SIMD, with relaxed SIMD, which has a fused multiply-add, or with
 * vectors that the engine joins to twice as wide ones.
 */
export type Build = 'plain' | 'relaxed' | 'wide';

/**
 * A scalar function y = f(x) and its derivative, which gets both x and y and uses what is cheaper. Both also
 * get the parameter of the call (a slope, a β), if the function has one.
 */
export interface Formula {
  readonly name: string;
  readonly f: (x: number, parameter: number) => number;
  readonly df: (x: number, y: number, parameter: number) => number;
}

/** The elementwise kernels of two numbers; comparisons give 1 and 0. */
export type BinaryName =
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min' | 'eq' | 'neq' | 'lt' | 'leq' | 'gt' | 'geq'; // biome-ignore format: one line reads better

/**
 * C[b] = op(A[b])·op(B[b]) (+ bias to each row) (+ C[b] if `accumulate`), for b = 0 … batch − 1; op(C) is
 * m×n, op(A) m×k.
 */
export interface MatmulSizes {
  readonly batch?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored k×m. */
  readonly transposeA?: boolean;
  /** B is stored n×k. */
  readonly transposeB?: boolean;
  /**
   * Elements from one matrix of the batch to the next; 0 uses the same matrix for all. Default: one after the
   * other.
   */
  readonly strideA?: number;
  readonly strideB?: number;
  readonly accumulate?: boolean;
}

/** The options of the kernels of attention. */
export interface AttentionOptions<Strided = View> {
  /** Scores are scale·q·kᵀ. */
  readonly scale: number;
  /** Query t sees keys 0 … t + S − T only. */
  readonly causal: boolean;
  /** Numbers added to the scores: a view of shape (B, H, T, S), its broadcast axes with stride 0. */
  readonly mask: Strided | null;
  /**
   * Each weight is dropped with probability p, where `uniform(seed, index) < p`, and survivors are scaled by
   * 1/(1−p).
   */
  readonly dropout: { readonly p: number; readonly seed: number } | null;
}

/** The options of the kernels of cross entropy. */
export interface CrossEntropyOptions<Numbers = Memory> {
  /** Rows with this target have loss 0 and no gradient. */
  readonly ignoreIndex: number;
  /** ε of label smoothing: the target distribution is (1−ε)·onehot + ε/cols. */
  readonly labelSmoothing: number;
  /** One weight for each class, or null for all ones. */
  readonly weights: Numbers | null;
}

/**
 * Zoneout of one LSTM step: an element of h or c keeps its previous value with these probabilities, each in
 * [0, 1).
 */
export interface Zoneout {
  readonly hidden: number;
  readonly cell: number;
  /**
   * Element i takes its previous value where `uniform(seed, i) < p`. null: all take the expectation,
   * p·previous + (1−p)·new.
   */
  readonly seeds: { readonly hidden: number; readonly cell: number } | null;
}

/** The numbers of one step of AdamW. */
export interface AdamWStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ, or 1 and 1 without bias correction. */
  readonly correction1: number;
  readonly correction2: number;
}

/** The numbers of one step of Lion. */
export interface LionStep {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

/** The kernels that take typed arrays and ndarrays: those of `js`, `wasm` and `blas`. */
export type CpuKernels = Kernels<TypedArray, NdArray>;

/** All kernels: what each computes, into its first arguments from those after them. */
export interface Kernels<Numbers = Memory, Strided = View> {
  /** out ← x, elementwise over equal shapes; converts between number types. */
  copy(out: Strided, x: Strided): void;
  /** out ← a ∘ b, elementwise over equal shapes; comparisons give 1 and 0. */
  binary(name: BinaryName, out: Strided, a: Strided, b: Strided): void;
  /** out ← out + x, elementwise over equal shapes. */
  addTo(out: Strided, x: Strided): void;
  /** y ← f(x) */
  map(y: Numbers, x: Numbers, formula: Formula, parameter: number): void;
  /** y ← f(x), slope ← f′(x) */
  mapWithSlope(y: Numbers, slope: Numbers, x: Numbers, formula: Formula, parameter: number): void;

  /** out[o, i] ← Σₐ x[o, a, i], for x of shape (outer, length, inner) */
  sum(out: Numbers, x: Numbers, outer: number, length: number, inner: number): void;
  /** out[o, i] ← maxₐ x[o, a, i], and where it is (the first, and the first NaN before anything else) */
  max(out: Numbers, index: Numbers, x: Numbers, outer: number, length: number, inner: number): void;
  /** out[o, a, i] ← Σ x[o, 0…a, i], or over a…end if `reverse` */
  cumsum(out: Numbers, x: Numbers, outer: number, length: number, inner: number, reverse: boolean): void;
  /** Σ x² over all elements of all arrays, one array after the other, accumulated in float64 */
  sumSquares(arrays: readonly Numbers[]): number;
  /** x ← factor·x */
  scale(x: Numbers, factor: number): void;
  /** out ← ofX·x + ofY·y, or ofX·x without y; `out` may be x or y itself. */
  blend(out: Numbers, x: Numbers, y: Numbers | null, ofX: number, ofY: number): void;
  /** average ← average + share·(x − average) */
  approach(average: Numbers, x: Numbers, share: number): void;
  /** p ← aI + bA + cp, for n×n matrices; p comes as A². */
  polynomial(p: Numbers, A: Numbers, n: number, a: number, b: number, c: number): void;

  matmul(c: Numbers, a: Numbers, b: Numbers, bias: Numbers | null, sizes: MatmulSizes): void;

  /** Each row: yᵢ ← exp(xᵢ − max x) / Σ exp(x − max x) */
  softmax(y: Numbers, x: Numbers, rows: number, cols: number): void;
  /** Each row: dx ← y ⊙ (dy − Σ dy⊙y) */
  softmaxGrad(dx: Numbers, dy: Numbers, y: Numbers, rows: number, cols: number): void;
  /** Each row: out ← max x + log Σ exp(x − max x) */
  logSumExp(out: Numbers, x: Numbers, rows: number, cols: number): void;

  /** Each row: y ← (x − μ)·r ⊙ gain + bias, with r = 1/√(σ² + eps); keeps μ and r for the gradient. */
  layerNorm(
    y: Numbers, mean: Numbers, rstd: Numbers,
    x: Numbers, gain: Numbers | null, bias: Numbers | null,
    rows: number, cols: number, eps: number,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /** The gradient of layerNorm; dgain and dbias are null when they are not wanted. */
  layerNormGrad(
    dx: Numbers, dgain: Numbers | null, dbias: Numbers | null,
    dy: Numbers, x: Numbers, mean: Numbers, rstd: Numbers, gain: Numbers | null,
    rows: number, cols: number,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /** Each row: y ← x·r ⊙ gain, with r = 1/√(mean(x²) + eps); keeps r for the gradient. */
  rmsNorm(
    y: Numbers, rstd: Numbers, x: Numbers, gain: Numbers | null, rows: number, cols: number, eps: number,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /** The gradient of rmsNorm; dgain is null when it is not wanted. */
  rmsNormGrad(
    dx: Numbers, dgain: Numbers | null, dy: Numbers, x: Numbers, rstd: Numbers, gain: Numbers | null,
    rows: number, cols: number,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /**
   * y ← x with each pair of channels rotated: (a·c − b·s, b·c + a·s), for x of shape
   * (tokens, heads, 2·pairs). The two of a pair are `apart` channels from each other: 1 pairs neighbours, 2i
   * and 2i + 1; `pairs` pairs the halves, i and i + pairs. Token t stands at position t mod `positions`, and
   * c, s are its row of `cos` and `direction`·`sin`, (positions, pairs) each. With direction −1, the rotation
   * back: the gradient of direction 1.
   */
  rotate(
    y: Numbers, x: Numbers, cos: Numbers, sin: Numbers,
    tokens: number, positions: number, heads: number, pairs: number, apart: number, direction: 1 | -1,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /**
   * y ← softmax(scale·q·kᵀ + mask)·v for views q, y (B, H, T, D) and k, v (B, H, S, D). Of each row of scores
   * its maximum and sum = Σ exp(score − max) are kept, (B, H, T) each: −∞ and 0 for a query that sees no key,
   * which gets zeros.
   */
  attention(
    y: Strided, max: Numbers, sum: Numbers, q: Strided, k: Strided, v: Strided, options: AttentionOptions<Strided>,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /** The gradient of attention; the weights are computed again, as exp(score − max)/sum. */
  attentionGrad(
    dq: Strided, dk: Strided, dv: Strided,
    dy: Strided, y: Strided, max: Numbers, sum: Numbers, q: Strided, k: Strided, v: Strided,
    options: AttentionOptions<Strided>,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /**
   * Each row: loss ← −Σ target·log softmax(x), unreduced; max x and sum = Σ exp(x − max), (rows) each, are
   * kept.
   */
  crossEntropy(
    loss: Numbers, max: Numbers, sum: Numbers, x: Numbers, targets: Numbers,
    rows: number, cols: number, options: CrossEntropyOptions<Numbers>,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /** Each row: dx ← dloss·∂loss/∂x */
  crossEntropyGrad(
    dx: Numbers, dloss: Numbers, x: Numbers, max: Numbers, sum: Numbers, targets: Numbers,
    rows: number, cols: number, options: CrossEntropyOptions<Numbers>,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /**
   * The pointwise part of an LSTM step, for h and c (B, H). `gates` (B, 4H) come as sums of the four gates i,
   * f, g, o (one after the other in each row) and become i, f, o = σ(·) and g = tanh(·), which the gradient
   * needs. With z = zoneout, c ← z(cPrevious, f⊙cPrevious + i⊙g), and h ← z(hPrevious,
   * o⊙tanh(f⊙cPrevious + i⊙g)).
   */
  lstmCell(
    h: Numbers, c: Numbers, gates: Numbers, hPrevious: Numbers, cPrevious: Numbers,
    B: number, H: number, zoneout: Zoneout,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /**
   * The gradient of lstmCell: dgates is that of the four sums; what does not go through the sums is added to
   * dhPrevious and dcPrevious. `gates` are as lstmCell left them.
   */
  lstmCellGrad(
    dgates: Numbers, dhPrevious: Numbers, dcPrevious: Numbers,
    dh: Numbers, dc: Numbers, gates: Numbers, cPrevious: Numbers,
    B: number, H: number, zoneout: Zoneout,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /**
   * Depthwise convolution of sequences (B, T, C), which keep their length: y[b, t, c] ← Σⱼ x[b, t + j −
   * ⌊k/2⌋, c]· w[j, c] + bias[c], with zeros outside of a sequence; w is (k, C), k odd.
   */
  depthwiseConv(
    y: Numbers, x: Numbers, weight: Numbers, bias: Numbers | null, B: number, T: number, C: number, k: number,
  ): void; // biome-ignore format: outputs, inputs, sizes
  /** The gradient of depthwiseConv: dx[b, t, c] ← Σⱼ dy[b, t − j + ⌊k/2⌋, c]·w[j, c] */
  depthwiseConvGrad(
    dx: Numbers,
    dy: Numbers,
    weight: Numbers,
    B: number,
    T: number,
    C: number,
    k: number,
  ): void;
  /** That of its weight: dw[j, c] ← Σ over b and t of dy[b, t, c]·x[b, t + j − ⌊k/2⌋, c] */
  depthwiseConvWeightGrad(
    dweight: Numbers, dy: Numbers, x: Numbers, B: number, T: number, C: number, k: number,
  ): void; // biome-ignore format: outputs, inputs, sizes

  /** out[i, :] ← table[indices[i], :] */
  gatherRows(out: Numbers, table: Numbers, indices: Numbers, width: number): void;
  /** dtable[indices[i], :] += dout[i, :], in the order of i */
  scatterAddRows(dtable: Numbers, dout: Numbers, indices: Numbers, width: number): void;

  /** Dropout: y ← uniform(seed, i) < p ? 0 : x/(1−p); the gradient is the same kernel applied to dy. */
  dropout(y: Numbers, x: Numbers, p: number, seed: number): void;
  /**
   * A gate: yᵢ ← uniform(seed, i) < probabilityᵢ ? xᵢ : 0, open with that probability: never at 0, always at
   * 1 (and at NaN).
   */
  bernoulliGate(y: Numbers, x: Numbers, probability: Numbers, seed: number): void;

  /** One AdamW update of one parameter, in place; `m` and `v` are the running moments. */
  adamW(parameter: Numbers, m: Numbers, v: Numbers, gradient: Numbers, step: AdamWStep): void;
  /** One Lion update of one parameter, in place; `m` is its momentum. */
  lion(parameter: Numbers, m: Numbers, gradient: Numbers, step: LionStep): void;
}
