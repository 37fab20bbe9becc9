"""Loads a saved encoder as a user of Python does, strictly, and prints its logits of a padded batch given as JSON."""

import json
import sys

import torch
import transformers

folder, batch = sys.argv[1], json.loads(sys.argv[2])
config = transformers.AutoConfig.from_pretrained(folder)
task = "For" + config.architectures[0].split("For", 1)[1]
model, info = getattr(transformers, f"AutoModel{task}").from_pretrained(folder, output_loading_info=True)
wrong = {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
if wrong:
    sys.exit(f"the folder does not fit: {wrong}")
with torch.no_grad():
    logits = model.eval()(**{key: torch.tensor(rows) for key, rows in batch.items()}).logits
print(json.dumps({"class": type(model).__name__, "logits": logits.flatten().tolist()}))
