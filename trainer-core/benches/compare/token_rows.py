"""Makes the rows of the language models: token ids, from the sources of Python's own standard library.

In: the kind of rows, and the folder of a tokenizer. Out: `rows.jsonl`. A row of the kind `language` has the `input_ids`
of the beginning of a file, at most 512; one of the kind `seq2seq` has the `input_ids` of a source and, as `labels`,
those of what comes next there, about as many. The same Python gives the same rows.
"""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from texts import sources
from tokenizers import Tokenizer


@dataclass(frozen=True)
class Kind:
    """How many rows there are, and how long; the lengths are those of a log-normal distribution, within bounds."""

    rows: int
    shortest: int
    longest: int
    median: float
    spread: float


# The number of rows decides over how many batches the Trainer's length-grouped sampler sorts: rows / (4 * batch), at
# most 50. Here it is as many as there are updates that count, so that these have one batch of each length.
KINDS = {
    "language": Kind(96, 16, 512, 220.0, 0.75),
    "seq2seq": Kind(1024, 5, 128, 35.0, 0.7),
}
# What ends a source and a target of T5.
END = 1


def lengths(kind: Kind, draw: random.Random) -> list[int]:
    """A length for each row."""
    drawn = (round(draw.lognormvariate(0, kind.spread) * kind.median) for _ in range(kind.rows))
    return [min(kind.longest, max(kind.shortest, length)) for length in drawn]


def beginnings(tokenizer: Tokenizer, tokens: int, draw: random.Random) -> Iterator[list[int]]:
    """So many tokens of each file that has them, in an order that is drawn; on average one has at most 16 characters."""
    files = list(sources())
    draw.shuffle(files)
    for file in files:
        ids = tokenizer.encode(file[: 16 * tokens], add_special_tokens=False).ids
        if len(ids) >= tokens:
            yield ids[:tokens]


def language(tokenizer: Tokenizer, kind: Kind, draw: random.Random) -> Iterator[dict[str, list[int]]]:
    """The beginnings of files."""
    texts = beginnings(tokenizer, kind.longest, draw)
    for length, ids in zip(lengths(kind, draw), texts, strict=False):
        yield {"input_ids": ids[:length]}


def seq2seq(tokenizer: Tokenizer, kind: Kind, draw: random.Random) -> Iterator[dict[str, list[int]]]:
    """Pieces of files, and what comes next there."""
    texts = beginnings(tokenizer, 4 * kind.longest, draw)
    rest: list[int] = []
    for length in lengths(kind, draw):
        source, target = length - 1, min(kind.longest, max(kind.shortest, round(length * draw.uniform(0.7, 1.3)))) - 1
        if len(rest) < source + target:
            rest = next(texts, [])
        if len(rest) >= source + target:
            yield {"input_ids": [*rest[:source], END], "labels": [*rest[source : source + target], END]}
        rest = rest[source + target :]


def main(name: str, model: Path, folder: Path) -> None:
    """Writes the rows of a kind into a folder."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    kind, draw = KINDS[name], random.Random(2026)
    rows = list((language if name == "language" else seq2seq)(tokenizer, kind, draw))
    if len(rows) != kind.rows:
        raise SystemExit(f"the standard library of this Python has too few long files: {len(rows)} of {kind.rows} rows")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
