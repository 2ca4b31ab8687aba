/** The header of prepared tokens: what tokens.json says of the files beside it. */
import { platform } from '../platform/index.ts';
import { check, checkWhole, display, fail } from '../tensor/index.ts';

/** A file of tokens, one after the other, little-endian. */
export interface ShardEntry {
  readonly file: string;
  readonly tokens: number;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
}

/** The contents of tokens.json. */
export interface TokenHeader {
  readonly format: 'scratchformer tokens';
  readonly version: 1;
  /** The JSON of the tokenizer. */
  readonly tokenizer: unknown;
  readonly vocabSize: number;
  /** uint16 for a vocabulary of up to 65,536 tokens, else uint32. */
  readonly dtype: 'uint16' | 'uint32';
  /** Number of all tokens. */
  readonly tokens: number;
  /** Bytes of UTF-8 of all texts. */
  readonly bytes: number;
  /** The first so many tokens are for training, the rest for validation. */
  readonly trainTokens: number;
  /** Tokens in each shard but the last, which may have fewer. */
  readonly shardTokens: number;
  readonly shards: readonly ShardEntry[];
  /** Where documents start: float64, little-endian, one for each. */
  readonly documents: { readonly file: string; readonly count: number; readonly sha256: string };
}

export const FORMAT = 'scratchformer tokens';
export const VERSION = 1;
export const HEADER = 'tokens.json';

/** The dtype that holds the ids of a vocabulary. */
export function dtypeFor(vocabSize: number): 'uint16' | 'uint32' {
  return vocabSize <= 2 ** 16 ? 'uint16' : 'uint32';
}

/** Reads and checks the header in a folder of prepared tokens. */
export async function readTokenHeader(folder: string): Promise<TokenHeader> {
  const where = `tokens ${folder}`;
  const bytes = await platform
    .read(`${folder}/${HEADER}`)
    .catch((error: Error & { code?: string }) =>
      fail(
        where,
        `the folder has a ${HEADER}`,
        error.code ?? error.message,
        'a prepare that was broken off leaves none: run it again',
      ),
    );
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    fail(where, `${HEADER} is JSON`, 'something else');
  }
  return checkHeader(where, header);
}

/** Checks that a header (parsed) is one of this version and agrees with itself. */
export function checkHeader(where: string, json: unknown): TokenHeader {
  const header = (json ?? {}) as TokenHeader;
  const { format, version, dtype, vocabSize, tokens, bytes, trainTokens, shardTokens, shards } = header;
  check(format === FORMAT, where, `the format is "${FORMAT}"`, () => display(format));
  check(
    version === VERSION,
    where,
    `the version is ${VERSION}, which this program reads`,
    () => display(version),
    () => 'prepare the data again',
  );
  checkWhole(where, { vocabSize, shardTokens, tokens }, 1);
  checkWhole(where, { bytes, trainTokens });
  const most = dtype === 'uint16' ? 2 ** 16 : 2 ** 32;
  check(
    ['uint16', 'uint32'].includes(dtype) && vocabSize <= most,
    where,
    'dtype is uint16 or uint32, and holds every id',
    () => `${display(dtype)} for a vocabulary of ${vocabSize.toLocaleString('en-US')}`,
  );
  const lengths = Array.isArray(shards)
    ? shards.map((shard: ShardEntry | null) => shard?.tokens ?? Number.NaN)
    : [];
  const full =
    lengths.slice(0, -1).every((length) => length === shardTokens) && lengths.at(-1)! <= shardTokens;
  check(
    full && lengths.reduce((sum, length) => sum + length, 0) === tokens && trainTokens <= tokens,
    where,
    `shards have ${shardTokens} tokens each, the last at most, and ${tokens} together`,
    () => display(lengths),
  );
  check(Number.isInteger(header.documents?.count), where, 'documents are counted', () =>
    display(header.documents),
  );
  const odd = [...shards, header.documents].find((entry) => !/^[\w-]+\.bin$/.test(entry?.file));
  check(odd === undefined, where, 'files lie in the folder', () => display(odd?.file));
  return header;
}
