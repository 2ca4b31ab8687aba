"""Golden numbers for the Conformer: outputs, running statistics and every gradient, from `transformers` in float64.

    python3 test/golden/conformer.py        (PyTorch 2.15, transformers 5.24; writes conformer.json beside this file)

Blocks are Wav2Vec2ConformerEncoderLayer (relative positions) and ParakeetEncoderBlock, the model is ParakeetForCTC. What
is changed in them, and why:
- Tables of positions are made in float64; theirs are float32 inside.
- Attention is PyTorch's `sdpa`; Parakeet's `eager` takes the softmax in float32.
- The loss is computed here; theirs takes the log softmax in float32.
- Parakeet's second convolution is a full one, as in the Conformer paper, not a depthwise and a pointwise one. The loop
  that runs the convolutions, and masks after each, is Parakeet's.
- In training with padding, BatchNorm takes its statistics from the real positions alone: `RealBatchNorm` below.
"""

import json
from pathlib import Path

import torch
from torch import nn
from transformers import ParakeetCTCConfig, ParakeetEncoderConfig, ParakeetForCTC, Wav2Vec2ConformerConfig
from transformers.models.parakeet import modeling_parakeet as parakeet
from transformers.models.wav2vec2_conformer import modeling_wav2vec2_conformer as wav2vec2

torch.set_default_dtype(torch.float64)
torch.manual_seed(2005)

C, H, F, K, M, CHANNELS, V, L = 8, 2, 12, 5, 8, 3, 6, 2
PLAIN = dict(dropout=0.0, activation_dropout=0.0, attention_dropout=0.0, layerdrop=0.0)


def positions(T):
    """Sinusoids of the distances T − 1, …, −(T − 1)."""
    distances = torch.arange(T - 1, -T, -1)[:, None]
    angles = distances / 10000 ** (torch.arange(0, C, 2) / C)
    return torch.stack((angles.sin(), angles.cos()), -1).flatten(1)[None]


class RealBatchNorm(nn.BatchNorm1d):
    """Normalizes what is not padding among itself; `real` is (B, T)."""

    real = None

    def forward(self, x):
        if self.real is None or not self.training:
            return super().forward(x)
        y = torch.zeros_like(x).transpose(1, 2)
        y[self.real] = super().forward(x.transpose(1, 2)[self.real])
        return y.transpose(1, 2)


parakeet.nn.BatchNorm1d = RealBatchNorm
parakeet.ParakeetEncoderRelPositionalEncoding.forward = lambda self, x: positions(x.shape[1]).expand(len(x), -1, -1)


def randomized(module):
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point() and tensor.numel() > 1:
            tensor.data.add_(torch.randn_like(tensor) * 0.2)
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm1d):
            norm.running_var.copy_(torch.rand(C) + 0.5)
    return module


# The parts of a block: (our name, Wav2Vec2's, Parakeet's).
NAMES = [
    ("norm1", "ffn1_layer_norm", "norm_feed_forward1"),
    ("feedForward1.expand", "ffn1.intermediate_dense", "feed_forward1.linear1"),
    ("feedForward1.contract", "ffn1.output_dense", "feed_forward1.linear2"),
    ("norm2", "self_attn_layer_norm", "norm_self_att"),
    ("attention.query", "self_attn.linear_q", "self_attn.q_proj"),
    ("attention.key", "self_attn.linear_k", "self_attn.k_proj"),
    ("attention.value", "self_attn.linear_v", "self_attn.v_proj"),
    ("attention.output", "self_attn.linear_out", "self_attn.o_proj"),
    ("attention.distance", "self_attn.linear_pos", "self_attn.relative_k_proj"),
    ("attention.contentBias", "self_attn.pos_bias_u", "self_attn.bias_u"),
    ("attention.distanceBias", "self_attn.pos_bias_v", "self_attn.bias_v"),
    ("norm3", "conv_module.layer_norm", "norm_conv"),
    ("convolution.expand", "conv_module.pointwise_conv1", "conv.pointwise_conv1"),
    ("convolution.depthwise", "conv_module.depthwise_conv", "conv.depthwise_conv"),
    ("convolution.norm", "conv_module.batch_norm", "conv.norm"),
    ("convolution.contract", "conv_module.pointwise_conv2", "conv.pointwise_conv2"),
    ("norm4", "ffn2_layer_norm", "norm_feed_forward2"),
    ("feedForward2.expand", "ffn2.intermediate_dense", "feed_forward2.linear1"),
    ("feedForward2.contract", "ffn2.output_dense", "feed_forward2.linear2"),
    ("norm5", "final_layer_norm", "norm_out"),
]


