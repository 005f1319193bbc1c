"""What each way to retrain a head is worth on long-tailed digits.

    python benchmarks/bench_heads.py [--seeds 5]

A network with layers of 64 and 32 is trained for 60 epochs on digits with an imbalance ratio of 50, then its
head is retrained by each method, from the same network. Scores are of all digits that were left out, which
are nearly balanced; "accuracy at the shares of training" weighs their recalls by the class shares of
training. One thread, a minute.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import warnings
from typing import Any

import numpy as np
import torch
from common import digits_left_out, machine_info, write_result
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from torchsmote import (
    FewSamplesWarning,
    GaussianSMOTE,
    HeadReport,
    HeadScores,
    RandomOverSampler,
    load_digits_imbalanced,
    retrain_head,
    train_decoupled,
)

METHODS: dict[str, dict[str, Any]] = {
    "crt": {"method": "crt"},
    "lws": {"method": "lws"},
    "tau 0.5": {"method": "tau", "tau": 0.5},
    "tau 1": {"method": "tau"},
    "smote": {"method": "smote"},
    "eos": {"method": "eos"},
    "RandomOverSampler": {"method": RandomOverSampler()},
    "GaussianSMOTE": {"method": GaussianSMOTE(few_samples="shrink")},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", FewSamplesWarning)  # the rarest digit has 3 rows
    found: dict[str, list[dict[str, float]]] = {}
    for seed in range(seeds):
        for name, scores in of_one_seed(seed).items():
            found.setdefault(name, []).append(scores)
    rows = {}
    for name, scores in found.items():
        mean = {measure: statistics.mean(one[measure] for one in scores) for measure in scores[0]}
        gains = [
            one["balanced_accuracy"] - found["before"][i]["balanced_accuracy"] for i, one in enumerate(scores)
        ]
        rows[name] = {**mean, "least_gain_of_balanced_accuracy": min(gains)}
        print(f"{name:18}", {measure: round(value, 3) for measure, value in rows[name].items()})
    write_result("heads", {"machine": machine_info(), "setting": {"seeds": seeds}, "rows": rows})


def of_one_seed(seed: int) -> dict[str, dict[str, float]]:
    """Scores before and after each method."""
    train, held = loaders(seed)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    first = copy.deepcopy(model)
    # At this rate the third phase leaves the head as it is.
    train_decoupled(first, train, epochs=60, lr=3e-3, method="lws", head_lr=1e-9, seed=seed, progress=False)
    reports: dict[str, HeadReport] = {}
    for name, options in METHODS.items():
        again = copy.deepcopy(first)
        reports[name] = retrain_head(again, train, validation=held, seed=seed, progress=False, **options)
    plain = {"before": measures(reports["crt"].before, reports["crt"])}
    return plain | {name: measures(report.after, report) for name, report in reports.items()}


def measures(scores: HeadScores, report: HeadReport) -> dict[str, float]:
    shares = np.array(report.rows) / sum(report.rows)
    return {
        "balanced_accuracy": scores.balanced_accuracy,
        "accuracy": scores.accuracy,
        "macro_f1": scores.macro_f1,
        "log_loss": scores.log_loss,
        "accuracy_at_the_shares_of_training": float(shares @ np.array(scores.recall)),
    }


def loaders(seed: int) -> tuple[DataLoader, DataLoader]:
    """The long-tailed digits, and all that are not among them."""
    tail = load_digits_imbalanced(50, seed=seed)

    def loader(X: np.ndarray, y: np.ndarray, shuffle: bool) -> DataLoader:
        rows = TensorDataset(torch.tensor(X / 16), torch.tensor(y))
        return DataLoader(rows, batch_size=64, shuffle=shuffle)

    return loader(tail.data, tail.target, True), loader(*digits_left_out(tail.data), False)


if __name__ == "__main__":
    main()
