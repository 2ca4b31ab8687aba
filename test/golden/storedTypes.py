"""A safetensors file with every number type that the readers know, made by the library of the format, and its
values: `python3 test/golden/storedTypes.py` writes storedTypes.json (needs torch and safetensors)."""
import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save

torch.manual_seed(11)
floats = torch.cat([torch.randn(40) * 10 ** torch.randint(-6, 4, (40,)), torch.tensor([0.0, -0.0, 1.0, 65504.0, 2**-24])])
wholes = torch.tensor([[0, 1, -1], [127, -128, 5]])
tensors = {
    "F64": floats.double() / 3,
    "F32": floats,
    "F16": floats.half(),
    "BF16": floats.bfloat16(),
    "I64": wholes * (2**53 - 1) // 128,
    "I32": wholes.int() * 2**24,
    "I8": wholes.to(torch.int8),
    "U8": torch.tensor([0, 1, 255], dtype=torch.uint8),
    "BOOL": torch.tensor([[True], [False]]),
    "odd": torch.tensor([7], dtype=torch.uint8),
}
values = {name: dict(shape=list(t.shape), values=t.to(torch.float64).flatten().tolist()) for name, t in tensors.items()}
result = dict(file=base64.b64encode(save(tensors, {"format": "pt"})).decode(), values=values)
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
