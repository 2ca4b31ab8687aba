import { type NewFile, platform } from '../platform/index.ts';
import { check, checkIds, checkWhole, required, withDefaults } from '../tensor/index.ts';
import { DocumentFile } from './documentStarts.ts';
import { dtypeFor, FORMAT, HEADER, type ShardEntry, type TokenHeader, VERSION } from './tokenHeader.ts';

/** The options of `TokenWriter`. */
export interface TokenWriterOptions {
  /** The JSON of the tokenizer, which goes into the header. */
  readonly tokenizer: object;
  /** V: every id is below it. Up to 65,536, a token takes two bytes, else four. */
  readonly vocabSize: number;
  /** The most tokens in a file. Default 2²⁶. */
  readonly shardTokens?: number;
}

const DOCUMENTS = 'documents.bin';

/**
 * Writes tokens into files in a folder, for `openTokens`. The header comes last and at once: a folder whose
 * writer was broken off has none, and is not taken for data.
 *
 *     const { vocabSize } = tokenizer;
 *     const writer = new TokenWriter('tokens', { tokenizer: tokenizer.toJSON(), vocabSize });
 *     for (const text of texts) {
 *       writer.push(tokenizer.encode(text), new TextEncoder().encode(text).length);
 *       writer.endDocument();
 *     }
 *     await writer.finish();
 */
export class TokenWriter {
  readonly #folder: string;
  readonly #options: Required<TokenWriterOptions>;
  readonly #shards: ShardEntry[] = [];
  readonly #starts: NewFile;
  #file: NewFile | null = null;
  #inFile = 0;
  #tokens = 0;
  #bytes = 0;
  #documents = 0;
  #startsDocument = true;

  constructor(folder: string, options: TokenWriterOptions) {
    this.#folder = folder;
    this.#options = withDefaults<Required<TokenWriterOptions>>('TokenWriter', options, {
      tokenizer: required,
      vocabSize: required,
      shardTokens: 2 ** 26,
    });
    const { vocabSize, shardTokens } = this.#options;
    checkWhole('TokenWriter', { vocabSize, shardTokens }, 1);
    this.#starts = platform.createFile(`${folder}/${DOCUMENTS}`);
  }

  /** Number of tokens so far. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Adds tokens to the document, and the bytes of UTF-8 of their text. */
  push(ids: ArrayLike<number>, bytes: number): void {
    checkIds('TokenWriter.push', 'ids', ids, this.#options.vocabSize);
    checkWhole('TokenWriter.push', { bytes });
    if (ids.length === 0) return;
    if (this.#startsDocument) {
      this.#starts.append(new Uint8Array(Float64Array.of(this.#tokens).buffer));
      this.#documents++;
      this.#startsDocument = false;
    }
    const Raw = dtypeFor(this.#options.vocabSize) === 'uint16' ? Uint16Array : Uint32Array;
    const raw = new Raw(ids);
    for (let at = 0; at < raw.length; ) at += this.#append(raw.subarray(at));
    this.#tokens += raw.length;
    this.#bytes += bytes;
  }

  /** Ends the document: the next token is the first of another one. */
  endDocument(): void {
    this.#startsDocument = true;
  }

  /** Closes the files and writes the header. */
  async finish(): Promise<TokenHeader> {
    check(this.#tokens > 0, 'TokenWriter.finish', 'there is at least one token', () => '0');
    this.#closeShard();
    const documents = { file: DOCUMENTS, count: this.#documents, sha256: this.#starts.close() };
    const { tokenizer, vocabSize, shardTokens } = this.#options;
    const header: TokenHeader = {
      format: FORMAT,
      version: VERSION,
      vocabSize,
      dtype: dtypeFor(vocabSize),
      tokens: this.#tokens,
      bytes: this.#bytes,
      trainTokens: this.#trainTokens(),
      shardTokens,
      shards: this.#shards,
      documents,
      tokenizer,
    };
    await platform.writeFileAtomic(`${this.#folder}/${HEADER}`, `${JSON.stringify(header)}\n`);
    return header;
  }

  /** Appends as many as the shard has room for, and tells how many. */
  #append(raw: Uint16Array | Uint32Array): number {
    this.#file ??= platform.createFile(`${this.#folder}/${this.#shardName()}`);
    const part = raw.subarray(0, this.#options.shardTokens - this.#inFile);
    this.#file.append(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
    this.#inFile += part.length;
    if (this.#inFile === this.#options.shardTokens) this.#closeShard();
    return part.length;
  }

  #closeShard(): void {
    if (!this.#file) return;
    const [file, tokens] = [this.#shardName(), this.#inFile];
    this.#shards.push({ file, tokens, sha256: this.#file.close() });
    [this.#file, this.#inFile] = [null, 0];
  }

  #shardName(): string {
    return `tokens-${`${this.#shards.length}`.padStart(5, '0')}.bin`;
  }

  /** Where validation begins: at nine tenths, or at the start of a document if one is near. */
  #trainTokens(): number {
    const position = this.#tokens - Math.round(0.1 * this.#tokens);
    const file = new DocumentFile(`${this.#folder}/${DOCUMENTS}`, this.#documents);
    const starts = [file.startOf(position), file.startAfter(position)];
    file.close();
    const distance = (start: number) => Math.abs(start - position);
    const nearest = distance(starts[0]!) <= distance(starts[1]!) ? starts[0]! : starts[1]!;
    return distance(nearest) <= this.#tokens / 20 ? nearest : position;
  }
}
