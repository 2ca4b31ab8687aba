import { recognise, stories } from '../corpora/index.ts';
import { type DocumentStarts, split, type Text, type Tokens, textFile } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import { CharTokenizer, type Tokenizer } from '../tokenizers/index.ts';
import type { RunConfig } from './config.ts';
import { savedTokenizer } from './savedTokenizer.ts';
import { sha256 } from './sha256.ts';
import { isPrepared, tokenCorpus } from './tokenCorpus.ts';
import { unitOf } from './tokenizer.ts';
import { usualPrompt } from './usualPrompt.ts';

/** A text to learn, as tokens. */
export interface Corpus {
  readonly name: string;
  /** SHA-256 of the text, or of the header of prepared tokens, which has those of its files; of stories none. */
  readonly hash?: string;
  readonly tokenizer: Tokenizer;
  readonly train: Tokens;
  readonly validation: Tokens;
  /** Where documents start, in prepared tokens. */
  readonly documents?: DocumentStarts;
  /** The text that samples begin with. */
  readonly prompt: string;
  /** The facts about a corpus that is known exactly. */
  readonly grammar?: {
    /** Lowest possible loss, in nats per character. */
    readonly entropy: number;
    /** Tells whether a line is a story of the grammar. */
    readonly accepts: (line: string) => boolean;
  };
}

/** Makes the tokenizer of texts, or gives that of a model that is there already. */
type TokenizerOf = (texts: readonly string[]) => Tokenizer | Promise<Tokenizer>;

/** Loads a corpus: `stories`, a folder of prepared tokens, or a text file, whose last tenth is for validation. */
export async function loadCorpus(data: string, tokenizerOf: TokenizerOf): Promise<Corpus> {
  if (data === 'stories') return storyCorpus(tokenizerOf);
  if (isPrepared(data)) return tokenCorpus(data, tokenizerOf);
  const file = await textFile(data);
  const tokenizer = await tokenizerOf([file.text]);
  const tokens = encodeText(tokenizer, file);
  check(
    tokens.length >= 20,
    `data ${file.name}`,
    `the text has at least 20 ${unitOf(tokenizer)}s`,
    () => `${tokens.length}`,
    () => 'a few thousand is where learning starts to show',
  );
  const prompt = usualPrompt(tokenizer, tokens);
  return { name: file.name, hash: sha256(file.text), tokenizer, ...split(tokens, 0.1), prompt };
}

/** More stories than a short run reads, and others, from another seed, to validate on. */
async function storyCorpus(tokenizerOf: TokenizerOf): Promise<Corpus> {
  const { name, text, entropy } = stories({ stories: 50_000, seed: 'train' });
  const tokenizer = await tokenizerOf([text]);
  const train = encodeText(tokenizer, { name, text });
  return {
    name,
    tokenizer,
    train,
    validation: tokenizer.encode(stories({ stories: 400, seed: 'validation' }).text),
    prompt: usualPrompt(tokenizer, train),
    grammar: { entropy: entropy.natsPerCharacter, accepts: (line) => recognise(line).grammatical },
  };
}

/** The text as tokens of a model; characters that the model does not know are an error that lists them. */
export function encodeText(tokenizer: Tokenizer, { name, text }: Text): Int32Array {
  const unknown = tokenizer instanceof CharTokenizer ? tokenizer.unknownCharacters(text) : [];
  check(
    unknown.length === 0,
    `data ${name}`,
    'the model knows every character of the text',
    () => `${unknown.length} that it has never seen: ${unknown.slice(0, 10).map(quoted).join(' ')}`,
    () => 'choose a text in the characters of the one that the model was trained on',
  );
  return tokenizer.encode(text);
}

const quoted = (character: string) => JSON.stringify(character);

/** What a checkpoint keeps of a corpus. */
export function savedOf({ tokenizer, prompt, hash }: Corpus, { tokenizer: path }: RunConfig) {
  return { tokenizer: savedTokenizer(tokenizer, path), prompt, ...(hash && { dataHash: hash }) };
}
