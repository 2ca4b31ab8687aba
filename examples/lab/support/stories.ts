/** A small task for language models: the characters of generated stories, whose entropy is known. */
import { stories } from 'scratchformer/corpora';
import { randomBatch } from 'scratchformer/data';
import { GPT, type GPTOptions } from 'scratchformer/models';
import { AdamW, decayGroups, warmupCosine } from 'scratchformer/optimizers';
import { CharTokenizer } from 'scratchformer/tokenizers';
import { evaluateLoss, every, type Hook, Trainer, type TrainerOptions } from 'scratchformer/train';

const tokenizer = CharTokenizer.from(stories({ stories: 1000 }).text); // every character that occurs
const text = (count: number, seed: string) => tokenizer.encode(stories({ stories: count, seed }).text);

/** 0.6 million characters to learn from, and 20,000 others to test on. */
export const training = text(5000, 'lab');
export const validation = text(150, 'lab, held out');
export { tokenizer };

export interface Lesson {
  readonly steps: number;
  /** Differences to 2 layers of width 32 with a context of 32: 28,000 parameters. */
  readonly model?: Partial<GPTOptions>;
  readonly batchSize?: number;
  /** Default: all 5,000 stories. */
  readonly text?: Int32Array;
  /** The highest learning rate, after a warm-up and before a cosine down to a tenth. Default 5e-3. */
  readonly peak?: number;
  /** Default: AdamW, with a decay of 0.1 for all but biases and gains. */
  readonly optimizer?: (model: GPT) => TrainerOptions['optimizer'];
  readonly hooks?: readonly Hook[];
  /** Steps from one validation to the next. Default: one at the end. */
  readonly validateEvery?: number;
}

export interface Learned {
  readonly model: GPT;
  /** Nats per character on held-out stories, at the end. */
  readonly validationLoss: number;
  /** The same on the way, that at the end last. */
  readonly validationLosses: readonly number[];
  /** Milliseconds per step, without validation. */
  readonly milliseconds: number;
}

/** A GPT that learned stories. Call `manualSeed` before: it decides the weights and the batches. */
export async function learn(lesson: Lesson): Promise<Learned> {
  const { steps, batchSize = 16, peak = 5e-3, hooks = [], text = training, validateEvery = steps } = lesson;
  const model = new GPT({ vocabSize: tokenizer.vocabSize, context: 32, layers: 2, heads: 2, width: 32, initStd: 0.1, ...lesson.model }); // biome-ignore format: one line
  const make = lesson.optimizer ?? ((model) => new AdamW(decayGroups(model, { weightDecay: 0.1 }), { betas: [0.9, 0.99] })); // biome-ignore format: one line
  const { context } = model.options;
  const validationLosses: number[] = [];
  let validating = 0;
  const validate = () => {
    const start = performance.now();
    validationLosses.push(evaluateLoss(model, validation, { context, stride: context, batchSize: 64 }));
    validating += performance.now() - start;
  };
  const start = performance.now();
  await new Trainer({
    model,
    optimizer: make(model),
    schedule: warmupCosine({ peak, floor: peak / 10, warmup: Math.ceil(steps / 20), steps }),
    nextBatch: () => randomBatch(text, { batchSize, context }),
    steps,
    hooks: [...hooks, every(validateEvery, validate)],
  }).run();
  const milliseconds = (performance.now() - start - validating) / steps;
  return { model, validationLoss: validationLosses.at(-1)!, validationLosses, milliseconds };
}

/** The same stories in pieces of some characters, each piece a token, for vocabularies of other sizes. */
export function pieces(length: number) {
  const cut = (ids: Int32Array) => tokenizer.decode(ids).match(new RegExp(`[^]{${length}}`, 'g'))!;
  const [train, test] = [cut(training), cut(validation)];
  const vocabulary = [...new Set([...train, ...test])].sort();
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
  const encode = (cut: readonly string[]) => Int32Array.from(cut, (piece) => ids.get(piece)!);
  return { length, vocabulary, train: encode(train), test: encode(test) };
}
export type Pieces = ReturnType<typeof pieces>;
