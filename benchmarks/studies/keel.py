"""Does balancing help? Ten ways beside doing nothing, three models, the 77 KEEL tables of ratio over 9.

    python benchmarks/studies/keel.py
    python benchmarks/studies/keel.py --tables glass5 zoo-3 --models "logistic regression" --out /tmp/smoke

Everything is measured by torchsmote.evaluate.compare, with the settings of configs/keel.yaml. What each model
gives on each table is written to results/keel.jsonl at once, and a study that was stopped goes on where it
was; the fits of the table at hand are kept, too. At the end: results/keel.csv, results/keel_tables.csv, and
the tables in keel.md.
"""

from __future__ import annotations

import argparse
import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from keel_summary import write_summary
from keel_tables import KeelTable, keel_tables, one_hot
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from study_files import append_row, fingerprint, read_rows

from torchsmote import SMOTE, SMOTEENN
from torchsmote.evaluate import TorchModel, compare
from torchsmote.evaluate.comparison.measurements import STANDING
from torchsmote.method_names import resampler_class
from torchsmote.progress import print_line

STUDIES = Path(__file__).resolve().parent
ROOT = STUDIES.parents[1]
CONFIG = ROOT / "configs" / "keel.yaml"
BUILDERS = {
    "logistic regression": LogisticRegression,
    "gradient boosting": HistGradientBoostingClassifier,
    "MLP": TorchModel,
}
REFUSALS = (ValueError, RuntimeError)


@dataclass(frozen=True)
class Task:
    """One model on one table.

    Attributes:
        table: The rows.
        model: Its name.
        settings: The whole config.
        fits: File of the fits while the task is running.
    """

    table: KeelTable
    model: str
    settings: Mapping[str, Any]
    fits: Path

    def compare(self, methods: Sequence[str]) -> Any:
        """Measure the standing ways and these methods; what is in the file of fits is not repeated."""
        return compare(
            one_hot(self.table.X),
            self.table.y,
            methods=[resampler(name) for name in methods],
            model=BUILDERS[self.model](**self.settings[self.model]),
            metrics=self.settings["metrics"],
            n_splits=folds_of(self.table, self.settings),
            n_repeats=1,
            seed=self.settings["seed"],
            progress=False,
            resume=self.fits,
        )


def resampler(name: str) -> Any:
    """A method that takes fewer neighbours where a training part has too few rare rows for its default."""
    if name == "SMOTEENN":
        return SMOTEENN(smote=SMOTE(few_samples="shrink"))
    kind = resampler_class(name)
    return kind(**({"few_samples": "shrink"} if "few_samples" in kind().get_params() else {}))


def folds_of(table: KeelTable, settings: Mapping[str, Any]) -> int:
    """So many that each test part has some rare rows."""
    return max(2, min(settings["folds"], table.rare // settings["rare_rows_per_fold"]))


def marks(settings: Mapping[str, Any]) -> dict[str, str]:
    """What tells the lines of each model from those of other settings."""
    shared = {key: value for key, value in settings.items() if key not in BUILDERS}
    return {model: fingerprint({**shared, "model": settings[model]}) for model in BUILDERS}


def measure(task: Task) -> Iterator[dict[str, Any]]:
    """One row a method: its mean scores over the folds, or why there are none.

    A method that cannot work on a training part fails the whole comparison: then each is tried alone.
    """
    methods, failed = list(task.settings["methods"]), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fewer neighbours, nothing made: both are counted below
        try:
            found = task.compare(methods)
        except REFUSALS:
            failed = {name: text for name in methods if (text := refusal(task, name))}
            methods = [name for name in methods if name not in failed]
            found = task.compare(methods)
    standing = [name for name in STANDING if name not in found.left_out]
    before = {fit.fold: fit.n_train for fit in found.fits if fit.method == STANDING[0]}
    for own, name in zip(found.methods, [*standing, *methods], strict=True):
        fits = [fit for fit in found.fits if fit.method == own]
        yield {
            "method": name,
            "scores": {key: float(np.mean([fit.scores[key] for fit in fits])) for key in found.metrics},
            "folds": len(fits),
            "unchanged": sum(fit.n_train == before[fit.fold] for fit in fits),
            "seconds": round(sum(fit.seconds for fit in fits), 3),
        }
    for name, text in {**found.left_out, **failed}.items():
        yield {"method": name, "scores": None, "failed": text}


def refusal(task: Task, method: str) -> str:
    """Why a method cannot be measured; "" where it can."""
    try:
        task.compare([method])
    except REFUSALS as error:
        reason = re.search(r"rows of its classes: (.*) \(change its arguments", str(error))
        return reason.group(1) if reason else str(error).split(" (finished fits")[0]
    return ""


def run_task(task: Task, results: Path) -> None:
    """Measure, write a line for each method, and drop the fits."""
    started = time.perf_counter()
    mark = marks(task.settings)[task.model]
    for row in measure(task):
        append_row(results, {"table": task.table.name, "model": task.model, **row, "settings": mark})
    task.fits.unlink(missing_ok=True)
    print_line(f"{task.model}, {task.table.name}: {time.perf_counter() - started:.1f} s")


def open_tasks(
    tables: Sequence[KeelTable], models: Sequence[str], settings: Mapping[str, Any], results: Path, fits: Path
) -> list[Task]:
    """What is still to be run, model by model."""
    methods = {*STANDING, *settings["methods"]}
    done: dict[tuple[str, str, str], set[str]] = {}
    for row in read_rows(results):
        done.setdefault((row["table"], row["model"], row["settings"]), set()).add(row["method"])
    return [
        Task(table, model, settings, fits / f"{model}-{table.name}.jsonl")
        for model in models
        for table in tables
        if not methods <= done.get((table.name, model, marks(settings)[model]), set())
    ]


def rows_to_show(results: Path, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of the present settings; of a method that was measured twice the last."""
    rows = [row for row in read_rows(results) if row["settings"] == marks(settings)[row["model"]]]
    return list({(row["table"], row["model"], row["method"]): row for row in rows}.values())


def main() -> None:
    """Run what is missing, then summarise all that is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tables", nargs="+", metavar="NAME", help="all where none are given")
    parser.add_argument("--models", nargs="+", choices=BUILDERS, default=list(BUILDERS))
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--out", type=Path, default=STUDIES, help="folder of keel.md and results/")
    parser.add_argument(
        "--fits", type=Path, default=ROOT / "runs" / "keel", help="folder of unfinished tables"
    )
    options = parser.parse_args()
    settings = yaml.safe_load(options.config.read_text(encoding="utf-8"))
    tables = keel_tables(say=print_line)
    unknown = sorted(set(options.tables or []) - set(tables))
    if unknown:
        parser.error(f"no table is called {unknown[0]}; known are: {', '.join(tables)}")
    names = sorted(options.tables or tables, key=lambda name: fingerprint({"table": name}))
    chosen = [tables[name] for name in names]  # in no order of size: a study stopped early has some of each
    results = options.out / "results" / "keel.jsonl"
    for task in open_tasks(chosen, options.models, settings, results, options.fits):
        run_task(task, results)
    folds = {name: folds_of(table, settings) for name, table in tables.items()}
    print(write_summary(rows_to_show(results, settings), tables, folds, options.out))


if __name__ == "__main__":
    main()
