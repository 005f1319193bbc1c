"""From the runs of the study to its tables: means over seeds, and paired differences from plain training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from images.parts import overlap
from images.scores import MEASURES
from study_files import write_csv, write_tables

from torchsmote.evaluate.differences import Difference, paired_difference

__all__ = ["difference", "eos_lines", "summarize", "write_summary"]

OPPONENT, CORRECTED = "plain", "plain (prior-corrected)"
PIXELS = "SMOTE in pixels"
EOS_METHODS = ("head EOS", "EmbeddingSMOTE (EOS deferred)", "EmbeddingSMOTE (EOS)")  # the paper's own first
START = "<!-- tables: written by long_tailed.py -->"
_HEAD = ("method", "accuracy", "minus plain", "minus prior-corrected")
_HEAD += ("many", "medium", "few", "macro F1", "ECE", "seconds")

Rows = Sequence[Mapping[str, Any]]


def difference(rows: Rows, case: str, method: str, opponent: str = OPPONENT) -> Difference | None:
    """Accuracy of a method less that of the opponent over the seeds that both have; None below two seeds."""
    by_seed = {
        name: {row["seed"]: row["accuracy"] for row in rows if (row["case"], row["method"]) == (case, name)}
        for name in (method, opponent)
    }
    seeds = sorted(by_seed[method].keys() & by_seed[opponent].keys())
    if method == opponent or len(seeds) < 2:
        return None
    pairs = [[by_seed[name][seed] for seed in seeds] for name in (method, opponent)]
    return paired_difference(*pairs, test_per_train=overlap(case.split("-")[0]))


def summarize(rows: Rows, methods: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each case and method that was run, in the order of the methods."""
    table = []
    for case in dict.fromkeys(row["case"] for row in rows):
        for method in methods:
            own = [row for row in rows if (row["case"], row["method"]) == (case, method)]
            if not own:
                continue
            ends = {
                f"{name}_{key}": found and round(getattr(found, key), 5)
                for name, opponent in (("difference", OPPONENT), ("from_corrected", CORRECTED))
                for found in [difference(rows, case, method, opponent)]
                for key in ("mean", "low", "high")
            }
            table.append(
                {
                    "case": case,
                    "method": method,
                    "seeds": len(own),
                    **{name: _mean(own, name) for name in MEASURES},
                    "seconds": float(np.median([row["seconds"] for row in own])),  # the first run warms up
                    **ends,
                }
            )
    return table


def eos_lines(rows: Rows, case: str) -> list[str]:
    """Whether EOS moves accuracy as its paper reports: above plain training, and above SMOTE in pixels.

    Returns:
        A line for each comparison that was run.

    Reference:
        Dablain, Bellinger, Krawczyk and Chawla, "Efficient augmentation for imbalanced deep learning",
        arXiv 2207.06080.
    """
    ran = {row["method"] for row in rows if row["case"] == case}
    lines = []
    for method in (name for name in EOS_METHODS if name in ran):
        for opponent in (OPPONENT, PIXELS):
            found = difference(rows, case, method, opponent)
            if found is not None:
                way = "as in the paper" if found.mean > 0 else "against the paper"
                sure = "" if found.side else ", but the interval holds 0"
                lines.append(f"- `{method}` minus `{opponent}`: {_signed(found)}, {way}{sure}")
    return lines


def write_summary(rows: Rows, methods: Sequence[str], folder: Path) -> str:
    """Write results/long_tailed.csv, and the tables between the marks of long_tailed.md.

    Returns:
        The tables.
    """
    table = summarize(rows, methods)
    tables = "\n\n".join(_case(case, table, rows) for case in dict.fromkeys(row["case"] for row in table))
    write_csv(folder / "results" / "long_tailed.csv", table)
    write_tables(folder / "long_tailed.md", START, tables)
    return tables


def _case(case: str, table: Sequence[Mapping[str, Any]], rows: Rows) -> str:
    data, ratio = case.split("-")
    own = [row for row in table if row["case"] == case]
    seeds = max(row["seeds"] for row in own)
    lines = [f"### {data}, imbalance ratio {ratio} (seeds: {seeds})", ""]
    lines += ["| " + " | ".join(_HEAD) + " |", "|---" + "|---:" * (len(_HEAD) - 1) + "|"]
    for row in own:
        few_seeds = "" if row["seeds"] == seeds else f" (seeds: {row['seeds']})"
        found = (difference(rows, case, row["method"], opponent) for opponent in (OPPONENT, CORRECTED))
        shares = ["" if row[name] is None else f"{100 * row[name]:.1f}" for name in MEASURES]
        cells = [
            row["method"] + few_seeds,
            shares[0],
            *(_signed(each) if each else "" for each in found),
            *shares[1:],
            f"{row['seconds']:.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    eos = eos_lines(rows, case)
    return "\n".join([*lines, *(["", "EOS against its paper:", "", *eos] if eos else [])])


def _signed(found: Difference) -> str:
    return f"{100 * found.mean:+.1f} ({100 * found.low:+.1f} … {100 * found.high:+.1f})"


def _mean(rows: Rows, name: str) -> float | None:
    values = [row[name] for row in rows if row[name] is not None]
    return round(float(np.mean(values)), 5) if values else None