def layer(found, ours, theirs, value_of):
    """The parameters of one layer under our names and in our axes."""
    if isinstance(theirs, nn.Parameter):
        found[ours] = value_of(theirs)
        return
    norm = isinstance(theirs, (nn.LayerNorm, nn.BatchNorm1d))
    weight = value_of(theirs.weight)
    if weight.ndim == 3:  # (out, in, 1) is a linear layer's, (C, 1, k) a depthwise convolution's
        weight = weight[:, 0].T if theirs.groups > 1 else weight[..., 0]
    if weight.ndim == 4:
        weight = weight.permute(2, 3, 1, 0)
    found[f"{ours}.{'gain' if norm else 'weight'}"] = weight
    if theirs.bias is not None:
        found[f"{ours}.bias"] = value_of(theirs.bias)


def block_names(block, value_of, prefix=""):
    found = {}
    for ours, *theirs in NAMES:
        name = theirs[isinstance(block, parakeet.ParakeetEncoderBlock)]
        part = block
        for step in name.split("."):
            part = getattr(part, step)
        layer(found, prefix + ours, part, value_of)
    return found


def statistics(module, prefixes):
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm1d)]
    return {
        f"{prefix}convolution.norm.{ours}": getattr(norm, theirs).clone()
        for prefix, norm in zip(prefixes, norms)
        for ours, theirs in (("runningMean", "running_mean"), ("runningVariance", "running_var"))
    }


def in_mode(module, mode, real):
    """The module as it was, in the mode; `real` is (B, T), or None without padding."""
    saved = {name: value.clone() for name, value in module.state_dict().items()}
    module.train(mode == "train")
    for norm in module.modules():
        if isinstance(norm, RealBatchNorm):
            norm.real = real
    module.zero_grad()
    return lambda: module.load_state_dict(saved)


def real_of(lengths, T):
    return torch.arange(T) < torch.tensor(lengths)[:, None]


def golden_block(name, block, cases):
    x = torch.randn(3, 7, C)
    upstream = torch.randn(3, 7, C)
    parameters = block_names(block, lambda p: p.detach().clone())
    result = dict(name=name, parameters=parameters, statistics=statistics(block, [""]), x=x, cases=[])
    for mode, lengths in cases:
        real = lengths and real_of(lengths, 7)
        restore = in_mode(block, mode, real)
        leaf = x.clone().requires_grad_()
        options = {}
        if lengths:
            options["attention_mask"] = (real[:, None, :] & real[:, :, None])[:, None]
        table = positions(7)
        where = "position_embeddings" if name == "Parakeet" else "relative_position_embeddings"
        y = block(leaf, **{where: table.expand(3, -1, -1) if name == "Parakeet" else table}, **options)
        dy = upstream * (real[..., None] if lengths else 1)
        y.backward(dy)
        result["cases"].append(dict(
            mode=mode, lengths=lengths, y=y.detach() * (real[..., None] if lengths else 1), dy=dy, dx=leaf.grad,
            gradients=block_names(block, lambda p: p.grad.clone()), statistics=statistics(block, [""]),
        ))
        restore()
    return result


