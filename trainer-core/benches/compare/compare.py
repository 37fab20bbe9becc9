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
import subjects
import table
from sides import GROUPS, OURS, SIDES, Side, chosen

PEAK = Side("peak", "train", OURS, 1.0, task="peak")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__.splitlines()[0])
    names = [*GROUPS, *(side.name for side in SIDES)]
    parser.add_argument("--only", default="", help="groups or sides, between commas: " + ", ".join(names))
    parser.add_argument("--all", action="store_true", help="every group, and what is slow")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side is run (3)")
    parser.add_argument("--updates", type=int, help="updates of a run (72; of a language model 8, of T5 18)")
    parser.add_argument("--model", type=Path, help="folder of all-MiniLM-L6-v2; left out, a package brings it")
    parser.add_argument("--no-check", action="store_true", help="leave out the comparison of rows and losses")
    parser.add_argument("--python", help="a Python with the packages of requirements.txt; left out, one is made")
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    given: argparse.Namespace = parser.parse_args()
    if given.rounds < 1:
        parser.error("`--rounds` is at least 1")
    return given


def prepared(subject: subjects.Subject, model: Path, given: argparse.Namespace) -> runs.Bench:
    """Model and rows of a subject, and how many updates a run takes."""
    material = subjects.prepared(subject, model, given.work)
    updates = given.updates or subject.updates
    if not 3 <= updates <= (most := len(material.widths) // subject.batch):
        raise SystemExit(f"`--updates` is {updates}, but the rows of `{subject.name}` are for 3 to {most}")
    return runs.Bench(given.work, subject, material, updates, min(subject.dropped, max(2, updates // 6)), {})


def with_batches(bench: runs.Bench, sides: list[Side]) -> runs.Bench:
    """The batches of the Trainer for each order that is needed: it goes through its loop without computing."""
    wanted = {side.order for side in sides if GROUPS[side.group].is_checked and side.subject == bench.subject}
    trainers = {side.order: side for side in SIDES if side.is_reference and side.subject == bench.subject}
    return replace(
        bench, batches={order: runs.run(bench, trainers[order], task="rows")["rows"] for order in sorted(wanted)}
    )


def announce(benches: dict[str, runs.Bench], sides: list[Side], given: argparse.Namespace) -> None:
    """Says what is going to happen, and for how long."""
    seconds = given.rounds * sum(runs.expected_seconds(benches[side.subject.name], side) + 2 for side in sides)
    checked = [side for side in sides if GROUPS[side.group].is_checked]
    seconds += 30 * len({side.subject.name for side in checked})
    if not given.no_check:
        seconds += sum(check.expected_seconds(benches[side.subject.name], side) for side in checked)
    print(f"{given.rounds} rounds of {', '.join(side.name for side in sides)}")
    print(
        f"takes about {seconds / 60:.0f} minutes on two cores of 2021; the first time, Rust programs are built as well"
    )
    print("leave the machine alone meanwhile: anything else that runs changes the figures", flush=True)


def rounds(
    benches: dict[str, runs.Bench], sides: list[Side], given: argparse.Namespace, raw: Path
) -> tuple[table.Figures, float]:
    """Runs all sides turn by turn; the figures of each run, and the median peak of the machine."""
    figures: table.Figures = {side.name: [] for side in sides}
    peaks: list[float] = []
    with raw.open("w", encoding="utf-8") as lines:

        def note(side: str, number: int, values: dict[str, Any]) -> None:
            lines.write(json.dumps({"side": side, "round": number, **values}) + "\n")
            lines.flush()

        for number in range(1, given.rounds + 1):
            peaks.append(runs.run(next(iter(benches.values())), PEAK)["gflops"])
            note("peak", number, {"gflops": peaks[-1]})
            for side in sides:
                bench = benches[side.subject.name]
                values = runs.figures(bench, side, runs.run(bench, side))
                figures[side.name].append(values)
                note(side.name, number, values)
                memory = f"{values['peak_rss_mb']:.0f} MB"
                print(
                    f"round {number}: {side.name:20} {values['tokens_per_second']:7.0f} tokens/s, {memory}", flush=True
                )
    return figures, statistics.median(peaks)


def about(bench: runs.Bench, checked: list[str]) -> table.About:
    """What was trained on what, and what the check said."""
    material = bench.material
    lengths, subject = material.lengths, bench.subject
    middle = f"median {statistics.median(lengths):.0f}, mean {statistics.mean(lengths):.1f}"
    padding = [
        f"{material.padding(batches[bench.dropped :]):.2f} × the real tokens with padding in {order} order"
        for order, batches in bench.batches.items()
    ]
    lines = [
        f"{subject.about};",
        f"{len(lengths)} rows of {min(lengths)}–{max(lengths)} tokens ({middle}; {machine.digest(material.rows)});",
        *(f"{text};" for text in padding),
        f"the first {bench.dropped} of {bench.updates} updates are not counted.",
        *(f"\nCheck without dropout: {line}." for line in checked),
    ]
    return table.About(lines, subjects.flops_of_a_token(subject, material))


def checked(bench: runs.Bench, sides: list[Side]) -> list[str]:
    """What the check of a subject's sides said."""
    model = subjects.without_dropout(bench.material.model, bench.work / "without-dropout" / bench.subject.name)
    said: list[str] = []
    for line in check.check(bench, model, sides):
        print(f"check: {line}", flush=True)
        said.append(line)
    return said


def main() -> None:
    """The whole comparison."""
    given = arguments()
    sides = chosen([name for name in given.only.split(",") if name], given.all)
    model = subjects.minilm_folder(given.model, given.work)
    wanted = {side.subject.name: side.subject for side in sides}
    benches = {name: prepared(subject, model, given) for name, subject in wanted.items()}
    announce(benches, sides, given)
    machine.build({side.program[1] for side in [PEAK, *sides] if side.program[0] == "rust"}, given.work)
    benches = {name: with_batches(bench, sides) for name, bench in benches.items()}
    abouts: dict[str, table.About] = {}
    for name, bench in benches.items():
        of_subject = [side for side in sides if GROUPS[side.group].is_checked and side.subject.name == name]
        abouts[name] = about(bench, [] if given.no_check else checked(bench, of_subject))
    results = given.work / "results"
    results.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.UTC)
    name = f"{now:%Y-%m-%d-%H%M%S}"
    figures, gflops = rounds(benches, sides, given, results / f"{name}.jsonl")
    head = f"{now:%Y-%m-%d %H:%M} UTC; {machine.processor()}, FMA peak {gflops:.0f} GFLOP/s; {machine.versions()}; "
    head += f"medians of {given.rounds} rounds."
    text = table.document(head, abouts, sides, figures, gflops)
    (results / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwritten to {results / name}.md and .jsonl")


if __name__ == "__main__":
    main()
