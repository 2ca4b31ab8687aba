/**
 * The file tokenizer.json of Hugging Face's `tokenizers`: what is the same in it for every kind of tokenizer.
 */
import { check, display } from '../tensor/index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a tokenizer.json that say how texts become ids. */
export interface TokenizerFile {
  readonly normalizer: Fields | null;
  readonly preTokenizer: Fields | null;
  readonly model: Fields;
  /** The ids of `model.vocab`, but for those of special tokens. */
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly specialTokens: ReadonlyMap<string, number>;
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}

/** Reads a file (parsed) whose model is of this type. */
export function readTokenizerFile(where: string, json: unknown, type: string): TokenizerFile {
  const { added_tokens = [], normalizer = null, pre_tokenizer = null, model } = fieldsOf(json);
  const found = fieldsOf(model);
  const isFile = isFields(model) && isFields(found.vocab) && Array.isArray(added_tokens);
  check(
    isFile,
    where,
    'the object is a tokenizer.json, parsed: { added_tokens: […], model: { type, vocab: { … }, … }, … }',
    () =>
      Array.isArray(found.vocab) ? `a model of type ${found.type}, whose vocab is a list` : display(json),
    () => (typeof json === 'string' ? 'write JSON.parse(text)' : `the kind that is read here is ${type}`),
  );
  // files of old versions do not name the type
  const kind = found.type ?? (Array.isArray(found.merges) ? 'BPE' : 'WordPiece');
  check(kind === type, where, `the model is of type ${type}`, () => display(kind));
  const vocab = new Map(Object.entries(found.vocab as Record<string, number>));
  const specialTokens = readAddedTokens(where, added_tokens as AddedToken[], vocab);
  for (const name of specialTokens.keys()) vocab.delete(name);
  return {
    normalizer: normalizer as Fields | null,
    preTokenizer: pre_tokenizer as Fields | null,
    model: found,
    vocabulary: vocab,
    specialTokens,
  };
}

function readAddedTokens(where: string, tokens: readonly AddedToken[], vocab: ReadonlyMap<string, number>) {
  for (const token of tokens) {
    const { id, content, special } = (token ?? {}) as typeof token;
    const flags = ['single_word', 'lstrip', 'rstrip'].filter((flag) => fieldsOf(token)[flag] === true);
    check(
      special === true && flags.length === 0,
      where,
      'added tokens are special ones that are found as they are written',
      () => `${display(content)} with ${special === true ? flags.join(', ') : 'special: false'}`,
    );
    check(
      (vocab.get(content) ?? id) === id,
      where,
      'an added token has the id that it has in the vocabulary',
      () => `${id} for ${display(content)}`,
    );
  }
  return new Map(tokens.map(({ id, content }) => [content, id]));
}

/** The whole file from its parts. */
export function tokenizerFile(
  vocabulary: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<string, number>,
  parts: { normalizer: object | null; pre_tokenizer: object; decoder: object; model: object },
): object {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const { model, ...rest } = parts;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...specialTokens].map(([content, id]) => ({ id, content, ...flags })),
    ...rest,
    post_processor: null,
    model: { ...model, vocab: vocabularyObject(vocabulary, specialTokens) },
  };
}

/** All tokens, in the order of their ids. */
export function vocabularyObject(
  vocabulary: ReadonlyMap<string, number>,
  specialTokens: ReadonlyMap<string, number>,
): Record<string, number> {
  return Object.fromEntries([...specialTokens, ...vocabulary].sort(([, a], [, b]) => a - b));
}

/** The fields of an object, none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
