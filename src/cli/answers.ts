import type { GPT } from '../../models/gpt.ts';
import { answerBatch, type EncodedAnswer, promptAnswers, promptAnswersFile } from '../data/index.ts';
import { check, randomBelow, randomStream } from '../tensor/index.ts';
import type { Tokenizer } from '../tokenizers/index.ts';
import { evaluateLoss } from '../train/index.ts';
import { sha256 } from './sha256.ts';
import type { StopToken } from './stopToken.ts';

/** Prompts with their answers. */
export interface Answers {
  readonly pairs: readonly { readonly prompt: string; readonly answer: string }[];
  readonly encoded: readonly EncodedAnswer[];
  /** Bytes of the answers, with those of the token that ends each, if it stands for text. */
  readonly bytes: number;
}

/** What a fine-tuning learns from, and what it never sees. */
export interface SplitAnswers {
  /** SHA-256 of all prompts and answers. */
  readonly hash: string;
  readonly learned: Answers;
  readonly heldOut: Answers;
}

/**
 * Reads prompts and answers and holds out those of a tenth of the prompts, at least one, drawn from the
 * stream 'split'.
 */
export async function loadAnswers(
  data: string,
  tokenizer: Tokenizer,
  { context, stop }: { readonly context: number; readonly stop: StopToken },
): Promise<SplitAnswers> {
  const all = await promptAnswersFile(data);
  const encoded = promptAnswers(all, tokenizer, { context, stop: stop.id });
  const early = encoded.findIndex(({ targets }) => targets.indexOf(stop.id) < targets.length - 1);
  check(
    early === -1,
    `data ${data}`,
    'no answer has the token that ends it',
    () => JSON.stringify(all[early]!.answer.slice(0, 60)),
    () => 'leave it out there, or end answers with another by --stop',
  );
  const prompts = [...new Set(all.map(({ prompt }) => prompt))];
  check(prompts.length > 1, `data ${data}`, 'there are two different prompts at least', () => `${prompts.length}`); // biome-ignore format: one line
  const unseen = new Set(drawn(prompts, Math.ceil(prompts.length / 10)));
  const endBytes = tokenizer.specialTokens.has(stop.name) ? 0 : Buffer.byteLength(stop.name);
  const pick = (isHeldOut: boolean): Answers => {
    const chosen = [...all.keys()].filter((i) => unseen.has(all[i]!.prompt) === isHeldOut);
    const pairs = chosen.map((i) => all[i]!);
    const bytes = pairs.reduce((sum, { answer }) => sum + Buffer.byteLength(answer) + endBytes, 0);
    return { pairs, encoded: chosen.map((i) => encoded[i]!), bytes };
  };
  return { hash: sha256(JSON.stringify(all)), learned: pick(false), heldOut: pick(true) };
}

/** So many of the entries, each other choice as likely. */
function drawn<Entry>(entries: readonly Entry[], count: number): Entry[] {
  const random = randomStream('split');
  const left = [...entries];
  return Array.from({ length: count }, () => left.splice(randomBelow(left.length, random), 1)[0]!);
}

/** The mean loss of all tokens of the answers and of their ends, in nats per token. */
export function answerLoss(model: GPT, { encoded }: Answers): number {
  const size = 16;
  const starts = Array.from({ length: Math.ceil(encoded.length / size) }, (_, i) => i * size);
  const batches = starts.map((start) => answerBatch(encoded.slice(start, start + size)));
  return evaluateLoss(model, batches, { units: ({ scored }) => scored });
}

/** A loss of answers in words, also per byte, which models with other tokenizers can be compared by. */
export function lossInWords(nats: number, { encoded, bytes }: Answers): string {
  const tokens = encoded.reduce((sum, { targets }) => sum + targets.filter((id) => id !== -100).length, 0);
  const bits = (nats * tokens) / bytes / Math.LN2;
  return `${nats.toFixed(4)} nats per token (${bits.toFixed(4)} bits per byte)`;
}
