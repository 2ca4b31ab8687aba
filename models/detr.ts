import { checkLayers, checkSize } from '../src/nn/checks.ts';
import {
  Conv2d,
  Embedding,
  type Init,
  inference,
  initNormal,
  initXavierUniform,
  type Layer,
  LayerNorm,
  Linear,
  Module,
  ModuleList,
  type SinusoidalGridOptions,
  sinusoidalGrid,
  TransformerBlock,
} from '../src/nn/index.ts';
import { concat, relu, reshape, sigmoid, softmax } from '../src/ops/index.ts';
import { check, required, show, type Tensor, withDefaults, zeros } from '../src/tensor/index.ts';
import { DETRDecoderLayer, type Scene } from './detrDecoderLayer.ts';
import { detrLosses } from './detrLoss.ts';
import type { Box, BoxPredictions, ImageObjects } from './detrMatching.ts';

/** The options of a `DETR`. */
export interface DETROptions {
  /** K, the number of classes, without "no object". */
  readonly classes: number;
  /** Turns images (B, H, W, 3) into features (B, H′, W′, channels); a `ConvBackbone` for example. */
  readonly backbone: Layer & { readonly channels: number };
  /** N, the places for objects: clearly more than an image has objects. Default 100. */
  readonly queries?: number;
  /** Number of layers in the encoder. Default 6. */
  readonly encoderLayers?: number;
  /** L, the number of layers in the decoder, each with a loss of its own. Default 6. */
  readonly decoderLayers?: number;
  /** C, the width. A multiple of 4: sines and cosines of rows and of columns. Default 256. */
  readonly width?: number;
  /** H, the number of heads. Default 8. */
  readonly heads?: number;
  /** F, the hidden width of the feed-forward networks. Default 2048. */
  readonly hidden?: number;
  /** Dropout probability. Default 0.1. */
  readonly dropout?: number;
  /** The positions of the features. */
  readonly positions?: SinusoidalGridOptions;
  /** Initial queries, (N, C). Default N(0, 1). */
  readonly queryInit?: Init;
}

/** An object that was found. */
export interface Detection {
  /** Which of the N queries found it. */
  readonly query: number;
  readonly label: number;
  /** Probability of the label. */
  readonly score: number;
  readonly box: Box;
}

/**
 * Detection of objects as the prediction of a set: N learned queries are decoded at once into N boxes, each
 * with a class or "no object".
 *
 *   image ─ backbone ─ 1×1 ─ encoder ── features ─┐        ┌─ class head  (K + 1)
 *                            positions on q, k    ├ decoder ┤
 *             zeros, with the queries on q, k ────┘        └─ box head, σ (cx, cy, w, h)
 *
 * Positions and queries are added to queries and keys of every attention, never to values. The norms come
 * after the additions, the activation is ReLU. In training every layer of the decoder predicts, by the same
 * norm and heads.
 *
 * Shapes: images (B, H, W, 3) → logits (B, N, K + 1), the last of "no object", and boxes (B, N, 4).
 *
 * Carion et al., "End-to-End Object Detection with Transformers", arXiv:2005.12872
 */
export class DETR extends Module {
  readonly options: Required<Omit<DETROptions, 'backbone'>>;
  readonly backbone: Layer;
  readonly projection: Conv2d;
  readonly encoder: ModuleList<TransformerBlock>;
  readonly queries: Embedding;
  readonly decoder: ModuleList<DETRDecoderLayer>;
  readonly norm: LayerNorm;
  readonly classHead: Linear;
  readonly boxHead: ModuleList<Linear>;

