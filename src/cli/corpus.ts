import { recognise, split, stories, textFile } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';

/** A text to learn, as tokens. */
export interface Corpus {
  readonly name: string;
  readonly tokenizer: CharTokenizer;
  readonly train: Int32Array;
  readonly validation: Int32Array;
  /** What samples begin with. */
  readonly prompt: string;
  /** Of a corpus that is known exactly: */
  readonly grammar?: {
    /** The lowest possible loss, in nats per character. */
    readonly entropy: number;
    /** Whether a line is a story of the grammar. */
    readonly accepts: (line: string) => boolean;
  };
}

/** `stories`, or the path of a text file, whose last tenth is for validation. */
export async function loadCorpus(data: string): Promise<Corpus> {
  if (data === 'stories') return storyCorpus();
  const { name, text } = await textFile(data);
  const tokenizer = CharTokenizer.from(text);
  const tokens = tokenizer.encode(text);
  check(
    tokens.length >= 20,
    `data ${name}`,
    'the text has at least 20 characters',
    () => `${tokens.length}`,
    () => 'a few thousand is where learning starts to show',
  );
  return { name, tokenizer, ...split(tokens, 0.1), prompt: text.includes('\n') ? '\n' : [...text][0]! };
}

/** More stories than a short run reads, and others, from another seed, to validate on. */
function storyCorpus(): Corpus {
  const { name, text, entropy } = stories({ stories: 50_000, seed: 'train' });
  const tokenizer = CharTokenizer.from(text);
  return {
    name,
    tokenizer,
    train: tokenizer.encode(text),
    validation: tokenizer.encode(stories({ stories: 400, seed: 'validation' }).text),
    prompt: '\n',
    grammar: { entropy: entropy.natsPerCharacter, accepts: (line) => recognise(line).grammatical },
  };
}
