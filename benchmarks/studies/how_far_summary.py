"""From the measurements at every share to differences from doing nothing, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from study_files import write_csv, write_tables

from torchsmote.evaluate.comparison.measurements import STANDING
from torchsmote.evaluate.differences import Difference, paired_difference
from torchsmote.evaluate.metrics import METRICS

__all__ = ["difference", "draw", "summarize", "write_summary"]

START = "<!-- tables: written by how_far.py -->"
PICTURE = "how_far.svg"
PANELS = (("pr_auc", False), ("recall", False), ("brier", False), ("brier", True))  # metric, corrected
NOTHING = STANDING[0]
_COLORS = {"logistic regression": "#0072B2", "MLP": "#D55E00"}  # Okabe and Ito's, told apart by all readers
_LINES = {"SMOTE": ("-", "o", "SMOTE"), "RandomOverSampler": ("--", "^", "random over-sampling")}

Rows = Sequence[Mapping[str, Any]]


def difference(rows: Rows, row: Mapping[str, Any], metric: str) -> Difference:
    """A row less nothing, fold by fold, on the same table with the same model."""
    keys = ("table", "model", "corrected")
    nothing = next(
        one for one in rows if one["method"] == NOTHING and all(one[key] == row[key] for key in keys)
    )
    pair = (one["scores"][metric] for one in (row, nothing))
    return paired_difference(*pair, test_per_train=row["test_per_train"])


def summarize(rows: Rows) -> list[dict[str, Any]]:
    """One row for each table, model, method, share and metric, raw and corrected."""
    table = []
    for row in rows:
        for metric, values in row["scores"].items():
            found = None if row["method"] == NOTHING else difference(rows, row, metric)
            ends = {
                f"minus_nothing_{key}": None if found is None else round(getattr(found, key), 5)
                for key in ("mean", "low", "high")
            }
            named = {key: row[key] for key in ("table", "model", "corrected", "method")}
            mean = round(float(np.mean(values)), 5)
            table.append({**named, "share": round(row["share"], 4), "metric": metric, "mean": mean, **ends})
    return table


def write_summary(rows: Rows, folder: Path) -> str:
    """Write results/how_far.csv and the picture, and the tables between the marks of how_far.md.

    Returns:
        The tables.
    """
    write_csv(folder / "results" / "how_far.csv", summarize(rows))
    draw(rows, folder / PICTURE)
    text = "\n\n".join(_table(rows, name) for name in dict.fromkeys(row["table"] for row in rows))
    write_tables(folder / "how_far.md", START, text)
    return text


def draw(rows: Rows, path: Path) -> None:
    """Metrics against shares, a column of panels for each table; the same bytes for the same rows."""
    names = list(dict.fromkeys(row["table"] for row in rows))
    figure = Figure(figsize=(3 * len(names) + 0.5, 9), layout="constrained")
    FigureCanvasSVG(figure)  # no display, no global backend
    grid = figure.subplots(len(PANELS), len(names), squeeze=False, sharex=True)
    for (metric, corrected), line in zip(PANELS, grid, strict=True):
        for name, axes in zip(names, line, strict=True):
            own = [row for row in rows if row["table"] == name]
            _panel(axes, [row for row in own if row["corrected"] == corrected], metric)
            highest = max(np.mean(row["scores"][metric]) for row in own)  # of both Brier scores: one scale
            axes.set_ylim(0, 1.05 * highest)
        line[0].set_ylabel(METRICS[metric].label + ("\nafter PriorCorrection" if corrected else ""))
    for name, axes in zip(names, grid[0], strict=True):
        axes.set_title(name, fontsize=10)
    for axes in grid[-1]:
        axes.set_xlabel("rare share in training, %")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    with matplotlib.rc_context({"svg.hashsalt": "how_far", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})


def _panel(axes: Any, rows: Rows, metric: str) -> None:
    for model in dict.fromkeys(row["model"] for row in rows):
        for method, (style, marker, shown) in _LINES.items():
            own = [row for row in rows if row["model"] == model and row["method"] in (NOTHING, method)]
            own = sorted(own, key=lambda row: row["share"])
            x = [100 * row["share"] for row in own]
            y = [np.mean(row["scores"][metric]) for row in own]
            label = f"{model}, {shown}"
            axes.plot(x, y, style, marker=marker, color=_COLORS[model], markersize=4, label=label)
    axes.grid(alpha=0.3)


def _table(rows: Rows, name: str) -> str:
    own = [row for row in rows if row["table"] == name]
    natural = next(row["share"] for row in own if row["method"] == NOTHING)
    heads = ["PR-AUC", "recall", "precision", "Brier x1000", "Brier x1000, corrected"]
    lines = [f"### {name}: natural share {100 * natural:.1f} %", ""]
    lines += [f"| model | method | share, % | {' | '.join(heads)} |", "|---|---" + "|---:" * 6 + "|"]
    for row in (row for row in own if not row["corrected"]):
        keys = ("model", "method", "share")
        twin = next(one for one in own if one["corrected"] and all(one[key] == row[key] for key in keys))
        share = f"{100 * row['share']:.0f}" if row["method"] != NOTHING else ""
        cells = [row["model"], row["method"], share]
        cells += [_cell(own, row, metric) for metric in ("pr_auc", "recall", "precision", "brier")]
        lines.append(f"| {' | '.join([*cells, _cell(own, twin, 'brier')])} |")
    return "\n".join(lines)


def _cell(rows: Rows, row: Mapping[str, Any], metric: str) -> str:
    """The mean; bold where the interval of its difference from nothing leaves out 0."""
    mean = float(np.mean(row["scores"][metric]))
    text = f"{1000 * mean:.1f}" if metric == "brier" else f"{mean:.3f}"
    sided = row["method"] != NOTHING and difference(rows, row, metric).side
    return f"**{text}**" if sided else text
