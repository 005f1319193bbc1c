"""The ways to train on a fold: as it is, weighted, resampled, or with decisions tuned inside it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...exceptions import FewSamplesWarning
from ...isolation import own_randomness
from ..calibration.aims import TUNABLE
from ..calibration.decision import Decision, tune_decision
from .contender import Predictions, Split
from .inner_folds import inner_splits
from .models import Assignment, Model
from .one_thread import one_thread
from .preparation import Preparation, prepare
from .seeds import seeded_clone

__all__ = ["Plain", "TunedThreshold"]

_ROUNDING = 1e-3  # of float16 probabilities, of many classes


@dataclass(frozen=True, eq=False)
class Plain:
    """Scale by the training part, resample it, train, predict the test part.

    Attributes:
        name: For messages.
        model: What is trained.
        classes: Labels in the order of their positions: those that a resampler sees.
        resampler: None: the training part as it is.
        balanced: Whether classes weigh the same in the model's loss.
    """

    name: str
    model: Model
    classes: NDArray[Any]
    resampler: Any = None
    balanced: bool = False

    def __call__(self, split: Split, metrics: tuple[str, ...], keep_rows: bool = False) -> Predictions:
        """Run it; see ``Training``.

        Raises:
            ValueError: If the resampler cannot work on this training part.
        """
        with one_thread(), own_randomness(split.seed, None):
            preparation = prepare(split.train)
            real = preparation.scaled(split.train)
            rows, y = (real, split.y) if self.resampler is None else self._resampled(real, split)
            train, test = (preparation.encoded(part) for part in (rows, preparation.scaled(split.test)))
            probabilities = self.model.probabilities(
                Assignment(train, y, test, split.n_classes, split.seed, self.balanced)
            )
        probabilities = _checked(probabilities, self.model)
        made = _made(preparation, real, split.y, rows, y) if keep_rows and rows is not real else None
        default = Decision(None) if split.rarer is None else Decision(0.5, split.rarer)
        decided = {"": default.decide(probabilities)}
        return Predictions(probabilities, decided, default.threshold, len(y), made)

    def _resampled(self, rows: NDArray[Any], split: Split) -> tuple[NDArray[Any], NDArray[np.int64]]:
        try:
            own = seeded_clone(self.resampler, split.seed)
            found, labels = own.fit_resample(rows, self.classes[split.y])
        except (ValueError, RuntimeError) as error:
            counts = np.bincount(split.y, minlength=split.n_classes).tolist()
            raise ValueError(
                f"{self.name} cannot resample a training part with {counts} rows of its classes: {error} "
                "(change its arguments, leave it out of `methods`, or take more folds: training parts grow)"
            ) from error
        y = np.searchsorted(self.classes, np.asarray(labels)).astype(np.int64, copy=False)
        found = np.asarray(found, dtype=rows.dtype)
        if found.shape != (len(y), rows.shape[1]):
            raise ValueError(
                f"{self.name} made a table of shape {found.shape} with {len(y)} labels; a resampler keeps "
                f"the {rows.shape[1]} columns"
            )
        if len(np.unique(y)) < 2:
            raise ValueError(f"{self.name} left rows of one class only; leave it out of `methods`")
        return found, y


@dataclass(frozen=True, eq=False)
class TunedThreshold:
    """Decide by thresholds tuned on predictions for rows of the training part that were held out in turn.

    The model that decides is trained on the whole training part, and is that of ``plain``.

    Attributes:
        plain: How to train.
        n_folds: Inner folds; fewer where a class has fewer rows, or groups.
    """

    plain: Plain
    n_folds: int = 3

    def __call__(self, split: Split, metrics: tuple[str, ...], keep_rows: bool = False) -> Predictions:
        """Run it; see ``Training``. ``decisions[""]`` is the one tuned for F1."""
        predictions = self.plain(split, metrics, keep_rows)
        inner = inner_splits(split, self.n_folds)
        if not inner:
            warnings.warn(
                "no threshold was tuned on a training part that has a class with too few rows, or groups, to "
                "hold some out and train on the others; take more folds (training parts grow) or collect "
                "more rows",
                FewSamplesWarning,
                stacklevel=2,
            )
            return predictions
        held = np.concatenate([rows for _, rows in inner])
        known = np.concatenate([self.plain(part, metrics).probabilities for part, _ in inner])
        decisions = {
            metric: tune_decision(metric, split.y[held], known, split.rarer)
            for metric in TUNABLE
            if metric == "f1" or metric in metrics
        }
        decided = {
            metric: decision.decide(predictions.probabilities) for metric, decision in decisions.items()
        }
        threshold = decisions["f1"].threshold
        return replace(predictions, decisions={"": decided["f1"], **decided}, threshold=threshold)


def _checked(probabilities: NDArray[np.float64], model: Model) -> NDArray[np.float64]:
    """Probabilities between 0 and 1, where rounding may have led beyond."""
    if not np.isfinite(probabilities).all():
        raise ValueError(
            f"the model {model.text} gave probabilities that are NaN or inf; lower the learning rate of a "
            "network"
        )
    off = max(-probabilities.min(), np.abs(probabilities.sum(1) - 1).max())
    if off > _ROUNDING:
        raise ValueError(
            f"the model {model.text} must give probabilities between 0 and 1 that sum to 1 in each row, but "
            f"one is off by {off:.3g}"
        )
    return probabilities.clip(0, 1)


def _made(
    preparation: Preparation,
    real: NDArray[Any],
    real_y: NDArray[np.int64],
    rows: NDArray[Any],
    y: NDArray[np.int64],
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[Any], NDArray[np.int64]] | None:
    """Real rows and those that are none of them, as the model sees them; None where none was made.

    By content, so that it holds for any resampler: repeated rows are real ones.
    """
    new = ~np.isin(_as_items(rows), _as_items(real))
    if not new.any():
        return None
    return preparation.encoded(real), real_y, preparation.encoded(rows[new]), y[new]


def _as_items(rows: NDArray[Any]) -> NDArray[Any]:
    """Each row as one item that can be compared as a whole."""
    whole = np.ascontiguousarray(rows) + 0.0  # -0.0 and 0.0 differ in their bytes
    return whole.view(np.dtype((np.void, whole.dtype.itemsize * whole.shape[1])))[:, 0]
