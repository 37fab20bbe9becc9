"""Loads a saved folder of an encoder-decoder as a user of Python does, strictly, and prints scores for the ids given as JSON."""

import json
import sys

import torch
from transformers import AutoModelForSeq2SeqLM

folder, batch = sys.argv[1], json.loads(sys.argv[2])
model, info = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True)
wrong = {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
if wrong:
    sys.exit(f"the folder does not fit: {wrong}")
with torch.no_grad():
    scores = model.eval()(**{name: torch.tensor(rows) for name, rows in batch.items()}).logits
print(json.dumps(scores.tolist()))
