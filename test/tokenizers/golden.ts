import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { longText } from '../golden/tokenizersText.ts';
import { root } from '../support/root.ts';

/** Lists of ids, as test/golden/tokenizers.py packs them. */
interface Packed {
  readonly counts: string;
  readonly ids: string;
}

interface Golden {
  readonly strings: readonly string[];
  readonly special: readonly string[];
  readonly longText: string;
  readonly repeatedText: string;
  readonly cuts: {
    readonly texts: readonly string[];
    readonly ends: Readonly<Record<'gpt2' | 'gpt4', readonly (readonly number[])[]>>;
  };
  readonly bpe: readonly {
    readonly pattern: 'gpt2' | 'gpt4';
    readonly vocabSize: number;
    readonly merges: string;
    readonly strings: Packed;
    readonly longIds: number;
    readonly longHash: string;
    readonly marked: readonly string[];
    readonly markedIds: readonly (readonly number[])[];
  }[];
  readonly huge: {
    readonly vocabSize: number;
    readonly size: number;
    readonly count: number;
    readonly hash: string;
  };
  readonly learned: readonly {
    readonly name: string;
    readonly pattern: 'gpt2' | 'gpt4';
    readonly vocabSize: number;
    readonly size: number;
    readonly merges: string;
  }[];
  readonly wordPiece: {
    readonly vocab: readonly string[];
    readonly cases: readonly {
      readonly lowercase: boolean;
      readonly stripAccents: boolean | null;
      readonly chineseCharacters: boolean;
      readonly strings: Packed;
      readonly decodedHash: string;
    }[];
  };
}

/** What Hugging Face's library made, by test/golden/tokenizers.py. */
export const golden: Golden = JSON.parse(readFileSync(`${root}test/golden/tokenizers.json`, 'utf8'));

export const long = longText();

export function unpack({ counts, ids }: Packed): number[][] {
  const bytes = Buffer.from(ids, 'base64');
  let at = 0;
  return [...Buffer.from(counts, 'base64')].map((count) =>
    Array.from({ length: count }, () => bytes.readUInt16LE(2 * at++)),
  );
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
