"""The comparison: prepares the sides, says how long it will take, checks, runs them turn by turn, prints a table.

Written to `target/compare/results/`: the table as markdown, and the figures of every run as a line of JSON.
"""

import argparse
import datetime
import json
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import check
import machine
import runs
import table
from sides import OURS, SIDES, Side, chosen

PEAK = Side("peak", "", OURS, 1.0, task="peak")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", default="", help="sides or groups, between commas: " + ", ".join(s.name for s in SIDES)
    )
    parser.add_argument("--all", action="store_true", help="also what is slow, and the groups `workers` and `tokens`")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is run (3)")
    parser.add_argument("--updates", type=int, default=72, help="updates of a run, the first 10 not counted (72)")
    parser.add_argument("--model", type=Path, help="folder of all-MiniLM-L6-v2; left out, a package brings it")
    parser.add_argument("--no-check", action="store_true", help="leave out the comparison of rows and losses")
    parser.add_argument("--python", help="a Python with the packages of requirements.txt; left out, one is made")
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rounds < 1 or not 6 <= given.updates <= 125:
        parser.error("`--rounds` is at least 1, and `--updates` between 6 and 125: the rows make 125 batches")
    return given


def prepared(given: argparse.Namespace) -> runs.Bench:
    """Model, rows and the batches that the Trainer makes of them."""
    model = machine.model_folder(given.model, given.work)
    texts, lengths = machine.make_texts(model, given.work)
    return runs.Bench(given.work, model, texts, lengths, given.updates, min(10, given.updates // 6), {})


def with_batches(bench: runs.Bench, sides: list[Side]) -> runs.Bench:
    """The batches of the Trainer for each order that is needed: it goes through its loop without computing."""
    wanted = {side.order for side in sides if side.group == "train"}
    trainers = {side.order: side for side in SIDES if side.name in ("trainer-default", "trainer-grouped")}
    return replace(
        bench, batches={order: runs.run(bench, trainers[order], task="rows")["rows"] for order in sorted(wanted)}
    )


def announce(bench: runs.Bench, sides: list[Side], given: argparse.Namespace) -> None:
    """Says what is going to happen, and for how long."""
    seconds = given.rounds * sum(runs.expected_seconds(bench, side) + 2 for side in sides)
    seconds += 30 + (0 if given.no_check else sum(side.start + 5 for side in sides if side.group == "train"))
    print(f"{given.rounds} rounds of {', '.join(side.name for side in sides)}")
    print(
        f"takes about {seconds / 60:.0f} minutes on two cores of 2021; the first time, Rust programs are built as well"
    )
    print("leave the machine alone meanwhile: anything else that runs changes the figures", flush=True)


def rounds(bench: runs.Bench, sides: list[Side], given: argparse.Namespace, raw: Path) -> tuple[table.Figures, float]:
    """Runs all sides turn by turn; the figures of each run, and the median peak of the machine."""
    figures: table.Figures = {side.name: [] for side in sides}
    peaks: list[float] = []
    with raw.open("w", encoding="utf-8") as lines:

        def note(side: str, number: int, values: dict[str, Any]) -> None:
            lines.write(json.dumps({"side": side, "round": number, **values}) + "\n")
            lines.flush()

        for number in range(1, given.rounds + 1):
            peaks.append(runs.run(bench, PEAK)["gflops"])
            note("peak", number, {"gflops": peaks[-1]})
            for side in sides:
                values = runs.figures(bench, side, runs.run(bench, side))
                figures[side.name].append(values)
                note(side.name, number, values)
                memory = f"{values['peak_rss_mb']:.0f} MB"
                print(
                    f"round {number}: {side.name:16} {values['tokens_per_second']:7.0f} tokens/s, {memory}", flush=True
                )
    return figures, statistics.median(peaks)


def about(
    bench: runs.Bench, given: argparse.Namespace, gflops: float, now: datetime.datetime, checked: list[str]
) -> list[str]:
    """What was measured, on what, and what the check said."""
    lengths = bench.lengths
    rows = f"{len(lengths)} texts of {min(lengths)}–{max(lengths)} tokens"
    middle = f"median {statistics.median(lengths):.0f}, mean {statistics.mean(lengths):.1f}"
    return [
        f"{now:%Y-%m-%d %H:%M} UTC; {machine.processor()}, FMA peak {gflops:.0f} GFLOP/s; {machine.versions()}.",
        "all-MiniLM-L6-v2 with a head for 3 classes, all weights trained, f32, dropout 0.1;",
        f"{rows} ({middle}; rows {machine.digest(bench.texts)}); medians of {given.rounds} rounds;",
        f"the first {bench.dropped} of {bench.updates} updates are not counted.",
        *(f"\nCheck without dropout: {line}." for line in checked),
    ]


def main() -> None:
    """The whole comparison."""
    given = arguments()
    sides = chosen([name for name in given.only.split(",") if name], given.all)
    bench = prepared(given)
    announce(bench, sides, given)
    machine.build({side.program[1] for side in [PEAK, *sides] if side.program[0] == "rust"}, given.work)
    bench = with_batches(bench, sides)
    checked: list[str] = []
    if not given.no_check:
        for line in check.check(
            bench, machine.without_dropout(bench.model, bench.work), [s for s in sides if s.group == "train"]
        ):
            print(f"check: {line}", flush=True)
            checked.append(line)
    results = bench.work / "results"
    results.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    name = f"{now:%Y-%m-%d-%H%M%S}"
    figures, gflops = rounds(bench, sides, given, results / f"{name}.jsonl")
    text = table.document(
        about(bench, given, gflops, now, checked), sides, figures, gflops, machine.flops_of_a_token(bench.model)
    )
    (results / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {results / name}.md and .jsonl")


if __name__ == "__main__":
    main()
