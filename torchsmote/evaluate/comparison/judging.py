"""From what a contender predicts on a test part to the values that are kept of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..metrics import class_curves, confusion, per_class, score
from ..picture import Picture, project
from .contender import Predictions
from .fits import Fit
from .folds import Fold
from .task import Task

__all__ = ["judge", "picture_of"]


def judge(
    method: str, task: Task, fold: Fold, predictions: Predictions, metrics: Sequence[str], seconds: float
) -> Fit:
    """Score predictions of a test part.

    Args:
        method: Name of the contender.
        task: All rows.
        fold: Which of them are the test part.
        predictions: Of those, in their order.
        metrics: Names.
        seconds: What they took.
    """
    y, n_classes = task.y[fold.test], len(task.classes)
    p, decided = predictions.probabilities, predictions.decisions
    shown = range(n_classes) if task.rarer is None else (task.rarer,)
    return Fit(
        method=method,
        repeat=fold.repeat,
        fold=fold.fold,
        scores=score(y, decided, p, tuple(metrics), task.rarer),
        per_class=per_class(y, decided[""], n_classes),
        confusion=confusion(y, decided[""], n_classes),
        curves={position: class_curves(y == position, p[:, position]) for position in shown},
        threshold=predictions.threshold,
        n_train=predictions.n_train,
        seconds=seconds,
    )


def picture_of(method: str, task: Task, predictions: Predictions) -> Picture | None:
    """Real and synthetic rows of a training part; None where none were made."""
    if predictions.synthetic is None:
        return None
    real, codes, made, made_codes = predictions.synthetic
    if not len(made) or not real.shape[1]:
        return None
    names = task.classes
    return project(method, real, [names[code] for code in codes], made, [names[code] for code in made_codes])
