"""The floor that the example is compared with: what comes next by the token before alone, on the tokens of the trained
tokenizer in `results/final` (pip install tokenizers)."""

import collections
import json
import math
import pathlib
import sys

from tokenizers import Tokenizer

FOLDER = pathlib.Path(__file__).parent
tokenizer = Tokenizer.from_file(sys.argv[1] if len(sys.argv) > 1 else "results/final/tokenizer.json")


def rows(name):
    lines = (FOLDER / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [tokenizer.encode(json.loads(line)["text"]).ids for line in lines]


train, evaluation = rows("train"), rows("eval")
single = collections.Counter(token for row in train for token in row)
double = collections.Counter(pair for row in train for pair in zip(row, row[1:]))
tokens, size = sum(single.values()), tokenizer.get_vocab_size()


def alone(token):
    return (single[token] + 1) / (tokens + size)


for name, probability in (
    ("frequency of each token", lambda before, token: alone(token)),
    ("the token before", lambda before, token: (double[before, token] + 5 * alone(token)) / (single[before] + 5)),
):
    pairs = [pair for row in evaluation for pair in zip(row, row[1:])]
    loss = -sum(math.log(probability(before, token)) for before, token in pairs) / len(pairs)
    print(f"{name}: perplexity {math.exp(loss):.2f}")
