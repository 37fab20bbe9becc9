"""Loads a saved folder as a user of Python does, strictly, and prints the logits of the rows given as JSON."""

import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, rows = sys.argv[1], json.loads(sys.argv[2])
model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
wrong = {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
if wrong:
    sys.exit(f"the folder does not fit: {wrong}")
tokenizer = AutoTokenizer.from_pretrained(folder)
batch = tokenizer(rows, padding=True, truncation=True, return_tensors="pt")
with torch.no_grad():
    logits = model.eval()(**batch).logits
labels = [model.config.id2label[index] for index in range(logits.shape[1])]
print(json.dumps({"logits": logits.tolist(), "labels": labels}))
