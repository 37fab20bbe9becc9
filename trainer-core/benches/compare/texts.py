"""Makes the rows that every side trains on, from the sources of Python's own standard library.

In: the folder of a tokenizer. Out: `texts.jsonl` with a text and its class a line, and `tokens.json` with the ids of
each text. The class says where a text is from: docstrings, comments, or the language reference that `help()` shows.
The lengths are drawn so that half of the texts have at most 25 tokens and some have 128. The same Python gives the same
rows.
"""

import ast
import io
import json
import random
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Encoding, Tokenizer

ROWS = 2000
SHORTEST, LONGEST = 5, 128
# A log-normal distribution with this median and spread has a mean of about 34 tokens.
MEDIAN, SPREAD = 25.0, 0.82
SPECIAL = 2
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def sources() -> Iterator[str]:
    """The Python files of the standard library, tests and installed packages left out."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if not {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "pydoc_data"} & set(parts):
            yield path.read_text(encoding="utf-8", errors="replace")


def docstrings(source: str) -> Iterator[str]:
    """The docstrings of a file."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node)):
            yield text


def comments(source: str) -> Iterator[str]:
    """The comments of a file, those on lines below each other as one."""
    block: list[str] = []
    last = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                if token.start[0] != last + 1 and block:
                    yield " ".join(block)
                    block = []
                block.append(token.string.lstrip("# "))
                last = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    if block:
        yield " ".join(block)


def reference() -> Iterator[str]:
    """The paragraphs of the language reference."""
    from pydoc_data.topics import topics

    for name in sorted(topics):
        yield from topics[name].split("\n\n")


def passages(kind: str) -> list[str]:
    """Every text of a kind, each once, with single spaces."""
    if kind == "third":
        texts = list(reference())
    else:
        texts = [text for source in sources() for text in (docstrings if kind == "first" else comments)(source)]
    unique = dict.fromkeys(" ".join(text.split()) for text in texts)
    return [text for text in unique if sum(character.isalpha() for character in text) > len(text) / 2]


def shortened(tokenizer: Tokenizer, text: str, encoding: Encoding, length: int) -> tuple[str, list[int]] | None:
    """The beginning of a text, `length` tokens long or a little less, and its ids; nothing if no word ends there."""
    end = encoding.offsets[length - SPECIAL][1]
    cut = text[:end] if end == len(text) else text[:end].rsplit(" ", 1)[0]
    ids = tokenizer.encode(cut).ids
    return (cut, ids) if SHORTEST <= len(ids) <= LONGEST else None


def rows_of(kind: str, wanted: int, tokenizer: Tokenizer, draw: random.Random) -> Iterator[dict[str, object]]:
    """Rows of one kind; the longest first, since few texts are long enough for them."""
    texts = passages(kind)
    draw.shuffle(texts)
    texts = texts[: 6 * wanted]
    candidates = list(zip(texts, tokenizer.encode_batch(texts), strict=True))
    lengths = [min(LONGEST, max(SHORTEST, round(draw.lognormvariate(0, SPREAD) * MEDIAN))) for _ in range(wanted)]
    for length in sorted(lengths, reverse=True):
        for place, (text, encoding) in enumerate(candidates):
            if len(encoding.ids) >= length and (cut := shortened(tokenizer, text, encoding, length)):
                yield {"text": cut[0], "label": kind, "ids": cut[1]}
                del candidates[place]
                break
        else:
            raise SystemExit(f"the standard library of this Python has too few texts of the kind `{kind}`")


def rows(tokenizer: Tokenizer) -> list[dict[str, object]]:
    """The rows in an order that is drawn, with the ids of their tokens."""
    draw = random.Random(2026)
    made: list[dict[str, object]] = []
    for index, kind in enumerate(("first", "second", "third")):
        made.extend(rows_of(kind, ROWS // 3 + (index < ROWS % 3), tokenizer, draw))
    draw.shuffle(made)
    return made


def main(model: Path, folder: Path) -> None:
    """Writes the rows for a model's tokenizer into a folder."""
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    made = rows(tokenizer)
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"text": row["text"], "label": row["label"]}) + "\n" for row in made)
    (folder / "texts.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "tokens.json").write_text(json.dumps([row["ids"] for row in made]), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
