"""Loads a base model and a saved adapter as a user of PEFT does, and prints the logits of the rows given as JSON: with the
adapter, and with the adapter merged."""

import json
import sys
import warnings

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

base, adapter, rows = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
warnings.simplefilter("error", UserWarning)  # PEFT only warns of keys that are missing or not used
model = PeftModel.from_pretrained(AutoModelForSequenceClassification.from_pretrained(base), adapter).eval()
batch = AutoTokenizer.from_pretrained(adapter)(rows, padding=True, truncation=True, return_tensors="pt")
with torch.no_grad():
    adapted = model(**batch).logits
    merged = model.merge_and_unload()(**batch).logits
print(json.dumps({"adapted": adapted.tolist(), "merged": merged.tolist()}))
