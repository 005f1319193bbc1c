"""Probabilities after SMOTE: what becomes of them, PriorCorrection, and a threshold from what errors cost.

    python examples/calibrate.py
    python examples/calibrate.py --data digits --out reliability.png

It fits logistic regression on KDD Cup 2004 (145,751 x 74, downloaded once; without network on the digits), as
the table is and with SMOTE up to balance. For each way to treat the probabilities it prints, on test rows,
Brier score and calibration error, the mean probability (beside the true share), PR-AUC, and what the errors
cost where a missed positive costs 20 false alarms; then the reliability before and after, also as a picture.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss
from torch import Tensor

from torchsmote import SMOTE, PriorCorrection, threshold_for
from torchsmote.cli import exit_status
from torchsmote.evaluate import plot_reliability, reliability_curve
from torchsmote.experiment import PRESETS, Part
from torchsmote.experiment.tables import Parts, load_table, split_table
from torchsmote.progress import print_line

COST = [[0, 1], [20, 0]]  # cost[true][predicted]
Floats = NDArray[np.float64]


def load(data: str) -> Parts:
    """Training, validation and test part, standardised; of the digits where KDD04 cannot be fetched."""
    try:
        table = load_table(PRESETS[data], print_line)
    except ConnectionError as error:
        print(f"No KDD04: {error}.\nThe digits instead.\n")
        table = load_table(PRESETS["digits"])
    return split_table(table, seed=0)


def treat(parts: Parts) -> dict[str, Floats]:
    """Log-odds of the test rows, by how they were made: so large that their probabilities would tie at 1."""
    X, y = parts.train
    X_more, y_more = SMOTE(random_state=0).fit_resample(X, y)
    correction = PriorCorrection.from_labels(y_more, y)
    print(f"{len(y):,} training rows, {int(y.sum()):,} positive; with SMOTE {len(y_more):,}; {correction}")
    plain, smote = fit(X, y), fit(X_more, y_more)
    test, held_out = scores(smote, parts.test), scores(smote, parts.validation)
    platt = LogisticRegression(C=np.inf).fit(held_out[:, None], parts.validation.y.numpy())
    return {
        "as is": scores(plain, parts.test),
        "SMOTE": test,
        "SMOTE, PriorCorrection": correction(torch.from_numpy(test)).numpy(),
        "SMOTE, Platt on validation": platt.decision_function(test[:, None]),
    }


def fit(X: Tensor, y: Tensor) -> LogisticRegression:
    """Logistic regression."""
    return LogisticRegression(C=0.1, max_iter=1000).fit(X.numpy(), y.numpy())


def scores(model: LogisticRegression, part: Part) -> Floats:
    """Log-odds of the positive class."""
    return model.decision_function(part.X.numpy()).astype(np.float64)


def main() -> int:
    """Fit, print the table and the curves, and draw them."""
    parser = argparse.ArgumentParser(description="Probabilities after SMOTE, before and after correction.")
    parser.add_argument("--data", choices=("kdd04", "digits"), default="kdd04")
    parser.add_argument("--out", type=Path, default=Path("reliability.png"), help="the picture")
    words = parser.parse_args()
    parts = load(words.data)
    y, logits = parts.test.y.numpy(), treat(parts)
    curves = {name: reliability_curve(y, expit(z)) for name, z in logits.items()}
    threshold = threshold_for(COST)
    print(f"{len(y):,} test rows, {y.mean():.4f} positive; costs {COST}: positive from p = {threshold:.4f}")
    print(f"\n{'':26} {'Brier':>8} {'ECE':>8} {'mean p':>8} {'PR-AUC':>8} {'cost':>8}")
    for name, z in logits.items():
        p = expit(z)
        brier, area = brier_score_loss(y, p), average_precision_score(y, z)
        cost = np.array(COST)[y, (p >= threshold).astype(int)].sum()
        print(f"{name:26} {brier:8.5f} {curves[name].ece:8.5f} {p.mean():8.5f} {area:8.4f} {cost:8,}")
    shown = {name: curves[name] for name in ("SMOTE", "SMOTE, PriorCorrection")}
    for name, curve in shown.items():
        print(f"\n{name}\n{curve}")
    plot_reliability(shown, title="Logistic regression after SMOTE").savefig(words.out, dpi=150)
    print(f"\nOne split with {int(y.sum()):,} positive test rows proves little. Written: {words.out}")
    return 0


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.exit(exit_status("python examples/calibrate.py", main))