  constructor(given: DETROptions) {
    super();
    const { backbone, ...options } = withDefaults<Required<DETROptions>>('DETR', given, {
      classes: required,
      backbone: required,
      queries: 100,
      encoderLayers: 6,
      decoderLayers: 6,
      width: 256,
      heads: 8,
      hidden: 2048,
      dropout: 0.1,
      positions: {},
      queryInit: initNormal(1),
    });
    const { classes, queries, encoderLayers, decoderLayers, width, positions, queryInit } = options;
    checkSize('DETR', { classes, queries, channels: backbone.channels });
    checkLayers('DETR', encoderLayers);
    checkLayers('DETR', decoderLayers);
    sinusoidalGrid([1, 1], width, positions); // refuses bad options now
    const { heads, hidden, dropout } = options;
    const layer = { heads, hidden, dropout, init: initXavierUniform() };
    const block = { ...layer, normPosition: 'post', activation: relu } as const;
    const list = <M extends Module>(length: number, make: () => M) =>
      new ModuleList(Array.from({ length }, make));
    this.options = options;
    this.backbone = backbone;
    this.projection = new Conv2d(backbone.channels, width, 1);
    this.encoder = list(encoderLayers, () => new TransformerBlock(width, block));
    this.queries = new Embedding(queries, width, { init: queryInit });
    this.decoder = list(decoderLayers, () => new DETRDecoderLayer(width, layer));
    this.norm = new LayerNorm(width);
    this.classHead = new Linear(width, classes + 1);
    this.boxHead = new ModuleList([width, width, 4].map((outputs) => new Linear(width, outputs)));
  }

  /** Logits (B, N, K + 1) and boxes (B, N, 4) of images, by the last layer of the decoder. */
  forward(images: Tensor): BoxPredictions {
    return this.#predict(this.#decode(images).at(-1)!);
  }

  /** DETR's loss, of all layers of the decoder; see `detrLosses`. */
  loss(images: Tensor, objects: readonly ImageObjects[]): Tensor {
    return detrLosses(this.layers(images), objects).total;
  }

  /** What every layer of the decoder predicts: logits (L, B, N, K + 1) and boxes (L, B, N, 4). */
  layers(images: Tensor): BoxPredictions {
    const states = this.#decode(images);
    const { logits, boxes } = this.#predict(concat(states, 0));
    const apart = (x: Tensor) => reshape(x, [states.length, -1, ...x.shape.slice(1)]);
    return { logits: apart(logits), boxes: apart(boxes) };
  }

  /** The finds of the N queries in each image, the most certain first: the best class, however unlikely. */
  detect(images: Tensor): Detection[][] {
    return inference(this, () => {
      const { logits, boxes } = this.forward(images);
      const [p, places] = [softmax(logits).toArray(), boxes.toArray()] as [number[][][], number[][][]];
      return p.map((queries, i) =>
        queries
          .map((all, n) => {
            const score = Math.max(...all.slice(0, -1));
            return { query: n, label: all.indexOf(score), score, box: places[i]![n] as unknown as Box };
          })
          .sort((a, b) => b.score - a.score),
      );
    });
  }

  /** The weights by which queries attend to features, (B, H, N, H′, W′), in the last layer of the decoder. */
  crossAttention(images: Tensor): Tensor {
    return inference(this, () => {
      const scene = this.#encode(images);
      let x = this.#start(images);
      for (const layer of this.decoder.items.slice(0, -1)) x = layer.forward(x, this.queries.weight, scene);
      const weights = this.decoder.at(-1)!.crossWeights(x, this.queries.weight, scene);
      return reshape(weights, [...weights.shape.slice(0, 3), ...scene.size]);
    });
  }

  #encode(images: Tensor): Scene & { readonly size: readonly [height: number, width: number] } {
    check(images.rank === 4, 'DETR', 'images are (B, H, W, channels)', () => show(images.shape));
    const map = this.projection.forward(this.backbone.forward(images));
    const [B, H, W, C] = map.shape as [number, number, number, number];
    const positions = sinusoidalGrid([H, W], C, this.options.positions);
    let x = reshape(map, [B, H * W, C]);
    for (const block of this.encoder)
      x = block.forward(x, { queryPositions: positions, keyPositions: positions });
    return { features: x, positions, size: [H, W] };
  }

  /** The states (B, N, C) after each layer, all normed by the one norm. */
  #decode(images: Tensor): Tensor[] {
    const scene = this.#encode(images);
    let x = this.#start(images);
    return this.decoder.items.map((layer) => {
      x = layer.forward(x, this.queries.weight, scene);
      return this.norm.forward(x);
    });
  }

  /** What is decoded begins with zeros, (B, N, C): the queries tell the places apart. */
  #start(images: Tensor): Tensor {
    return zeros([images.shape[0]!, this.options.queries, this.options.width]);
  }

  #predict(states: Tensor): BoxPredictions {
    const [first, second, last] = this.boxHead.items as [Linear, Linear, Linear];
    const hidden = relu(second.forward(relu(first.forward(states))));
    return { logits: this.classHead.forward(states), boxes: sigmoid(last.forward(hidden)) };
  }
}
