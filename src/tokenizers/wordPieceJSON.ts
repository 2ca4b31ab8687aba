/** BERT's tokenizer in a tokenizer.json. */
import { check, display } from '../tensor/index.ts';
import { fieldsOf, readTokenizerFile, tokenizerFile } from './huggingFace.ts';
import { MAX_CHARACTERS, type WordPieceParts } from './wordPieceParts.ts';

export function wordPieceJSON({ vocabulary, specialTokens, unknown, text }: WordPieceParts): object {
  return tokenizerFile(vocabulary, specialTokens, {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: text.chineseCharacters,
      strip_accents: text.stripAccents ?? null,
      lowercase: text.lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: MAX_CHARACTERS,
    },
  });
}

/** Reads a file (parsed); what would make other ids than the file's own library is an error. */
export function readWordPieceJSON(where: string, json: unknown): WordPieceParts {
  const { normalizer, preTokenizer, model, vocabulary, specialTokens } = readTokenizerFile(
    where,
    json,
    'WordPiece',
  );
  const { type, clean_text, handle_chinese_chars, strip_accents, lowercase } = fieldsOf(normalizer);
  check(
    type === 'BertNormalizer' && clean_text === true && fieldsOf(preTokenizer).type === 'BertPreTokenizer',
    where,
    'texts are cleaned by a BertNormalizer, clean_text among it, and cut by a BertPreTokenizer',
    () => JSON.stringify({ normalizer, pre_tokenizer: preTokenizer }).slice(0, 300),
  );
  const { unk_token: unknown, continuing_subword_prefix: prefix, max_input_chars_per_word: most } = model;
  check(
    typeof unknown === 'string' && prefix === '##' && most === MAX_CHARACTERS,
    where,
    `the model has an unk_token, the prefix ## and words of at most ${MAX_CHARACTERS} characters`,
    () => display({ unknown, prefix, most }),
  );
  const text = {
    lowercase: lowercase === true,
    stripAccents: typeof strip_accents === 'boolean' ? strip_accents : undefined,
    chineseCharacters: handle_chinese_chars === true,
  };
  return { vocabulary: new Map([...vocabulary, ...specialTokens]), specialTokens, unknown, text };
}
