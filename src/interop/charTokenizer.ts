/** A tokenizer of characters as a tokenizer.json: every character is a piece, and BPE without a merge. */
import { check, display } from '../tensor/index.ts';
import { CharTokenizer } from '../tokenizers/index.ts';

const preTokenizer = {
  type: 'Split',
  pattern: { Regex: '[\\s\\S]' },
  behavior: 'Isolated',
  invert: false,
};

/**
 * The file that `tokenizers` reads. It gives the same ids for the characters that there are; others, which
 * are an error here, are left out there.
 */
export function charTokenizerJSON(tokenizer: CharTokenizer): object {
  const { characters } = tokenizer.toJSON();
  const half = characters.find((character) => /\p{Surrogate}/u.test(character));
  check(half === undefined, 'export tokenizer', 'characters are whole ones', () =>
    display(JSON.stringify(half)),
  );
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(characters.map((character, id) => [character, id])),
      merges: [],
    },
  };
}

/** The tokenizer of a file (parsed) that `charTokenizerJSON` made; null if it is another one. */
export function readCharTokenizer(json: unknown): CharTokenizer | null {
  const { pre_tokenizer, model } = (json ?? {}) as { pre_tokenizer?: unknown; model?: { vocab?: unknown } };
  if (JSON.stringify(pre_tokenizer) !== JSON.stringify(preTokenizer)) return null;
  const vocab = Object.entries((model?.vocab ?? {}) as Record<string, number>).sort(([, a], [, b]) => a - b);
  const gap = vocab.find(([, id], i) => id !== i);
  check(gap === undefined, 'tokenizer.json', 'the ids of characters have no gaps', () => display(gap));
  return CharTokenizer.fromJSON({ type: 'char', characters: vocab.map(([character]) => character) });
}
