"""Before anything is timed: do the sides train on the same rows, and do they compute the same?

Three updates of each side without dropout. A side that starts from the same weights and head as the Trainer must have
its losses; a side with a sampler of its own must have its rows.
"""

import statistics
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import runs
from sides import OURS, Side

UPDATES = 3
# What three updates may differ by in f32, where the weights are the same.
TOLERANCE = 1e-4


def check(bench: runs.Bench, model: Path, sides: list[Side]) -> Iterator[str]:
    """A line for each side; the reference of an order is the Trainer's."""
    plain = replace(bench, material=replace(bench.material, model=model))
    reference: dict[str, dict[str, Any]] = {}
    for side in sides:
        changes: dict[str, Any] = {"task": "check", "updates": UPDATES, "dropout": 0.0}
        if not side.chooses_batches:
            changes["batches"] = bench.batches[side.order][:UPDATES]
        record = runs.run(plain, side, **changes)
        losses = [update["loss"] for update in record["updates"]]
        line = f"{side.name}: losses {', '.join(f'{loss:.5f}' for loss in losses)}"
        if side.is_reference:
            reference[side.order] = record
        elif side.program == OURS and side.order in reference:
            line += f"; {agreement(record, reference[side.order])}"
        yield line


def expected_seconds(bench: runs.Bench, side: Side) -> float:
    """About how long the check of a side takes."""
    return side.start + UPDATES * side.batch * statistics.mean(bench.material.lengths) / side.speed


def agreement(ours: dict[str, Any], reference: dict[str, Any]) -> str:
    """Whether rows and losses are those of the reference."""
    rows = ours["rows"] == reference["rows"]
    pairs = zip(ours["updates"], reference["updates"], strict=True)
    difference = max(abs(a["loss"] - b["loss"]) for a, b in pairs)
    text = "the same rows as the Trainer" if rows else f"OTHER ROWS: {ours['rows']}, there {reference['rows']}"
    word = "equal" if difference <= TOLERANCE else "DIFFERENT"
    return f"{text}; losses {word}, by at most {difference:.1e}"
