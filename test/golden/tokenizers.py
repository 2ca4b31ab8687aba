"""Golden tokens for src/tokenizers: what Hugging Face's `tokenizers` learns and encodes.

    python3 test/golden/tokenizers.py        (tokenizers 0.23, and npx for the long text; writes tokenizers.json)

The strings are made of characters that Unicode has had for long, since the library's tables are of several versions, some old.
Ids are packed: base64 of 16 bits each, little-endian, beside the number of ids of each string.
"""

import base64
import hashlib
import json
import random
import struct
import subprocess
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, in which `tokenizers` would be this file

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.implementations import BertWordPieceTokenizer

HERE = Path(__file__).parent
random.seed(1909)

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CUTS = [
    "it's'ſx'Sx'ſ", "we'LLx you'rEd I'vEs 'Dx 'Tx 'Mx", "a\u0085b \u0085 c", "a\ufeffb \ufeff c\ufeff\ufeff", "x1234567y \u0663\u0662\u0661\u0660", "½²Ⅷ",
    "a   b  \n\n  c \n ", "  \t\r\n\r\nd", "!!!\n\n a...b\r\n", " ?!x _y__z", "\u3000\u3000中文。 é e\u0301e", "👨‍👩‍👧 x😀", "\u200bx\u00a0y\u2028z", "'s 'll'", "a\u0085\u0085b\ufeff\ufeff!",
]
SPECIAL = ["<|endoftext|>", "<|end|>"]
WORDS = (
    "the rat sat on a mat Naïve café CAFÉ ÅNGSTRÖM straße ΟΔΟΣ ὀδός Москва ёлка İstanbul ılık ﬁn Ǆ don't we'll THEY'RE 'ſ I'M it'S "
    "שָׁלוֹם العَرَبِيَّة हिन्दी ไทย한국어 각 ひらがなカタカナ 中文字 𠀀豈 ١٢٣ ½ Ⅷ x² 2024 1234567 3.14 e.g. U.S.A. a_b #tag @me <b> [CLS] <|end|>"
).split(" ")
SIGNS = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»—…“”’¿§©€→≠∑") + ["😀", "👍🏽", "👨‍👩‍👧", "❤️", "🇩🇪", "...", "!!!", "```"]
SPACES = [" ", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u0085", "\u00a0", "\u2003", "\u3000", "\u2028", "\x0b", " \n ", "\u1680"]
ODD = ["\x00", "\x07", "\x7f", "\ufeff", "\u200b", "\u200d", "\u00ad", "\ufffd", "\ue000", "\u0301", "\u0308", "e\u0301", "\u064b", "\U000e0001"]


def piece():
    kind = random.random()
    if kind < 0.1:
        return "".join(random.choice("abAB's12 ") for _ in range(random.randint(1, 7)))
    return random.choice(WORDS if kind < 0.5 else SIGNS if kind < 0.68 else SPACES if kind < 0.9 else ODD)


def texts():
    few = ["", " ", "a", "x" * 100, "x" * 101, "é" * 101, " " * 50 + "a", "\n" * 9 + " ", "ab" * 40, "a" * 33]
    return few + ["".join(piece() for _ in range(random.randint(1, 5))) for _ in range(2000)]


def packed(lists):
    ids = [i for some in lists for i in some]
    return dict(
        counts=base64.b64encode(bytes(len(some) for some in lists)).decode(),
        ids=base64.b64encode(struct.pack(f"<{len(ids)}H", *ids)).decode(),
    )


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def encoded(tokenizer, strings):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in strings]


def byte_level(pattern):
    tokenizer = Tokenizer(models.BPE())
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern == "gpt2")
    split = pre_tokenizers.Split(Regex(GPT4), "isolated")
    tokenizer.pre_tokenizer = level if pattern == "gpt2" else pre_tokenizers.Sequence([split, level])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def cut(texts):
    """Where each text is cut into pieces, as offsets in code points, by either rule."""
    rules = {pattern: byte_level(pattern).pre_tokenizer for pattern in ["gpt2", "gpt4"]}
    ends = {pattern: [[end for _, (_, end) in rule.pre_tokenize_str(text)] for text in texts] for pattern, rule in rules.items()}
    return dict(texts=texts, ends=ends)


def train(pattern, strings, size, special):
    tokenizer = byte_level(pattern)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(strings, trainer)
    return tokenizer


def merges_of(tokenizer):
    return [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def learned(name, pattern, strings, size, special=()):
    """Merges and the size of the vocabulary."""
    tokenizer = train(pattern, strings, size, list(special))
    return dict(name=name, pattern=pattern, vocabSize=size, size=tokenizer.get_vocab_size(), merges="\n".join(merges_of(tokenizer)))


def bpe(pattern, strings, long_text):
    """Trained on all there is, with the tokens of each string, of the long text, and with special ones among them."""
    tokenizer = train(pattern, [*strings, long_text], 1200, SPECIAL)
    plain = byte_level(pattern)  # the same without special tokens: text that has their names is text
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    plain.model = models.BPE(model["vocab"], merges)
    ids = plain.encode(long_text).ids
    marked = ["a<|end|><|endoftext|>b<|end|", "<|end|> <|end|>", "<|endoftext"]
    return dict(
        pattern=pattern, vocabSize=1200, merges="\n".join(merges_of(tokenizer)), strings=packed(encoded(plain, strings)),
        longIds=len(ids), longHash=sha256(" ".join(map(str, ids))), marked=marked, markedIds=encoded(tokenizer, marked),
    )


def huge(long_text):
    """Merges of 1 MB, as a hash."""
    tokenizer = train("gpt4", [long_text], 4096, [])
    merges = merges_of(tokenizer)
    return dict(vocabSize=4096, size=tokenizer.get_vocab_size(), count=len(merges), hash=sha256("\n".join(merges)))


def repeated():
    """Words of few letters, with many equal counts, overlaps, and tokens that come about in several ways."""
    return [" ".join("".join(random.choice("ab") for _ in range(random.randint(1, 14))) for _ in range(120))]


def word_pieces(strings, long_text):
    trained = BertWordPieceTokenizer()
    trained.train_from_iterator([*strings, long_text], vocab_size=900, show_progress=False)
    vocab = [token for token, _ in sorted(trained.get_vocab().items(), key=lambda entry: entry[1])]
    (cases, table) = ([], {token: i for i, token in enumerate(vocab)})
    for lowercase, strip, chinese in [(True, None, True), (False, None, True), (True, False, False), (False, True, True)]:
        tokenizer = BertWordPieceTokenizer(
            table, lowercase=lowercase, strip_accents=strip, handle_chinese_chars=chinese, cls_token="[CLS]", sep_token="[SEP]",
        )
        ids = encoded(tokenizer, [text for text in strings if "[CLS]" not in text])  # which the library always matches
        decoded = [tokenizer.decode(some, skip_special_tokens=False) for some in ids]
        cases.append(dict(lowercase=lowercase, stripAccents=strip, chineseCharacters=chinese, strings=packed(ids),
                          decodedHash=sha256("\n".join(decoded))))
    return dict(vocab=vocab, cases=cases)


def main():
    text = subprocess.run(["npx", "tsx", HERE / "tokenizersText.ts"], cwd=HERE.parent.parent, check=True, capture_output=True)
    (long_text, strings, few) = (text.stdout.decode(), texts(), repeated())
    result = dict(
        version=tokenizers.__version__, strings=strings, special=SPECIAL, longText=sha256(long_text), repeatedText=few[0],
        cuts=cut(CUTS), bpe=[bpe(pattern, strings, long_text) for pattern in ["gpt2", "gpt4"]], huge=huge(long_text),
        learned=[learned("until nothing is left", "gpt2", few, 2000), learned("with ties", "gpt4", few, 300)],
        wordPiece=word_pieces(strings, long_text),
    )
    text = json.dumps(result, separators=(",", ":"), ensure_ascii=False)
    Path(__file__).with_suffix(".json").write_text(text + "\n", encoding="utf8")


main()
