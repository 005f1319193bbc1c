"""What retraining a head changed: counts and scores, before and after."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score, log_loss, recall_score
from torch import Tensor

__all__ = ["HeadReport", "HeadScores", "score"]

_WIDTH = 80
_CLASSES = 20  # rows of the table; the others are in the fields
_MEASURES = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss")


@dataclass(frozen=True)
class HeadScores:
    """How good a head is on some rows; higher is better, except for the log loss.

    Attributes:
        accuracy: Share of rows whose class has the largest logit.
        balanced_accuracy: Mean of the recalls of the classes that have rows.
        macro_f1: Mean of the F1 of the classes that have rows.
        log_loss: Mean of -log of the probability of the true class.
        recall: Of each class; None where it has no row.

    >>> HeadScores(0.9, 0.5, 0.47, 0.3, (1.0, 0.0, None)).recall[2] is None
    True
    """

    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    log_loss: float
    recall: tuple[float | None, ...]


def score(logits: Tensor, y: Tensor) -> HeadScores:
    """Scores of logits (n, num_classes) on classes (n,).

    >>> score(torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), torch.tensor([0, 0])).recall
    (0.5, None, None)
    """
    true, given = y.cpu().numpy(), logits.argmax(1).cpu().numpy()
    classes = np.arange(logits.shape[1])
    there = np.unique(true)
    recall = recall_score(true, given, labels=classes, average=None, zero_division=np.nan)
    p = torch.softmax(logits.double(), 1).cpu().numpy()
    return HeadScores(
        accuracy=float(accuracy_score(true, given)),
        balanced_accuracy=float(np.nanmean(recall)),
        macro_f1=float(f1_score(true, given, labels=there, average="macro", zero_division=0)),
        log_loss=float(log_loss(true, p, labels=classes)),
        recall=tuple(None if math.isnan(value) else float(value) for value in recall),
    )


@dataclass(frozen=True)
class HeadReport:
    """What `retrain_head` did. ``str()`` is a table of at most 80 columns.

    Attributes:
        head: Name of the head in ``model.named_modules()``; "" where it is the model itself.
        method: Name of the method, or of the resampler's class.
        before: Scores of the head as it was.
        after: Scores of the head as it is now.
        scored_on: "validation", or "training" where no validation loader was given.
        rows: Rows of each class in the loader.
        rows_trained: Rows of each class in an epoch of the head's training; empty where none was (tau).
        epochs: Epochs of the head's training; 0 where there was none.
        lr: First learning rate; None where there was none.

    >>> scores = score(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    >>> print(HeadReport("fc", "tau", scores, scores, "validation", (9, 1), (), 0, None))
    head 'fc', method tau, no training; scores are of the validation rows.
    <BLANKLINE>
                            before     after
    accuracy                1.0000    1.0000
    balanced accuracy       1.0000    1.0000
    macro f1                1.0000    1.0000
    log loss                0.2201    0.2201
    <BLANKLINE>
    class         rows   an epoch    recall before     after
    0                9          -           1.0000    1.0000
    1                1          -           1.0000    1.0000
    """

    head: str
    method: str
    before: HeadScores
    after: HeadScores
    scored_on: str
    rows: tuple[int, ...]
    rows_trained: tuple[int, ...]
    epochs: int
    lr: float | None

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values; ``json.dumps(..., allow_nan=False)`` takes it."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return plain

    def __str__(self) -> str:
        return "\n".join([*self._title(), "", *self._measures(), "", *self._classes()])

    def _title(self) -> list[str]:
        how = "no training" if self.lr is None else f"{self.epochs} epochs, first learning rate {self.lr:.2g}"
        words = f"head {self.head!r}, method {self.method}, {how}; scores are of the {self.scored_on} rows"
        flatters = ", which flatter the head: give validation= a loader of others." * (
            self.scored_on == "training"
        )
        return textwrap.wrap(words + (flatters or "."), _WIDTH)

    def _measures(self) -> list[str]:
        lines = [f"{'':<20}{'before':>10}{'after':>10}"]
        for name in _MEASURES:
            values = (getattr(scores, name) for scores in (self.before, self.after))
            lines.append(f"{name.replace('_', ' '):<20}" + "".join(f"{value:>10.4f}" for value in values))
        return lines

    def _classes(self) -> list[str]:
        """A line for each class; of many, for the rarest."""
        shown = sorted(np.argsort(self.rows, kind="stable")[:_CLASSES].tolist())
        lines = [f"{'class':<8}{'rows':>10}{'an epoch':>11}{'recall before':>17}{'after':>10}"]
        for c in shown:
            trained = f"{self.rows_trained[c]:,}" if self.rows_trained else "-"
            recalls = _cell(self.before.recall, c).rjust(17) + _cell(self.after.recall, c).rjust(10)
            lines.append(f"{c:<8}{self.rows[c]:>10,}{trained:>11}{recalls}")
        if len(self.rows) > len(shown):
            lines.append(f"These are the {_CLASSES} rarest of {len(self.rows):,} classes; .recall has all.")
        return lines


def _cell(recall: Sequence[float | None], place: int) -> str:
    value = recall[place]
    return "-" if value is None else f"{value:.4f}"
