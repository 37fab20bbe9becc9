"""The floor that the example is compared with: each word gets the tag that it had most often in the training rows."""

import collections
import json
import pathlib

DATA = pathlib.Path(__file__).parent / "data"


def rows(name):
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def entities(tags):
    """Where the entities are, and of which kind: a `B-` tag and the `I-` tags of its kind behind it."""
    found, begin = set(), None
    for place, tag in enumerate([*tags, "O"]):
        if begin is not None and tag != "I-" + tags[begin][2:]:
            found.add((begin, place, tags[begin][2:]))
            begin = None
        if tag.startswith("B-") or (tag.startswith("I-") and begin is None):
            begin = place
    return found


counts = collections.defaultdict(collections.Counter)
for row in rows("train"):
    for word, tag in zip(row["tokens"], row["tags"]):
        counts[word][tag] += 1

right = found = there = same = words = 0
for row in rows("eval"):
    tags = [counts[word].most_common(1)[0][0] if word in counts else "O" for word in row["tokens"]]
    one, other = entities(tags), entities(row["tags"])
    right, found, there = right + len(one & other), found + len(one), there + len(other)
    same += sum(a == b for a, b in zip(tags, row["tags"]))
    words += len(tags)
print(f"most frequent tag of each word: entity F1 {2 * right / (found + there):.3f}, accuracy {same / words:.3f}")
