"""Figures of runs become markdown: medians over the rounds, and ratios to the references of the group."""

import statistics
from dataclasses import dataclass
from typing import Any

from sides import GROUPS, Side

# The figures of every round of each side.
Figures = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class About:
    """What there is to say of a subject."""

    # What was trained on what, and what the check said.
    lines: list[str]
    flops_of_a_token: float


def median(runs: list[dict[str, Any]], key: str) -> float | None:
    """The median of a figure over the rounds, if the side has it."""
    values = [run[key] for run in runs if run.get(key) is not None]
    return statistics.median(values) if values else None


def shown(value: float | None, digits: int = 0) -> str:
    """A number with so many digits behind the point."""
    return "–" if value is None else f"{value:.{digits}f}"


def spread(runs: list[dict[str, Any]]) -> str:
    """Tokens a second: the median, and between what the rounds lie."""
    rates = [run["tokens_per_second"] for run in runs]
    text = f"{statistics.median(rates):.0f}"
    return text if len(rates) == 1 else f"{text} ({min(rates):.0f}–{max(rates):.0f})"


def ratio(runs: list[dict[str, Any]], reference: list[dict[str, Any]]) -> str:
    """Of the medians of tokens a second, and of each round."""
    key = "tokens_per_second"
    of_medians = statistics.median(run[key] for run in runs) / statistics.median(run[key] for run in reference)
    rounds = " / ".join(f"{a[key] / b[key]:.2f}" for a, b in zip(runs, reference, strict=False))
    return f"**{of_medians:.2f}**" if len(runs) == 1 else f"**{of_medians:.2f}** ({rounds})"


def memory(runs: list[dict[str, Any]], reference: list[dict[str, Any]]) -> str:
    """Peak RSS, and its ratio to that of the reference, of medians."""
    value, there = median(runs, "peak_rss_mb"), median(reference, "peak_rss_mb")
    return shown(value) if not value or not there else f"{value:.0f} ({value / there:.2f} ×)"


def group(name: str, sides: list[Side], figures: Figures, gflops: float, flops_of_a_token: float) -> list[str]:
    """The table of a group."""
    references = [reference for reference in GROUPS[name].references if reference in figures]
    training = name != "evaluation"
    head = ["", "real tokens/s", *(f"× {reference}" for reference in references), "samples/s"]
    if training:
        head += ["a processor second", "ms an update", "tokens an update", "updates"]
        head += ["of the FMA peak", "first update, s"]
    lines = [f"**{GROUPS[name].title}**", "", row([*head, "peak RSS, MB"]), "|---" + "|---:" * len(head) + "|"]
    for side in sides:
        runs = figures[side.name]
        cells = [side.name, spread(runs), *(ratio(runs, figures[reference]) for reference in references)]
        cells.append(shown(median(runs, "samples_per_second"), 1))
        if training:
            share = flops_of_a_token * (median(runs, "tokens_per_second") or 0.0) / (gflops * 1e9)
            keys = ("tokens_per_processor_second", "ms_per_update", "tokens_per_update", "updates")
            cells += [shown(median(runs, key)) for key in keys]
            cells += [f"{share:.0%}", shown(median(runs, "first_update_seconds"), 1)]
        lines.append(row([*cells, memory(runs, figures[references[0]] if references else [])]))
    return [*lines, ""]


def row(cells: list[str]) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def notes(sides: list[Side]) -> list[str]:
    """What each side is."""
    return [f"- `{side.name}`: {side.note}" for side in sides if side.note]


def warnings(figures: Figures) -> list[str]:
    """Sides that did not train on what they should have."""
    updates = {name: [run.get("other_batches_from") for run in runs] for name, runs in figures.items()}
    odd = {name: next((update for update in found if update), None) for name, found in updates.items()}
    return [f"- `{name}` HAD OTHER BATCHES than the Trainer from update {odd[name]} on" for name in odd if odd[name]]


def document(head: str, abouts: dict[str, About], sides: list[Side], figures: Figures, gflops: float) -> str:
    """All tables, with what they were measured on; `abouts` by the names of subjects."""
    lines = [head, ""]
    said: set[str] = set()
    for name in GROUPS:
        of_group = [side for side in sides if side.group == name and figures.get(side.name)]
        if not of_group:
            continue
        subject = GROUPS[name].subject
        about = abouts[subject]
        lines += [] if subject in said else [*about.lines, ""]
        said.add(subject)
        lines += group(name, of_group, figures, gflops, about.flops_of_a_token)
    return "\n".join([*lines, *notes(sides), *warnings(figures), ""])
