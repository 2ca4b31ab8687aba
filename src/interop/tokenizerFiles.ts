/** The files of a tokenizer beside a model. */
import { fail } from '../tensor/index.ts';
import {
  BPETokenizer,
  CharTokenizer,
  type Tokenizer,
  tokenizerFromJSON,
  WordPieceTokenizer,
} from '../tokenizers/index.ts';
import { charTokenizerJSON, readCharTokenizer } from './charTokenizer.ts';
import { isThere, jsonOf, textOf } from './files.ts';

/** What special tokens are for, by the names that they usually have. */
const roles: Readonly<Record<string, readonly string[]>> = {
  bos_token: ['<|begin_of_text|>', '<s>', '<bos>', '<|endoftext|>'],
  eos_token: ['<|end_of_text|>', '</s>', '<eos>', '<|endoftext|>'],
  unk_token: ['[UNK]', '<unk>'],
  pad_token: ['[PAD]', '<pad>'],
  cls_token: ['[CLS]'],
  sep_token: ['[SEP]'],
  mask_token: ['[MASK]'],
};

/** The special tokens of a tokenizer, by what they are for. */
function rolesOf({ specialTokens }: Tokenizer): [role: string, name: string][] {
  return Object.entries(roles).flatMap(([role, names]): [string, string][] => {
    const name = names.find((one) => specialTokens.has(one));
    return name === undefined ? [] : [[role, name]];
  });
}

/** What a config.json says of the tokenizer: ids that begin, end and fill up texts; null for none. */
export function tokenIds(tokenizer: Tokenizer): Record<string, number | null> {
  const found = new Map(rolesOf(tokenizer));
  const idOf = (role: string) => tokenizer.specialTokens.get(found.get(role) ?? '') ?? null;
  return {
    bos_token_id: idOf('bos_token'),
    eos_token_id: idOf('eos_token'),
    pad_token_id: idOf('pad_token'),
  };
}

/** The files that `AutoTokenizer` needs, by name. Errors: it is of a kind that cannot be said there. */
export function tokenizerFiles(
  tokenizer: Tokenizer,
  config: Readonly<Record<string, unknown>>,
): [name: string, json: object][] {
  const special = Object.fromEntries(rolesOf(tokenizer));
  const settings = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    model_max_length: config.n_positions ?? config.max_position_embeddings,
    ...special,
  };
  return [
    ['tokenizer.json', tokenizerJSON(tokenizer)],
    ['tokenizer_config.json', settings],
    ['special_tokens_map.json', special],
  ];
}

function tokenizerJSON(tokenizer: Tokenizer): object {
  if (tokenizer instanceof CharTokenizer) return charTokenizerJSON(tokenizer);
  if (tokenizer instanceof BPETokenizer || tokenizer instanceof WordPieceTokenizer) return tokenizer.toJSON();
  fail('export tokenizer', 'it is one of characters, BPE or word pieces', tokenizer.constructor.name);
}

/**
 * The tokenizer in a folder of Hugging Face's: of tokenizer.json, of vocab.json and merges.txt, or of
 * vocab.txt. Errors: there is none, or it gives other ids than it would there.
 */
export async function importTokenizer(folder: string): Promise<Tokenizer> {
  const has = (name: string) => isThere(`${folder}/${name}`);
  const text = (name: string) => textOf(`${folder}/${name}`);
  if (await has('tokenizer.json')) {
    const json = await jsonOf(`${folder}/tokenizer.json`);
    return readCharTokenizer(json) ?? tokenizerFromJSON(json);
  }
  if ((await has('vocab.json')) && (await has('merges.txt')))
    return BPETokenizer.fromVocabAndMerges({
      vocab: await text('vocab.json'),
      merges: await text('merges.txt'),
    });
  if (await has('vocab.txt')) return WordPieceTokenizer.fromVocab(await text('vocab.txt'));
  fail(folder, 'there is a tokenizer.json, a vocab.json with its merges.txt, or a vocab.txt', 'none of them');
}
