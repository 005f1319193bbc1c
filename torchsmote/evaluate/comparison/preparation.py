"""From a table's columns to rows for a resampler and for a model, with scales of the training part alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ..features import Features

__all__ = ["Preparation", "encoded_width", "prepare"]

_MOST_CATEGORIES = 1000


@dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to every part of a fold.

    Attributes:
        scaler: Fitted on the numbers of the training part; None where the table has none.
        constant: Which of the numbers are constant in the training part, bool.
        encoder: Of codes to one column a category; None where the table has no categories.
        numerical: Positions of the columns of numbers.
        categorical: Positions of the columns of categories.
    """

    scaler: StandardScaler | None
    constant: NDArray[np.bool_]
    encoder: OneHotEncoder | None
    numerical: list[int]
    categorical: list[int]

    def scaled(self, part: Features) -> NDArray[Any]:
        """Rows as a resampler sees them, shape (n, d): columns in the table's order, categories as codes."""
        numbers = part.numbers
        if self.scaler is not None:
            numbers = self.scaler.transform(numbers)
            numbers[:, self.constant] = 0  # in test parts, too: there is no scale for what they have
        if self.encoder is None:
            return np.ascontiguousarray(numbers)
        rows = np.empty((len(part), len(part.names)), dtype=numbers.dtype)
        rows[:, self.numerical] = numbers
        rows[:, self.categorical] = part.codes
        return rows

    def encoded(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Rows as a model sees them: numbers first, then the categories one-hot."""
        if self.encoder is None:
            return rows
        one_hot = self.encoder.transform(rows[:, self.categorical].astype(np.int64))
        return np.hstack([rows[:, self.numerical], one_hot.astype(rows.dtype)])


def prepare(train: Features) -> Preparation:
    """Learn the scales of a training part; a column that is constant there becomes 0 everywhere.

    Every category of the table gets its column, also one that is missing from this part: so a model has the
    same width on every fold.

    Raises:
        ValueError: If a column has no finite variance.
    """
    scaler = _scaler(train) if train.numbers.shape[1] else None
    encoder = None
    if train.categorical:
        known = [np.arange(count) for count in train.n_categories]
        encoder = OneHotEncoder(categories=known, sparse_output=False).fit(train.codes)
    constant = np.ptp(train.numbers, axis=0) == 0
    return Preparation(scaler, constant, encoder, list(train.numerical), list(train.categorical))


def _scaler(train: Features) -> StandardScaler:
    with np.errstate(over="ignore", invalid="ignore"):
        scaler = StandardScaler().fit(train.numbers)
    finite = np.isfinite(scaler.scale_)
    if not finite.all():
        name = train.number_names[int(finite.argmin())]
        raise ValueError(f"`X`: the squares of column {name!r} are beyond float64; take its logarithm")
    return scaler


def encoded_width(features: Features) -> int:
    """Columns that a model sees.

    Raises:
        ValueError: If categories alone would be thousands of them, as names and identifiers are.
    """
    for name, count in zip(features.code_names, features.n_categories, strict=True):
        if count > _MOST_CATEGORIES:
            raise ValueError(
                f"`X`: column {name!r} has {count:,} different values, more than the "
                f"{_MOST_CATEGORIES:,} that become one column each for a model; drop it, or group its values"
            )
    return int(features.numbers.shape[1] + sum(features.n_categories))
