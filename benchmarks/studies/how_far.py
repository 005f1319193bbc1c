"""How far to balance: PR-AUC, recall and Brier score against the share of the rarer class in training.

    python benchmarks/studies/how_far.py
    python benchmarks/studies/how_far.py --tables digits --models "logistic regression" --out /tmp/smoke

Everything is measured by torchsmote.evaluate.compare, with the settings of configs/how_far.yaml, once with
the probabilities as they come and once with PriorCorrection back to the table's share. What each model gives
on each table is written to results/how_far.jsonl at once, and a study that was stopped goes on where it was.
At the end: results/how_far.csv, the picture, and the tables in how_far.md.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from corrected_models import Corrected, Network
from how_far_summary import NOTHING, write_summary
from keel_tables import keel_tables, one_hot
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from study_files import append_row, fingerprint, read_rows

from torchsmote import fetch_kdd04, load_digits_imbalanced
from torchsmote.evaluate import TorchModel, compare
from torchsmote.progress import print_line

STUDIES = Path(__file__).resolve().parent
CONFIG = STUDIES.parents[1] / "configs" / "how_far.yaml"
METRICS = ("pr_auc", "recall", "precision", "brier")
MODELS = ("logistic regression", "MLP")
_RARE_DIGITS = 8  # from this digit on


class Table(NamedTuple):
    """Rows X (n, d), y 1 for the rarer of two classes, and groups that folds keep whole, or None."""

    X: NDArray[Any]
    y: NDArray[np.int64]
    groups: NDArray[np.int64] | None


def load_table(name: str, settings: Mapping[str, Any]) -> Table:
    """A table by its name in the config."""
    if name == "digits":
        digits = load_digits_imbalanced(10)
        return Table(digits.data, (digits.target >= _RARE_DIGITS).astype(np.int64), None)
    if name == "KDD04":
        whole = fetch_kdd04(say=print_line)
        blocks = np.unique(whole.groups)
        kept = np.random.default_rng(settings["seed"]).choice(blocks, settings["kdd04_blocks"], replace=False)
        rows = np.isin(whole.groups, kept)
        return Table(whole.data[rows], whole.target[rows], whole.groups[rows])
    table = keel_tables(say=print_line)[name]
    return Table(one_hot(table.X), table.y, None)


def build(model: str, settings: Mapping[str, Any], share: float | None) -> Any:
    """A model for ``compare``; with a share, one whose probabilities are corrected to it."""
    arguments = settings[model]
    if model == "MLP":
        network = TorchModel(**arguments)
        return network if share is None else Corrected(Network(network), share)
    plain = LogisticRegression(**arguments)
    return plain if share is None else Corrected(plain, share)


def mark(settings: Mapping[str, Any], model: str) -> str:
    """What tells these runs from those of other settings; the table stands in the line itself."""
    shared = {key: value for key, value in settings.items() if key not in (*MODELS, "tables")}
    return fingerprint({**shared, "model": settings[model]})


def measure(table: Table, model: str, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each method and share, and for nothing; raw and corrected, with the values of all folds."""
    natural = float(table.y.mean())
    for share in (None, natural):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = compare(
                table.X,
                table.y,
                methods=settings["methods"],
                model=build(model, settings, share),
                metrics=METRICS,
                groups=table.groups,
                n_splits=settings["folds"],
                n_repeats=settings["repeats"],
                grid={"sampling_strategy": [share / (1 - share) for share in settings["shares"]]},
                seed=settings["seed"],
                progress=False,
            )
        points = list(product(settings["methods"], settings["shares"]))
        own = [found.methods[0], *found.methods[-len(points) :]]
        for name, (method, reached) in zip(own, [(NOTHING, natural), *points], strict=True):
            fits = [fit for fit in found.fits if fit.method == name]
            yield {
                "method": method,
                "share": reached,
                "corrected": share is not None,
                "scores": {key: [round(fit.scores[key], 6) for fit in fits] for key in METRICS},
                "test_per_train": found.test_per_train,
            }


def run_study(
    tables: Sequence[str],
    models: Sequence[str],
    settings: Mapping[str, Any],
    results: Path,
    load: Callable[[str, Mapping[str, Any]], Table] = load_table,
) -> None:
    """Measure what is missing; lines of a model on a table are written together, when all are there."""
    done = {(row["table"], row["model"], row["settings"]) for row in read_rows(results)}
    for name, model in product(tables, models):
        if (name, model, mark(settings, model)) in done:
            continue
        started = time.perf_counter()
        for row in list(measure(load(name, settings), model, settings)):
            append_row(results, {"table": name, "model": model, **row, "settings": mark(settings, model)})
        print_line(f"{model}, {name}: {time.perf_counter() - started:.1f} s")


def rows_to_show(results: Path, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of the present settings."""
    return [row for row in read_rows(results) if row["settings"] == mark(settings, row["model"])]


def main() -> None:
    """Run what is missing, then summarise all that is there."""
    settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tables", nargs="+", choices=settings["tables"], default=settings["tables"])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--out", type=Path, default=STUDIES, help="folder of how_far.md and results/")
    options = parser.parse_args()
    results = options.out / "results" / "how_far.jsonl"
    run_study(options.tables, options.models, settings, results)
    print(write_summary(rows_to_show(results, settings), options.out))


if __name__ == "__main__":
    main()
