import { check, display, suggest } from '../tensor/index.ts';
import { BPETokenizer } from './bpe.ts';
import { ByteTokenizer } from './byte.ts';
import { CharTokenizer } from './char.ts';
import { fieldsOf } from './huggingFace.ts';
import type { Tokenizer } from './tokenizer.ts';
import { WordTokenizer } from './word.ts';
import { WordPieceTokenizer } from './wordPiece.ts';

/** By the `type` of the object, or, in a tokenizer.json, of its model. */
const readers: Readonly<Record<string, (json: unknown) => Tokenizer>> = {
  char: CharTokenizer.fromJSON,
  word: WordTokenizer.fromJSON,
  byte: ByteTokenizer.fromJSON,
  BPE: BPETokenizer.fromJSON,
  WordPiece: WordPieceTokenizer.fromJSON,
};

/**
 * The tokenizer, of whatever kind, that wrote `json` (parsed); also that of a tokenizer.json of Hugging Face.
 */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const { type = fieldsOf(fieldsOf(json).model).type } = fieldsOf(json);
  const known = Object.keys(readers);
  check(
    known.includes(type as string),
    'tokenizerFromJSON',
    'the object is that of a known tokenizer',
    () => (type === undefined ? display(json) : `type ${display(type)}`),
    () => suggest(type, known),
  );
  return readers[type as string]!(json);
}
