import type { BertTextOptions } from './wordPieceText.ts';

/** What a tokenizer is made of: its ids, special tokens' too, and what is done to texts. */
export interface WordPieceParts {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly specialTokens: ReadonlyMap<string, number>;
  readonly unknown: string;
  readonly text: Required<BertTextOptions>;
}

/** Characters of the longest word that is looked at; longer ones are unknown. */
export const MAX_CHARACTERS = 100;