def model_names(model, value_of):
    conv1, _, conv2, _ = model.encoder.subsampling.layers
    found = {}
    layer(found, "subsampling.conv1", conv1, value_of)
    layer(found, "subsampling.conv2", conv2, value_of)
    projection = model.encoder.subsampling.linear
    weight = value_of(projection.weight).reshape(C, CHANNELS, M // 4).transpose(1, 2).reshape(C, -1)
    found["subsampling.projection.weight"], found["subsampling.projection.bias"] = weight, value_of(projection.bias)
    for i, block in enumerate(model.encoder.layers):
        found |= block_names(block, value_of, f"blocks.{i}.")
    layer(found, "output", model.ctc_head, value_of)
    return found


def golden_model(cases):
    encoder = ParakeetEncoderConfig(
        hidden_size=C, num_hidden_layers=L, num_attention_heads=H, intermediate_size=F, conv_kernel_size=K, num_mel_bins=M,
        subsampling_factor=4, subsampling_conv_channels=CHANNELS, scale_input=False, **PLAIN,
    )
    config = ParakeetCTCConfig(vocab_size=V, encoder_config=encoder.to_dict(), pad_token_id=0, ctc_loss_reduction="mean")
    model = ParakeetForCTC(config)
    model.set_attn_implementation("sdpa")
    first, relu = model.encoder.subsampling.layers[:2]
    second = nn.Conv2d(CHANNELS, CHANNELS, 3, stride=2, padding=1)
    model.encoder.subsampling.layers = nn.ModuleList([first, relu, second, relu])
    model = randomized(model.double())
    prefixes = [f"blocks.{i}." for i in range(L)]
    T = 21
    features = torch.randn(3, T, M)
    targets = [[1, 2, 2], [3], [5, 4]]
    labels = torch.tensor([row + [0] * (3 - len(row)) for row in targets])
    result = dict(features=features, targets=targets, parameters=model_names(model, lambda p: p.detach().clone()),
                  statistics=statistics(model, prefixes), cases=[])
    for mode, lengths in cases:
        real = real_of(lengths or [T] * 3, T)
        halves = [-(-(-(-n // 2)) // 2) for n in lengths or [T] * 3]
        restore = in_mode(model, mode, lengths and real_of(halves, 6))
        clean = features * real[..., None]  # its feature extractor fills with zeros
        log_p = model(clean, attention_mask=real.long()).logits.log_softmax(-1)
        loss = nn.functional.ctc_loss(log_p.transpose(0, 1), labels, torch.tensor(halves), torch.tensor([3, 1, 2]), blank=0)
        loss.backward()
        log_probabilities = log_p.detach() * real_of(halves, 6)[..., None]
        result["cases"].append(dict(
            mode=mode, lengths=lengths, frames=halves, logProbabilities=log_probabilities, loss=float(loss.detach()),
            gradients=model_names(model, lambda p: p.grad.clone()), statistics=statistics(model, prefixes),
        ))
        restore()
    return result


def rounded(value):
    """11 decimals, which keeps the file small."""
    if isinstance(value, torch.Tensor):
        return rounded(value.tolist())
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, 11) if isinstance(value, float) else value


wav = Wav2Vec2ConformerConfig(
    hidden_size=C, num_attention_heads=H, intermediate_size=F, conv_depthwise_kernel_size=K, hidden_act="silu",
    hidden_dropout=0.0, conformer_conv_dropout=0.0, activation_dropout=0.0, attention_dropout=0.0,
    position_embeddings_type="relative",
)
wav._attn_implementation = "sdpa"
par = ParakeetEncoderConfig(hidden_size=C, num_attention_heads=H, intermediate_size=F, conv_kernel_size=K, **PLAIN)
par._attn_implementation = "sdpa"
every_mode = [("train", None), ("eval", None)]
padded = [("eval", [7, 4, 6]), ("train", [7, 4, 6])]
result = dict(
    size=dict(width=C, heads=H, hidden=F, kernel=K),
    model=dict(vocabSize=V, mels=M, layers=L, channels=CHANNELS, dropout=0),
    blocks=[
        golden_block("Wav2Vec2", randomized(wav2vec2.Wav2Vec2ConformerEncoderLayer(wav)), every_mode),
        golden_block("Parakeet", randomized(parakeet.ParakeetEncoderBlock(par)), every_mode + padded),
    ],
    ctc=golden_model([("train", None), ("eval", [21, 13, 18]), ("train", [21, 13, 18])]),
)
Path(__file__).with_suffix(".json").write_text(json.dumps(rounded(result), separators=(",", ":")) + "\n")
