"""Loads a saved causal language model as a user of Python does, strictly, and an adapter over it if one is named; prints the
scores of token ids given as JSON, and what the model writes after them."""

import json
import sys
import warnings

import torch
from transformers import AutoModelForCausalLM

folder, ids = sys.argv[1], torch.tensor([json.loads(sys.argv[2])])
model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
wrong = {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(key)}
if wrong:
    sys.exit(f"the folder does not fit: {wrong}")
if len(sys.argv) > 3:
    from peft import PeftModel

    warnings.simplefilter("error", UserWarning)  # PEFT only warns of keys that are missing or not used
    model = PeftModel.from_pretrained(model, sys.argv[3])
    warnings.simplefilter("default", UserWarning)
model = model.eval()
with torch.no_grad():
    logits = model(input_ids=ids).logits
    text = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False, pad_token_id=0
    )
print(json.dumps({"class": type(model).__name__, "logits": logits[0].tolist(), "text": text[0, ids.shape[1] :].tolist()}))
