/** Byte-level BPE in a tokenizer.json. */
import { check, display, withDefaults } from '../tensor/index.ts';
import type { BPEParts } from './bpeParts.ts';
import { fieldsOf, readTokenizerFile, tokenizerFile } from './huggingFace.ts';
import { gpt4Source, type SplitPattern } from './patterns.ts';

/** The options of `toTokenizerJSON`. */
export interface TokenizerJSONOptions {
  /** How merges are written: as pairs ["a", "b"], or as strings "a b", the old form. Default 'pairs'. */
  readonly merges?: 'pairs' | 'strings';
}

export function tokenizerJSON(where: string, parts: BPEParts, options: TokenizerJSONOptions): object {
  const { merges: form } = withDefaults<Required<TokenizerJSONOptions>>(where, options, { merges: 'pairs' });
  check(['pairs', 'strings'].includes(form), where, "merges are 'pairs' or 'strings'", () => display(form));
  const byteLevel = (use_regex: boolean) => ({
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex,
  });
  const split = { type: 'Split', pattern: { Regex: gpt4Source }, behavior: 'Isolated', invert: false };
  return tokenizerFile(parts.vocabulary, parts.specialTokens, {
    normalizer: null,
    pre_tokenizer:
      parts.pattern === 'gpt2'
        ? byteLevel(true)
        : { type: 'Sequence', pretokenizers: [split, byteLevel(false)] },
    decoder: byteLevel(true),
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: parts.wholePieces,
      merges: form === 'pairs' ? parts.merges : parts.merges.map((pair) => pair.join(' ')),
    },
  });
}

/**
 * Reads a file (parsed) in either form; what would make other ids than the file's own library is an error.
 */
export function readTokenizerJSON(where: string, json: unknown): BPEParts {
  const { normalizer, preTokenizer, model, vocabulary, specialTokens } = readTokenizerFile(
    where,
    json,
    'BPE',
  );
  check(
    normalizer === null,
    where,
    'texts are taken as they are',
    () => `the normalizer ${display(normalizer)}`,
  );
  for (const option of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'byte_fallback'])
    check(!model[option], where, `the model is without ${option}`, () => display(model[option]));
  check(Array.isArray(model.merges), where, 'merges are a list', () => display(model.merges));
  return {
    pattern: patternOf(where, preTokenizer),
    vocabulary,
    merges: model.merges.map((merge: unknown) => readMerge(where, merge)),
    specialTokens,
    wholePieces: model.ignore_merges === true,
  };
}

/** A merge as a pair ["a", "b"] or as a string "a b". */
export function readMerge(where: string, merge: unknown): [left: string, right: string] {
  const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
  const isPair =
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string' && part !== '');
  check(isPair, where, 'a merge is two tokens, "a b" or ["a", "b"]', () => display(merge));
  return pair as [string, string];
}

/**
 * How the file cuts texts: a ByteLevel with GPT-2's rule, or a Split by GPT-4's and then a ByteLevel without.
 */
function patternOf(where: string, preTokenizer: unknown): SplitPattern {
  const { type, pretokenizers } = fieldsOf(preTokenizer);
  const steps = type === 'Sequence' && Array.isArray(pretokenizers) ? pretokenizers : [preTokenizer];
  const last = fieldsOf(steps.at(-1));
  const isByteLevel = last.type === 'ByteLevel' && last.add_prefix_space === false;
  if (isByteLevel && steps.length === 1 && last.use_regex !== false) return 'gpt2';
  const { type: first, pattern, behavior, invert } = fieldsOf(steps[0]);
  const isSplit = first === 'Split' && behavior === 'Isolated' && invert !== true;
  const regex = fieldsOf(pattern).Regex;
  check(
    isByteLevel && steps.length === 2 && last.use_regex === false && isSplit && regex === gpt4Source,
    where,
    "texts are cut into pieces by GPT-2's rule or by GPT-4's, byte level and without a space put before them",
    () => JSON.stringify(preTokenizer).slice(0, 300),
  );
  return 'gpt4';
}
