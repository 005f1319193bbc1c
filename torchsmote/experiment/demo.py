"""The whole experiment: load, train, report, write."""

from __future__ import annotations

import csv
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from sklearn.utils import Bunch

from ..extras import import_extra
from ..progress import print_line
from ..threads import torch_threads
from .folder import output_folder
from .methods import METHODS, Method
from .plot import plot_curves
from .report import FULL_WIDTH, render_report
from .runs import Result, check_methods, run_methods
from .settings import Settings, with_data
from .summary import Summary, summarize
from .tables import load_table
from .verdict import verdict, verdicts

__all__ = ["Outcome", "run_demo"]

_NAMES = {
    "kdd04": "KDD Cup 2004, protein homology",
    "digits": "scikit-learn's digits, long-tailed, 7 to 9 against the rest",
}


@dataclass(frozen=True)
class Outcome:
    """What an experiment found, and where it was written.

    Attributes:
        settings: As used: after a fall-back to the digits, theirs.
        results: One per seed and method.
        summaries: One per method.
        report: The table and its sentences, as wide as the terminal; report.txt has them at full width.
        files: What was written.
    """

    settings: Settings
    results: list[Result]
    summaries: list[Summary]
    report: str
    files: list[Path]

    def __str__(self) -> str:
        """The report and the list of files."""
        return f"{self.report}Written: {', '.join(map(str, self.files))}"

    def to_dict(self) -> dict[str, Any]:
        """Strict JSON: settings, one row per method, the sentences and the files."""
        return {
            "settings": asdict(self.settings),
            "methods": [summary.row() for summary in self.summaries],
            "verdict": verdict(self.summaries),
            "verdicts": verdicts(self.summaries),
            "files": [str(file) for file in self.files],
        }


def run_demo(
    settings: Settings, methods: Mapping[str, Method] = METHODS, *, progress: bool = True
) -> Outcome:
    """Train every method on every seed, and write results.csv, summary.csv, report.txt and a picture.

    Without network and without a cached table it falls back to the digits, and the report's first line says
    so. The files are written together at the end: an interrupted run leaves none.

    Args:
        settings: What to train, on what, where to write.
        methods: What each name in ``settings.methods`` means.
        progress: Whether to show on standard error how far it is: a bar in a terminal, lines elsewhere.

    Raises:
        ValueError: If a method is unknown, before any work, or a setting does not fit the table.
        ImportError: If rich or matplotlib is missing (extra ``demo``); before any work.
        OSError: If the folder cannot be written.
    """
    for package in ("rich", "matplotlib"):
        import_extra(package)
    check_methods(settings.methods, methods)
    say = print_line if progress else None
    note = ""
    try:
        table = load_table(settings, say)
    except ConnectionError as error:
        note = f"No KDD04: {error}.\nTraining on the digits instead.\n\n"
        settings = with_data(settings, "digits")
        table = load_table(settings, say)
    title = _title(table, settings)
    with output_folder(settings.folder) as folder:
        with torch_threads(settings.threads):
            results = run_methods(table, settings, methods, progress=progress)
        summaries = summarize(results)
        full = note + render_report(summaries, title, width=FULL_WIDTH)
        names = _write(results, summaries, full, settings, folder)
    report = note + render_report(summaries, title)
    return Outcome(settings, results, summaries, report, [settings.folder / name for name in names])


def _title(table: Bunch, settings: Settings) -> str:
    rows, columns = table.data.shape
    rare = int(np.sum(table.target))
    blocks = "" if table.groups is None else f", {len(np.unique(table.groups))} blocks"
    return (
        f"{_NAMES[settings.data]}: {rows:,} x {columns}, {rare:,} rare rows{blocks}\n"
        f"{settings.seeds} seeds, {settings.steps:,} steps of {settings.batch_size} rows; "
        f"torch {torch.__version__}, scikit-learn {sklearn.__version__}, Python {platform.python_version()}, "
        f"{settings.threads} thread{'s' * (settings.threads > 1)}"
    )


def _write(
    results: Sequence[Result], summaries: Sequence[Summary], report: str, settings: Settings, folder: Path
) -> tuple[str, ...]:
    names = ("results.csv", "summary.csv", "report.txt", "precision_recall.png")
    _write_csv(folder / names[0], [result.row() for result in results])
    _write_csv(folder / names[1], [summary.row() for summary in summaries])
    (folder / names[2]).write_text(report, encoding="utf-8")
    plot_curves(results, _NAMES[settings.data], folder / names[3])
    return names


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
