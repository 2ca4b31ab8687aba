"""Tiny models with random weights as Hugging Face's transformers saves them, and what they answer:
`python3 test/golden/interop.py` writes the folders interop/NAME and interop.json (needs torch, transformers);
with a path and a seed it writes others, there: PATH/NAME and PATH.json."""
import json
import shutil
import sys
from pathlib import Path

sys.path.pop(0)  # this folder, whose tokenizers.py is not the library

import torch
from safetensors.torch import load_file, save_file
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    BertConfig, BertForPreTraining, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast,
    ViTConfig, ViTForImageClassification,
)

HERE = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix("")
torch.manual_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 14)


def randomized(model):
    """Every parameter random, gains and biases too, so that none can be forgotten unseen."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.3 * torch.randn_like(p))
    return model.eval()


def numbers(tensor):
    """Nine digits: all that float32 has."""
    return json.loads(json.dumps(tensor.tolist()), parse_float=lambda digits: float(f"{float(digits):.9g}"))


def gpt2():
    text = ["the cat sat on the mat, the dog sat on the log."] * 4
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(text, vocab_size=262, special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>")
    V = len(tokenizer)
    model = randomized(GPT2LMHeadModel(GPT2Config(
        vocab_size=V, n_positions=12, n_embd=8, n_layer=2, n_head=2, n_inner=20, bos_token_id=0, eos_token_id=0)))
    model.save_pretrained(HERE / "gpt2")
    tokenizer.save_pretrained(HERE / "gpt2")
    words = "the cat sat, nö"
    tokens = torch.randint(V, (1, 12))
    with torch.no_grad():
        written = model.generate(tokens[:1, :4], max_new_tokens=6, do_sample=False, eos_token_id=None, pad_token_id=0)
        return dict(tokens=tokens.tolist(), logits=numbers(model(tokens).logits), written=written[0].tolist(),
                    text=words, ids=tokenizer(words)["input_ids"])


def gpt2_untied():
    """Without the prefix, in half precision, with an output layer of its own, ReLU."""
    model = randomized(GPT2LMHeadModel(GPT2Config(
        vocab_size=11, n_positions=6, n_embd=6, n_layer=1, n_head=3, activation_function="relu", layer_norm_epsilon=1e-3,
        tie_word_embeddings=False, bos_token_id=0, eos_token_id=0))).half().float()
    model.save_pretrained(HERE / "gpt2Untied")
    path = HERE / "gpt2Untied/model.safetensors"
    halves = {name.removeprefix("transformer."): t.half().contiguous() for name, t in load_file(path).items()}
    halves["h.0.attn.bias"] = torch.ones(6, 6).tril().bool()[None, None]
    save_file(halves, path, {"format": "pt"})
    tokens = torch.randint(11, (2, 6))
    with torch.no_grad():
        return dict(tokens=tokens.tolist(), logits=numbers(model(tokens).logits))


def llama():
    """Grouped queries, a head size of its own, another base, brain floats, in shards."""
    model = randomized(LlamaForCausalLM(LlamaConfig(
        vocab_size=23, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=6, max_position_embeddings=16, rms_norm_eps=1e-5,
        rope_parameters=dict(rope_type="default", rope_theta=500.0), tie_word_embeddings=False)))
    model = model.bfloat16()
    model.save_pretrained(HERE / "llama", max_shard_size="2KB")
    tokens = torch.randint(23, (2, 16))
    # float32 from here on, and the turning angles too, which the conversion has rounded
    model = LlamaForCausalLM.from_pretrained(HERE / "llama", dtype=torch.float32).eval()
    with torch.no_grad():
        return dict(tokens=tokens.tolist(), logits=numbers(model(tokens).logits))


def bert():
    model = randomized(BertForPreTraining(BertConfig(
        vocab_size=19, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
        max_position_embeddings=10, type_vocab_size=2)))
    model.save_pretrained(HERE / "bert")
    path = HERE / "bert/model.safetensors"
    old = {n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): t for n, t in load_file(path).items()}
    old["cls.predictions.decoder.weight"] = old["bert.embeddings.word_embeddings.weight"].clone()
    old["bert.embeddings.position_ids"] = torch.arange(10)[None]
    save_file(old, path, {"format": "pt"})
    tokens, segments = torch.randint(19, (2, 10)), torch.randint(2, (2, 10))
    mask = torch.ones(2, 10, dtype=torch.long)
    mask[1, 7:] = 0
    with torch.no_grad():
        out = model(input_ids=tokens, token_type_ids=segments, attention_mask=mask)
    return dict(tokens=tokens.tolist(), segments=segments.tolist(), padding=(1 - mask).tolist(),
                words=numbers(out.prediction_logits), isNext=numbers(out.seq_relationship_logits))


def vit():
    model = randomized(ViTForImageClassification(ViTConfig(
        hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=(8, 12), patch_size=4,
        num_channels=3, num_labels=5)))
    model.save_pretrained(HERE / "vit")
    images = torch.randn(2, 3, 8, 12)
    with torch.no_grad():
        return dict(images=numbers(images.permute(0, 2, 3, 1)), logits=numbers(model(images).logits))


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    result = {make.__name__: make() for make in (gpt2, gpt2_untied, llama, bert, vit)}
    for unneeded in HERE.glob("*/generation_config.json"):
        unneeded.unlink()
    HERE.with_name(HERE.name + ".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
