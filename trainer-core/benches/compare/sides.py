"""The sides of the comparison: which program each one is, what it is given, and about how long it takes.

A side is an entry of `SIDES`. A program takes the path of a job (JSON) as its only argument and leaves a record (JSON):
`job/src/lib.rs` says what is in them. Something else to train is a subject (`subjects.py`), with a group of sides.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from subjects import SUBJECTS, Subject

HERE = Path(__file__).resolve().parent
HUGGING_FACE = ("python", "hugging_face/train.py")
HUGGING_FACE_LANGUAGE = ("python", "hugging_face/language.py")
OURS = ("rust", "compare-ours")


@dataclass(frozen=True)
class Side:
    """One row of a table."""

    name: str
    group: str
    # How it is run: with Python, or a binary of the workspace of this folder.
    program: tuple[str, str]
    # Real tokens a second on two cores of 2021, and seconds to the first update: what the announced time is made of.
    speed: float
    start: float = 1.0
    task: str = "train"
    order: str = "random"
    batch: int = 16
    threads: int | None = None
    # Slow sides take every `thinned`-th batch of the measured ones.
    thinned: int = 1
    # For a side that takes another number of updates than the others, the first of which is not counted.
    updates: int | None = None
    # Arguments of transformers' `TrainingArguments`.
    settings: dict[str, Any] = field(default_factory=dict)
    # Left out unless it is asked for by name, or by `--all`.
    slow: bool = False
    note: str = ""

    @property
    def chooses_batches(self) -> bool:
        """Whether it has a sampler of its own, which takes all batches in order."""
        return self.program in (HUGGING_FACE, HUGGING_FACE_LANGUAGE, OURS)

    @property
    def is_reference(self) -> bool:
        """Whether it is the Trainer with nothing but an order: what others are checked against."""
        return self.program in (HUGGING_FACE, HUGGING_FACE_LANGUAGE) and not self.settings

    @property
    def subject(self) -> Subject:
        """What it trains."""
        return SUBJECTS[GROUPS[self.group].subject]


def growth(thousands: int, rows: int) -> Side:
    """Our side with an update of many tokens."""
    return Side(f"ours-{thousands}k-tokens", "tokens", OURS, 1500, batch=rows, updates=3)


def train_sides() -> list[Side]:
    """Training with batches of 16."""
    candle, burn = ("rust", "compare-plain-candle"), ("rust", "compare-burn")
    return [
        Side("trainer-default", "train", HUGGING_FACE, 390, start=15, note="Hugging Face's Trainer as it comes"),
        Side("trainer-grouped", "train", HUGGING_FACE, 1000, start=15, order="grouped", note="… length-grouped"),
        Side(
            "trainer-compile", "train", HUGGING_FACE, 950, start=180, order="grouped", slow=True,
            settings={"torch_compile": True}, note="… and `torch_compile`",
        ),
        Side(
            "trainer-bf16", "train", HUGGING_FACE, 110, start=15, order="grouped", slow=True,
            settings={"bf16": True}, note="… and `bf16`",
        ),
        Side("candle-plain", "train", candle, 130, thinned=5, note="candle without a training library"),
        Side("burn-random", "train", burn, 200, thinned=5, note="Burn on `flex`; fresh weights"),
        Side("burn-grouped", "train", burn, 490, order="grouped", thinned=2, note="Burn on `flex`; fresh weights"),
        Side("ours-random", "train", OURS, 1500, note="this library as it comes"),
        Side("ours-grouped", "train", OURS, 1500, order="grouped", note="… with `group_by_length`"),
    ]  # fmt: skip


def other_sides() -> list[Side]:
    """Prediction, the number of threads, and large updates."""
    return [
        Side(
            "trainer-predict", "evaluation", ("python", "hugging_face/predict.py"), 2200, start=15, task="predict",
            batch=64, note="`Trainer.predict`, batches of 64",
        ),
        Side("ours-predict", "evaluation", OURS, 3000, task="predict", batch=64, note="`predict`, batches of 64"),
        Side("ours-1-thread", "workers", OURS, 800, threads=1, note="`num_threads = 1`"),
        Side("ours-2-threads", "workers", OURS, 1500, threads=2, note="`num_threads = 2`"),
        growth(8, 250),
        growth(16, 500),
        growth(32, 1000),
        growth(64, 2000),
    ]  # fmt: skip


def language_sides() -> list[Side]:
    """Language models: adapters, all weights, one text for another."""
    trainer, batch = HUGGING_FACE_LANGUAGE, 4
    return [
        Side("trainer-lora", "lora", trainer, 96, start=20, batch=batch, note="Hugging Face's Trainer and PEFT"),
        Side(
            "trainer-lora-grouped", "lora", trainer, 130, start=20, batch=batch, order="grouped",
            note="… length-grouped",
        ),
        Side("ours-lora", "lora", OURS, 270, batch=batch, note="this library with `peft = lora(…)`"),
        Side("trainer-full", "full", trainer, 63, start=20, batch=batch, note="Hugging Face's Trainer"),
        Side(
            "trainer-full-grouped", "full", trainer, 85, start=20, batch=batch, order="grouped",
            note="… length-grouped",
        ),
        Side("ours-full", "full", OURS, 160, batch=batch, note="this library"),
        Side("trainer-t5", "t5", trainer, 210, start=15, note="Hugging Face's Trainer"),
        Side("trainer-t5-grouped", "t5", trainer, 400, start=15, order="grouped", note="… length-grouped"),
        Side("ours-t5", "t5", OURS, 600, note="this library"),
        Side("ours-t5-grouped", "t5", OURS, 600, order="grouped", note="… with `group_by_length`"),
    ]  # fmt: skip


SIDES = train_sides() + other_sides() + language_sides()


@dataclass(frozen=True)
class Group:
    """A table: sides that are compared with each other."""

    title: str
    # The name of what its sides train.
    subject: str
    # What the ratios are taken to.
    references: tuple[str, ...] = ()
    # Whether rows and losses are compared with the Trainer's before.
    is_checked: bool = False
    # Whether it is run where nothing is named.
    is_usual: bool = False


GROUPS = {
    "train": Group(
        "Training, batches of 16", "classes", ("trainer-grouped", "trainer-default"), is_checked=True, is_usual=True
    ),
    "evaluation": Group("Prediction of all rows, texts to logits", "classes", ("trainer-predict",), is_usual=True),
    "workers": Group("Training with more threads", "classes", ("ours-1-thread",)),
    "tokens": Group("Training with more tokens an update", "classes"),
    "lora": Group(
        "Adapters, batches of 4", "adapters", ("trainer-lora", "trainer-lora-grouped"), is_checked=True
    ),
    "full": Group(
        "All weights of a causal model, batches of 4", "next_tokens", ("trainer-full", "trainer-full-grouped"),
        is_checked=True,
    ),
    "t5": Group(
        "One text for another, batches of 16", "targets", ("trainer-t5-grouped", "trainer-t5"), is_checked=True
    ),
}  # fmt: skip


def chosen(only: list[str], every: bool) -> list[Side]:
    """The sides and groups that are named; else training and prediction without what is slow."""
    known = {side.name for side in SIDES} | set(GROUPS)
    if unknown := [name for name in only if name not in known]:
        raise SystemExit(f"`--only` got {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    if only:
        return [side for side in SIDES if side.name in only or (side.group in only and (every or not side.slow))]
    return [side for side in SIDES if every or (GROUPS[side.group].is_usual and not side.slow)]
