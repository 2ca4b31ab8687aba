import { recognise, stories } from '../corpora/index.ts';
import { split, type Text, textFile } from '../data/index.ts';
import { check } from '../tensor/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';

/** A text to learn, as tokens. */
export interface Corpus {
  readonly name: string;
  readonly tokenizer: CharTokenizer;
  readonly train: Int32Array;
  readonly validation: Int32Array;
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

/**
 * Loads a corpus: `stories`, or the path of a text file, whose last tenth is for validation.
 *
 * @param known the tokenizer of a model that is there already; without one, the text's own
 */
export async function loadCorpus(data: string, known?: CharTokenizer): Promise<Corpus> {
  if (data === 'stories') return storyCorpus(known);
  const file = await textFile(data);
  const tokenizer = known ?? CharTokenizer.from(file.text);
  const tokens = known ? encodeText(known, file) : tokenizer.encode(file.text);
  check(
    tokens.length >= 20,
    `data ${file.name}`,
    'the text has at least 20 characters',
    () => `${tokens.length}`,
    () => 'a few thousand is where learning starts to show',
  );
  return { name: file.name, tokenizer, ...split(tokens, 0.1), prompt: usualPrompt(tokenizer) };
}

/** More stories than a short run reads, and others, from another seed, to validate on. */
function storyCorpus(known?: CharTokenizer): Corpus {
  const { name, text, entropy } = stories({ stories: 50_000, seed: 'train' });
  const tokenizer = known ?? CharTokenizer.from(text);
  return {
    name,
    tokenizer,
    train: encodeText(tokenizer, { name, text }),
    validation: tokenizer.encode(stories({ stories: 400, seed: 'validation' }).text),
    prompt: usualPrompt(tokenizer),
    grammar: { entropy: entropy.natsPerCharacter, accepts: (line) => recognise(line).grammatical },
  };
}

/** The text as tokens of a model; characters that the model does not know are an error that lists them. */
export function encodeText(tokenizer: CharTokenizer, { name, text }: Text): Int32Array {
  const known = new Set(tokenizer.toJSON().characters);
  const unknown = [...new Set(text)].filter((character) => !known.has(character));
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

/**
 * The usual start of a sample: a line break if the model knows it, else a space, else the first character
 * that it knows.
 */
export function usualPrompt(tokenizer: CharTokenizer): string {
  const { characters } = tokenizer.toJSON();
  return ['\n', ' '].find((character) => characters.includes(character)) ?? characters[0]!;
}
