"""The floor that the example is compared with: how frequent each token is, on the tokens of the trained tokenizer in `results/final`
(pip install tokenizers)."""

import collections
import json
import math
import pathlib
import sys

from tokenizers import Tokenizer

FOLDER = pathlib.Path(__file__).parent
tokenizer = Tokenizer.from_file(sys.argv[1] if len(sys.argv) > 1 else "results/final/tokenizer.json")


def tokens(name):
    lines = (FOLDER / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [id for line in lines for id in tokenizer.encode(json.loads(line)["text"], add_special_tokens=False).ids]


train, evaluation = collections.Counter(tokens("train")), tokens("eval")
total = sum(train.values()) + tokenizer.get_vocab_size()
loss = -sum(math.log((train[token] + 1) / total) for token in evaluation) / len(evaluation)
print(f"frequency of each token: perplexity {math.exp(loss):.2f}")
