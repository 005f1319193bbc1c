"""KDD Cup 2004: SMOTE in the training loop against SMOTE once on the table, repeated rows, and nothing.

    python benchmarks/studies/kdd04_doors.py
    python benchmarks/studies/kdd04_doors.py --shares 0.1 --seeds 2 --steps 50 --out /tmp/smoke

Network, steps, optimiser, splits and seeds are those of the demo (configs/kdd04.yaml); each method runs at
every share of rare rows. Each training is one line of results/kdd04_doors.jsonl, and a study that was stopped
goes on where it was, method by method. At the end: results/kdd04_doors.csv, and the tables in kdd04_doors.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch
from study_files import append_row, fingerprint, read_rows, write_csv, write_tables

from torchsmote import SMOTE
from torchsmote.evaluate.differences import Difference, paired_difference
from torchsmote.evaluate.networks.batches import shuffled_batches
from torchsmote.experiment import METHODS, Part, Plan, Settings, TabularMLP, read_settings
from torchsmote.experiment.runs import run_methods
from torchsmote.experiment.scores import METRICS
from torchsmote.experiment.summary import TEST_PER_TRAIN
from torchsmote.experiment.tables import load_table
from torchsmote.progress import print_line
from torchsmote.threads import torch_threads

STUDIES = Path(__file__).resolve().parent
CONFIG = STUDIES.parents[1] / "configs" / "kdd04.yaml"
START = "<!-- tables: written by kdd04_doors.py -->"
AS_IS, RANDOM, TABLE, LOOP = "as is", "random over-sampling", "SMOTE.fit_resample", "SMOTEDataset"
PAIRS = ((RANDOM, AS_IS), (TABLE, AS_IS), (LOOP, AS_IS), (LOOP, TABLE), (LOOP, RANDOM))
_HEADS = {
    "pr_auc": "PR-AUC",
    "roc_auc": "ROC-AUC",
    "f1": "F1",
    "balanced_accuracy": "balanced accuracy",
    "recall_at_1pct_fpr": "recall at 1 % FPR",
    "brier": "Brier x1000",
}

Rows = Sequence[Mapping[str, Any]]


def smote_table(train: Part, settings: Settings, seed: int) -> Plan:
    """SMOTE on the table, once: every epoch reads the same synthetic rows."""
    smote = SMOTE(
        sampling_strategy=settings.sampling_strategy, k_neighbors=settings.k_neighbors, random_state=seed
    )
    X, y = smote.fit_resample(train.X, train.y)
    network = TabularMLP(train.X.shape[1], settings.hidden, seed=seed)
    return Plan(shuffled_batches(X, y, settings.batch_size, seed), network)


DOORS = {AS_IS: METHODS[AS_IS], RANDOM: METHODS[RANDOM], TABLE: smote_table, LOOP: METHODS[LOOP]}


def cases_of(settings: Settings, shares: Sequence[float]) -> list[Settings]:
    """One method each; training as is knows no share and is run once, at the first."""
    return [
        replace(settings, methods=(name,), sampling_strategy=share)
        for share in shares
        for name in DOORS
        if name != AS_IS or share == shares[0]
    ]


def mark(settings: Settings) -> str:
    """What tells these runs from others; share, method and seeds stand in the line itself."""
    named = ("methods", "sampling_strategy", "seeds", "first_seed", "out", "data_home", "threads")
    return fingerprint({key: value for key, value in asdict(settings).items() if key not in named})


def run_case(table: Bunch, case: Settings, results: Path) -> None:
    """Train one method on every seed, and write a line for each."""
    with torch_threads(case.threads):
        for result in run_methods(table, case, DOORS, progress=False):
            share = None if result.method == AS_IS else case.sampling_strategy
            append_row(results, {"share": share, **result.row(), "settings": mark(case)})
    print_line(
        f"{case.methods[0]}, {case.sampling_strategy:g} rare rows per common row: {case.seeds} seeds done"
    )


def is_open(case: Settings, rows: Rows) -> bool:
    """Whether a seed of it has no line yet."""
    own = rows_of(rows, case.methods[0], case.sampling_strategy)
    return not set(case.all_seeds) <= {row["seed"] for row in own}


def rows_of(rows: Rows, method: str, share: float) -> list[Mapping[str, Any]]:
    """The lines of a method at a share, by seed; training as is belongs to all shares."""
    own = {row["seed"]: row for row in rows if row["method"] == method and row["share"] in (None, share)}
    return [own[seed] for seed in sorted(own)]


def difference(rows: Rows, share: float, method: str, opponent: str, metric: str) -> Difference:
    """Of a metric, paired by seed, corrected for training parts that overlap."""
    pair = (rows_of(rows, name, share) for name in (method, opponent))
    return paired_difference(*([row[metric] for row in own] for own in pair), test_per_train=TEST_PER_TRAIN)


def summarize(rows: Rows, shares: Sequence[float]) -> list[dict[str, Any]]:
    """One row for each share, method and metric: mean and spread over seeds."""
    table = []
    for share in shares:
        for method in DOORS:
            own = rows_of(rows, method, share)
            for metric in METRICS:
                values = [row[metric] for row in own]
                mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
                found = {"mean": round(mean, 6), "spread": round(spread, 6), "seeds": len(own)}
                table.append({"share": share, "method": method, "metric": metric, **found})
    return table


def tables(rows: Rows, shares: Sequence[float]) -> str:
    """Means and differences of every share, as Markdown."""
    return "\n\n".join(_share_tables(rows, share) for share in shares)


def _share_tables(rows: Rows, share: float) -> str:
    seeds = len(rows_of(rows, AS_IS, share))
    lines = [f"### {share:g} rare rows per common row ({seeds} seeds)", ""]
    lines += ["| method | " + " | ".join(_HEADS.values()) + " |", "|---" + "|---:" * 6 + "|"]
    for method in DOORS:
        own = rows_of(rows, method, share)
        cells = [_number(float(np.mean([row[metric] for row in own])), metric) for metric in _HEADS]
        lines.append(f"| {method} | {' | '.join(cells)} |")
    lines += ["", "| difference | " + " | ".join(_HEADS.values()) + " |", "|---" + "|---:" * 6 + "|"]
    for method, opponent in PAIRS:
        found = ((difference(rows, share, method, opponent, metric), metric) for metric in _HEADS)
        lines.append(f"| {method} minus {opponent} | {' | '.join(_interval(*each) for each in found)} |")
    return "\n".join(lines)


def _number(value: float, metric: str, sign: str = "") -> str:
    return f"{1000 * value:{sign}.2f}" if metric == "brier" else f"{value:{sign}.3f}"


def _interval(found: Difference, metric: str) -> str:
    mean, low, high = (_number(value, metric, "+") for value in (found.mean, found.low, found.high))
    text = f"{mean} ({low} … {high})"
    return f"**{text}**" if found.side else text


def main() -> None:
    """Run what is missing, then write the table and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--shares", nargs="+", type=float, default=[0.1, 1.0], help="rare rows per common row"
    )
    parser.add_argument("--seeds", type=int, default=5, help="how many, from 0")
    parser.add_argument("--steps", type=int, help="of every training, in place of the config's, to try it")
    parser.add_argument("--out", type=Path, default=STUDIES, help="folder of kdd04_doors.md and results/")
    options = parser.parse_args()
    settings, _ = read_settings([f"--config={CONFIG}", f"--seeds={options.seeds}"])
    settings = settings if options.steps is None else replace(settings, steps=options.steps)
    results = options.out / "results" / "kdd04_doors.jsonl"
    table = load_table(settings, print_line)
    own = [row for row in read_rows(results) if row["settings"] == mark(settings)]
    for case in cases_of(settings, options.shares):
        if is_open(case, own):
            run_case(table, case, results)
    own = [row for row in read_rows(results) if row["settings"] == mark(settings)]
    write_csv(options.out / "results" / "kdd04_doors.csv", summarize(own, options.shares))
    text = tables(own, options.shares)
    write_tables(options.out / "kdd04_doors.md", START, text)
    print(text)


if __name__ == "__main__":
    main()
