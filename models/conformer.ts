import { ctcBeamSearch, ctcGreedy } from '../src/generation/index.ts';
import { checkLayers, checkSize } from '../src/nn/checks.ts';
import {
  ConformerBlock,
  ConvolutionalSubsampling,
  Dropout,
  inference,
  Linear,
  Module,
  ModuleList,
} from '../src/nn/index.ts';
import { ctcLoss, logSoftmax, select } from '../src/ops/index.ts';
import { check, type FloatArray, required, show, type Tensor, withDefaults } from '../src/tensor/index.ts';

/** The options of a `Conformer`. */
export interface ConformerOptions {
  /** V, the number of symbols, with the blank, which is 0. */
  readonly vocabSize: number;
  /** M, the bands of a spectrogram. Default 80. */
  readonly mels?: number;
  /** L, the number of blocks. Default 16, those of Conformer (S). */
  readonly layers?: number;
  /** H, the number of heads. Default 4. */
  readonly heads?: number;
  /** C, the width of the hidden states. Default 144. */
  readonly width?: number;
  /** F, the hidden width of the feed-forward networks. Default 4·width. */
  readonly hidden?: number | undefined;
  /** Positions that a depthwise convolution sees. Default 31: odd, where the paper has 32. */
  readonly kernel?: number;
  /** K, the channels of the convolutions that subsample. Default the width. */
  readonly channels?: number | undefined;
  /** Dropout probability: input of the blocks, attention weights, branch outputs. Default 0.1. */
  readonly dropout?: number;
}

/** A padded batch of spectrograms; `padFrames` returns one. */
export interface SpeechBatch {
  /** Log-mel spectrograms, (B, T, M). */
  readonly features: Tensor;
  /** Number of frames of each; what lies behind them is not read. Default: all T. */
  readonly frames?: readonly number[] | undefined;
}

/** Log probabilities (B, T′, V) of the symbols, T′ = T/4, and how many of the T′ frames are real. */
export interface Heard {
  readonly logProbabilities: Tensor;
  readonly frames: readonly number[];
}

/** The options of `Conformer.transcribe`. */
export interface TranscribeOptions {
  /** Number of prefixes that a search keeps; 0 (default) takes the best symbol of each frame. */
  readonly beams?: number;
}

/**
 * Conformer: an encoder of speech in which convolution and attention take turns, with a CTC head.
 *
 *   spectrogram (B, T, M) → subsampling → dropout → L × block → W·x + b → log softmax
 *   block: ½ feed-forward → relative attention → convolution → ½ feed-forward → norm
 *
 * What is heard depends neither on how much padding there is nor on what stands in it; in training, only
 * where dropout draws its numbers.
 *
 * Gulati et al., "Conformer: Convolution-augmented Transformer for Speech Recognition", arXiv:2005.08100;
 * with CTC in place of its transducer, as in NVIDIA's Parakeet
 */
export class Conformer extends Module {
  readonly options: Required<ConformerOptions>;
  readonly subsampling: ConvolutionalSubsampling;
  readonly dropout: Dropout;
  readonly blocks: ModuleList<ConformerBlock>;
  readonly output: Linear;

  constructor(given: ConformerOptions) {
    super();
    const options = withDefaults<Required<ConformerOptions>>('Conformer', given, {
      vocabSize: required,
      mels: 80,
      layers: 16,
      heads: 4,
      width: 144,
      hidden: undefined, // the block's, 4·width
      kernel: 31,
      channels: undefined, // the width
      dropout: 0.1,
    });
    const { vocabSize, mels, layers, width, channels = width, ...block } = options;
    checkSize('Conformer', { vocabSize, mels, heads: block.heads, width, channels });
    checkLayers('Conformer', layers);
    const { heads, hidden, kernel, dropout } = block;
    this.options = options;
    this.subsampling = new ConvolutionalSubsampling(mels, width, channels);
    this.dropout = new Dropout(dropout);
    this.blocks = new ModuleList(
      Array.from({ length: layers }, () => new ConformerBlock(width, { heads, hidden, kernel, dropout })),
    );
    this.output = new Linear(width, vocabSize);
  }

  forward({ features, frames }: SpeechBatch): Heard {
    const { mels } = this.options;
    check(
      features.rank === 3 && features.shape[2] === mels,
      'Conformer',
      `features are (B, T, ${mels})`,
      () => show(features.shape),
    );
    const [B, T] = features.shape as [number, number];
    const sub = this.subsampling.forward(features, frames ?? new Array<number>(B).fill(T));
    let x = this.dropout.forward(sub.x);
    for (const block of this.blocks) x = block.forward(x, sub);
    return { logProbabilities: logSoftmax(this.output.forward(x)), frames: sub.frames };
  }

  /**
   * Mean over the batch of −log p(symbols)/their number (CTC). A target too long for its frames costs
   * nothing.
   */
  loss(batch: SpeechBatch, targets: readonly (readonly number[])[]): Tensor {
    const { logProbabilities, frames } = this.forward(batch);
    return ctcLoss(logProbabilities, targets, { frames, zeroInfinity: true });
  }

  /** The symbols of each sequence of a batch. */
  transcribe(batch: SpeechBatch, options: TranscribeOptions = {}): number[][] {
    const { beams } = withDefaults<Required<TranscribeOptions>>('transcribe', options, { beams: 0 });
    return this.probabilities(batch).map((rows) =>
      beams === 0 ? ctcGreedy(rows) : ctcBeamSearch(rows, { beams }).symbols,
    );
  }

  /** For each sequence of a batch, the log probabilities of all symbols at each of its real frames. */
  probabilities(batch: SpeechBatch): FloatArray[][] {
    return inference(this, () => {
      const { logProbabilities, frames } = this.forward(batch);
      return frames.map((count, b) =>
        Array.from({ length: count }, (_, t) => {
          return select(select(logProbabilities, 0, b), 0, t).toTypedArray() as FloatArray;
        }),
      );
    });
  }
}
