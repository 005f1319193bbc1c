"""What is kept of one training in a comparison: plain values that a line of JSON holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..metrics.curves import ClassCurves
from ..picture import Picture

__all__ = ["Fit", "Outcome"]


@dataclass(frozen=True)
class Fit:
    """One method trained on the training part of one fold, and judged on its test part.

    Attributes:
        method: Its name in the comparison.
        repeat: Which repetition of the cross-validation, from 0.
        fold: Which fold of it, from 0.
        scores: Metric -> value.
        per_class: "precision", "recall" and "f1" -> one value a class, in the order of the classes.
        confusion: Rows by [true class][predicted class], in the order of the classes.
        curves: Class position -> its curves; of a binary task the rarer class alone.
        threshold: From which probability the rarer class is predicted; None in tasks of more classes.
        n_train: Rows it was trained on, after resampling.
        seconds: From the training rows to the predictions.
    """

    method: str
    repeat: int
    fold: int
    scores: Mapping[str, float]
    per_class: Mapping[str, list[float]]
    confusion: list[list[int]]
    curves: Mapping[int, ClassCurves]
    threshold: float | None
    n_train: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """A fit with what came along with it.

    Attributes:
        fit: What was measured.
        warnings: Text of each warning -> how often.
        picture: Real and synthetic rows of the training part, where one was asked for and rows were made.
    """

    fit: Fit
    warnings: Mapping[str, int]
    picture: Picture | None

    def to_dict(self) -> dict[str, Any]:
        """As values that JSON holds."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Outcome:
        """The outcome whose `to_dict`, through JSON, is ``values``; floats come back to the last bit.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is too much.
        """
        fit, picture = dict(values["fit"]), values["picture"]
        curves = {int(position): ClassCurves(**own) for position, own in fit.pop("curves").items()}
        if picture is not None:
            picture = Picture(**{**picture, "explained": tuple(picture["explained"])})
        return cls(Fit(**fit, curves=curves), values["warnings"], picture)
