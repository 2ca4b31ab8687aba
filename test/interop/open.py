"""Opens models of ours with Hugging Face's transformers: `python3 open.py FOLDER`. Each folder in it has a model and
expected.json: what we say it answers. Prints the largest difference of each; ends with 1 if one is above 1e-5."""
import json
import sys
import warnings
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM, AutoModelForImageClassification, AutoModelForPreTraining, AutoTokenizer, logging,
)

logging.set_verbosity_error()
logging.disable_progress_bar()
warnings.filterwarnings("ignore")


def answers(folder, case):
    """Pairs of what transformers answers and what is expected."""
    if case["kind"] == "vit":
        model = AutoModelForImageClassification.from_pretrained(folder)
        yield model(torch.tensor(case["images"]).permute(0, 3, 1, 2)).logits, case["logits"]
        return
    tokens = torch.tensor(case["tokens"])
    if case["kind"] == "bert":
        out = AutoModelForPreTraining.from_pretrained(folder)(
            input_ids=tokens, token_type_ids=torch.tensor(case["segments"]), attention_mask=torch.tensor(case["seen"]))
        yield out.prediction_logits, case["words"]
        yield out.seq_relationship_logits.flip(-1), case["isNext"]
        return
    model = AutoModelForCausalLM.from_pretrained(folder)
    yield model(tokens).logits, case["logits"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(case["text"])["input_ids"]
    assert ids == case["ids"], f"{folder.name}: other ids {ids}"
    assert tokenizer.decode(ids) == case["text"], f"{folder.name}: another text"
    start = torch.tensor([case["ids"][:4]])
    written = model.generate(start, attention_mask=torch.ones_like(start), max_new_tokens=8, do_sample=False,
                             eos_token_id=None, pad_token_id=0)[0].tolist()
    assert written == case["written"], f"{folder.name}: writes {written}"


worst = 0.0
with torch.no_grad():
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        case = json.loads((folder / "expected.json").read_text())
        errors = [((a - torch.tensor(b)).abs() / torch.tensor(b).abs().clamp(min=1)).max().item() for a, b in answers(folder, case)]
        worst = max(worst, *errors)
        print(f"{folder.name:28} opens, largest difference {max(errors):.1e}")
print(f"transformers opens them all: largest difference {worst:.1e}")
sys.exit(not worst <= 1e-5)
