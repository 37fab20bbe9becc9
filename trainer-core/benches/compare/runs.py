"""Runs a side as a process of its own, and turns the record that it leaves into figures."""

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
from sides import HERE, Side
from subjects import Material, Subject

SEED = 42


@dataclass(frozen=True)
class Bench:
    """What all runs of a subject share."""

    work: Path
    subject: Subject
    material: Material
    updates: int
    dropped: int
    # The rows of each batch of the reference, by order.
    batches: dict[str, list[list[int]]]

    def plan(self, side: Side) -> tuple[list[list[int]], int]:
        """The batches of a side without a sampler, and how many of its updates are not measured."""
        if side.updates:
            return [], 1
        if side.chooses_batches:
            return self.batches.get(side.order, []), self.dropped
        warm_up = self.warm_up
        batches = self.batches[side.order][: self.updates]
        return batches[:warm_up] + batches[self.dropped :: side.thinned], warm_up

    @property
    def warm_up(self) -> int:
        """How many updates of a side without a sampler are not measured."""
        return min(2, self.dropped)

    def updates_of(self, side: Side) -> int:
        """How many updates a side takes."""
        if side.updates:
            return side.updates
        if side.chooses_batches:
            return self.updates
        return self.warm_up + len(range(self.dropped, self.updates, side.thinned))


def job_of(bench: Bench, side: Side, **changes: Any) -> dict[str, Any]:
    """What is written for the side's program."""
    job = {
        "task": side.task,
        "learns": bench.subject.name,
        "model": str(bench.material.model),
        "adapter": str(bench.material.adapter) if bench.material.adapter else None,
        "texts": str(bench.material.rows),
        "order": side.order,
        "batch": side.batch,
        "updates": bench.updates_of(side) if side.task == "train" else 1,
        "learning_rate": bench.subject.learning_rate,
        "seed": SEED,
        "dropout": 0.1,
        "threads": side.threads,
        "batches": bench.plan(side)[0] if side.task == "train" and not side.chooses_batches else [],
        "settings": side.settings,
        "scratch": str(bench.work / "scratch" / side.name),
        "record": str(bench.work / "scratch" / f"{side.name}.record.json"),
    }
    return job | changes


def run(bench: Bench, side: Side, **changes: Any) -> dict[str, Any]:
    """Runs a side to its end; the record, with the moment it was started and the most memory that it held."""
    job = job_of(bench, side, **changes)
    path = bench.work / "scratch" / f"{side.name}.job.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(job), encoding="utf-8")
    kind, name = side.program
    program = [sys.executable, str(HERE / name)] if kind == "python" else [str(bench.work / "cargo" / "release" / name)]
    log = bench.work / "scratch" / f"{side.name}.log"
    Path(job["record"]).unlink(missing_ok=True)
    with log.open("w", encoding="utf-8") as output:
        started = time.time()
        process = subprocess.Popen([*program, str(path)], stdout=output, stderr=output, env=machine.environment())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{side.name} ended with {process.returncode}:\n{log.read_text(encoding='utf-8')[-3000:]}")
    record: dict[str, Any] = json.loads(Path(job["record"]).read_text(encoding="utf-8"))
    # Kilobytes on Linux, bytes on macOS.
    record["peak_rss_mb"] = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1024)
    record["started"] = started
    return record


def figures(bench: Bench, side: Side, record: dict[str, Any]) -> dict[str, Any]:
    """The figures of one run."""
    if side.task == "predict":
        lengths = bench.material.lengths
        seconds, rows, tokens = record["prediction_seconds"], len(lengths), sum(lengths)
        rates = {"tokens_per_second": tokens / seconds, "samples_per_second": rows / seconds}
        return rates | {"peak_rss_mb": record["peak_rss_mb"]}
    updates, dropped = record["updates"], bench.plan(side)[1]
    ends = [update["end"] for update in updates]
    counted = updates[dropped:]
    seconds = ends[-1] - ends[dropped - 1]
    tokens = sum(tokens_of_updates(bench, record)[dropped:])
    return {
        "tokens_per_second": tokens / seconds,
        "samples_per_second": len(counted) * side.batch / seconds,
        "ms_per_update": 1000 * statistics.median(b - a for a, b in itertools.pairwise(ends[dropped - 1 :])),
        "tokens_per_processor_second": tokens_per_processor_second(updates, dropped, tokens),
        "peak_rss_mb": record["peak_rss_mb"],
        "first_update_seconds": ends[0] - record["started"],
        "updates": len(counted),
        "tokens_per_update": tokens / len(counted),
        "first_loss": updates[0]["loss"],
        "last_loss": updates[-1]["loss"],
        "other_batches_from": other_batches_from(bench, side, record),
    }


def tokens_per_processor_second(updates: list[dict[str, Any]], dropped: int, tokens: int) -> float | None:
    """Tokens for each second that a core worked, where the system says it: what other programs change least."""
    begin, end = updates[dropped - 1].get("processor"), updates[-1].get("processor")
    return tokens / (end - begin) if begin is not None and end is not None and end > begin else None


def tokens_of_updates(bench: Bench, record: dict[str, Any]) -> list[int]:
    """Real tokens of each update: those of its rows where the side notes rows, else what it counted itself."""
    updates, lengths = record["updates"], bench.material.lengths
    if not record["rows"]:
        return [update["tokens"] for update in updates]
    return [sum(lengths[row] for row in rows) for rows in record["rows"][: len(updates)]]


def other_batches_from(bench: Bench, side: Side, record: dict[str, Any]) -> int | None:
    """The first update that has not as many tokens as the Trainer's, for sides that choose their batches themselves."""
    if not side.chooses_batches or side.batch != bench.subject.batch:
        return None
    lengths = bench.material.lengths
    wanted = [sum(lengths[row] for row in batch) for batch in bench.batches.get(side.order, [])]
    pairs = enumerate(zip(wanted, tokens_of_updates(bench, record), strict=False), start=1)
    return next((number for number, (there, here) in pairs if there != here), None)


def expected_seconds(bench: Bench, side: Side) -> float:
    """About how long a run takes on two cores of 2021."""
    lengths = bench.material.lengths
    rows = len(lengths) if side.task == "predict" else bench.updates_of(side) * side.batch
    return side.start + rows * statistics.mean(lengths) / side.speed
