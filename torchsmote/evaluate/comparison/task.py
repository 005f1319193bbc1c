"""The task of a comparison: a table, its classes and its groups, checked before any work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...table_columns import values_of
from ...targets import encode
from ..features import Features, read_features

__all__ = ["Task", "read_task"]


@dataclass(frozen=True, eq=False)
class Task:
    """What is learned.

    Attributes:
        features: All rows.
        y: Class position of each row, int64, shape (n,).
        labels: The classes as plain Python values, sorted.
        groups: Position of each row's group among the sorted groups, int64, shape (n,); None: no groups.
    """

    features: Features
    y: NDArray[np.int64]
    labels: tuple[Any, ...]
    groups: NDArray[np.int64] | None

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels as text."""
        return tuple(map(str, self.labels))

    @property
    def counts(self) -> tuple[int, ...]:
        """Rows of each class."""
        return tuple(np.bincount(self.y, minlength=len(self.labels)).tolist())

    @property
    def rarer(self) -> int | None:
        """Position of the rarer of two classes, of equals the second; None where there are more."""
        if len(self.labels) != 2:
            return None
        first, second = self.counts
        return 0 if first < second else 1


def read_task(X: Any, y: Any, groups: Any = None) -> Task:
    """Read and check a table, its labels and its groups.

    Args:
        X: As `read_features` takes it.
        y: Labels, shape (n,), of any dtype.
        groups: Group of each row, shape (n,), of any dtype; None: every row on its own.

    Raises:
        ValueError: If lengths differ, `y` has one class, or a value is missing or infinite.
        TypeError: If a column is neither of numbers nor of categories.
    """
    features = read_features(X)
    targets = encode(y)
    _check_length("y", len(targets.codes), len(features))
    _check_complete(features)
    codes = targets.codes.astype(np.int64, copy=False)
    own = None if groups is None else _read_groups(groups, len(features))
    return Task(features, codes, tuple(targets.keys), own)


def _check_length(name: str, found: int, n: int) -> None:
    if found != n:
        raise ValueError(
            f"`{name}` has {found:,} rows, but `X` has {n:,}; give one value for each row of `X`"
        )


def _check_complete(features: Features) -> None:
    """Scalers, neighbours and most models need every value; filling in is the user's decision."""
    remedy = "impute it (scikit-learn's SimpleImputer), or drop such rows or the column"
    bad = ~np.isfinite(features.numbers)
    if bad.any():
        row, place = (int(found) for found in np.argwhere(bad)[0])
        raise ValueError(
            f"`X` has {features.numbers[row, place]} in row {row}, {_named(features.number_names[place])}; "
            f"{remedy}"
        )
    missing = features.codes < 0
    if missing.any():
        row, place = (int(found) for found in np.argwhere(missing)[0])
        raise ValueError(
            f"`X` has a missing category in row {row}, {_named(features.code_names[place])}; {remedy}"
        )


def _named(column: str) -> str:
    return column if column.startswith("column ") else f"column {column!r}"


def _read_groups(groups: Any, n: int) -> NDArray[np.int64]:
    values = values_of(groups)
    if values.ndim != 1:
        raise ValueError(f"`groups` must have one axis, one group a row, but has shape {values.shape}")
    _check_length("groups", len(values), n)
    missing = np.flatnonzero(_missing(values))
    if len(missing):
        raise ValueError(
            f"`groups` has a missing value in row {missing[0]}; give it a group, if need be of its own"
        )
    values = _as_text(values) if values.dtype == object else values
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def _missing(values: NDArray[Any]) -> Any:
    if values.dtype == object:
        return [value is None or value != value for value in values.tolist()]
    return values != values  # NaN, and NaT


def _as_text(values: NDArray[Any]) -> NDArray[np.str_]:
    """Values of several types have no order; those that are equal, such as 1 and 1.0, are one group."""
    texts: dict[Any, str] = {}
    try:
        return np.array([texts.setdefault(value, str(value)) for value in values.tolist()])
    except TypeError as error:
        raise TypeError(f"`groups` must hold numbers or texts: {error}") from error
