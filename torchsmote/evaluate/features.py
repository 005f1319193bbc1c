"""A table as an evaluation needs it: its numbers, its categories as codes, and the columns' names."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from numbers import Complex, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from ..table_columns import column_of, float_values, values_of
from ..table_reading import check_shape

__all__ = ["Features", "read_features"]

_REMEDY = "convert it to numbers, or to text where it holds categories"
_NEITHER = (Complex, datetime.date, datetime.time, datetime.timedelta)  # complex: of what is no real number


@dataclass(frozen=True, eq=False)
class Features:
    """The columns of a table, numbers apart from categories; NaN and missing values are kept.

    Attributes:
        numbers: float32 or float64, shape (n, d_numbers); may share memory with the table.
        codes: Position of each value among the column's sorted distinct ones, int64, shape (n, d_categories);
            -1: missing.
        n_categories: Distinct values of each column of ``codes``.
        names: Of all columns, in the table's order; "column 3" where the table has no names.
        categorical: Positions of the categorical columns in the table.
    """

    numbers: NDArray[Any]
    codes: NDArray[np.int64]
    n_categories: tuple[int, ...]
    names: tuple[str, ...]
    categorical: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def numerical(self) -> tuple[int, ...]:
        """Positions of the columns of numbers in the table."""
        categorical = set(self.categorical)
        return tuple(place for place in range(len(self.names)) if place not in categorical)

    @property
    def number_names(self) -> tuple[str, ...]:
        """Names of the columns of ``numbers``."""
        return tuple(self.names[place] for place in self.numerical)

    @property
    def code_names(self) -> tuple[str, ...]:
        """Names of the columns of ``codes``."""
        return tuple(self.names[place] for place in self.categorical)

    def take(self, rows: NDArray[np.int64]) -> Features:
        """Some of the rows, in that order."""
        return Features(self.numbers[rows], self.codes[rows], self.n_categories, self.names, self.categorical)


def read_features(X: Any) -> Features:
    """Read a table of any kind; columns of text, bools, objects and pandas categories are categorical.

    Columns of objects that are all numbers, or missing, are numbers, whatever Python or numpy type each has:
    so a list of rows, or an array of objects, may hold both.

    Args:
        X: Tensor, array, list of rows, pandas or polars frame, or scipy sparse table, shape (n, ...);
            axes after the second are flattened. It is not changed.

    Raises:
        ValueError: If it is empty, has one axis, or has masked values.
        TypeError: If a column is of a kind that is neither numbers nor categories, such as dates, or it is no
            table.
    """
    if isinstance(X, Tensor):
        if X.is_meta:
            raise TypeError("`X` is a tensor on the meta device, which has no values")
        X = values_of(X.to_dense())
    elif sparse.issparse(X):
        X = X.toarray()
    elif not hasattr(type(X), "columns"):  # of the type: a lazy frame would look its columns up
        X = _array_of(X)
    elif not isinstance(getattr(X, "shape", None), tuple):
        raise TypeError(f"`X` must be a table in memory, got a {type(X).__name__}; collect it first")
    check_shape(tuple(X.shape))
    rows = X.reshape(len(X), -1) if isinstance(X, np.ndarray) else X
    if isinstance(rows, np.ndarray) and rows.dtype.kind in "fiu":
        numbers = rows if rows.dtype in (np.float32, np.float64) else rows.astype(np.float64)
        names = tuple(f"column {place}" for place in range(rows.shape[1]))
        return Features(numbers, np.empty((len(X), 0), np.int64), (), names, ())
    return _by_column(rows)


def _array_of(X: Any) -> NDArray[Any]:
    if np.ma.is_masked(X):
        raise ValueError("`X` has masked values; give X.filled(np.nan), so that they count as missing")
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"`X` must be a table whose rows have the same length: {error}") from error
    if not array.ndim:
        raise TypeError(
            "`X` must be a table (array, tensor, list of rows, data frame or scipy sparse table), got "
            f"{type(X).__name__}"
        )
    # Of rows of numbers and text numpy makes text.
    return np.asarray(X, dtype=object) if array.dtype.kind in "US" and array is not X else array


def _by_column(X: Any) -> Features:
    names = tuple(str(name) for name in getattr(X, "columns", map("column {}".format, range(X.shape[1]))))
    numbers, codes, sizes, categorical = [], [], [], []
    for place, name in enumerate(names):
        column = column_of(X, place)
        if _is_categorical(column, name):
            own, size = _codes(column, name)
            codes.append(own)
            sizes.append(size)
            categorical.append(place)
        else:
            numbers.append(float_values(column, repr(name), _REMEDY)[0])
    n = X.shape[0]
    return Features(
        np.column_stack(numbers) if numbers else np.empty((n, 0)),
        np.column_stack(codes) if codes else np.empty((n, 0), np.int64),
        tuple(sizes),
        names,
        tuple(categorical),
    )


def _is_categorical(column: Any, name: str) -> bool:
    """By the column's own dtype, since nullable numbers would come as objects; of objects, by the values."""
    dtype = str(column.dtype).lower()
    if dtype == "object":
        kinds = {type(value) for value in values_of(column).tolist()} - {type(None)}
        wrong = [kind.__name__ for kind in kinds if issubclass(kind, _NEITHER) and not issubclass(kind, Real)]
        if wrong:
            raise TypeError(f"`X` has the column {name!r} with values of type {min(wrong)}; {_REMEDY}")
        return not kinds or not all(map(_is_number, kinds))
    words = ("categor", "str", "object", "bool", "enum", "utf8", "<u")
    return any(word in dtype for word in words)


def _is_number(kind: type) -> bool:
    return issubclass(kind, (Real, Decimal)) and not issubclass(kind, bool)  # numpy's bool is no Real


def _codes(column: Any, name: str) -> tuple[NDArray[np.int64], int]:
    values = values_of(column)
    nested = values.dtype == object and any(
        isinstance(own, (list, tuple, dict, np.ndarray)) for own in values
    )
    if values.ndim > 1 or nested:
        raise TypeError(
            f"`X` has the column {name!r} with several values in a row; give each a column of its own"
        )
    missing = np.array([value is None or value != value for value in values.tolist()], dtype=np.bool_)
    codes = np.full(len(values), -1, np.int64)
    # As text: values of several types have no order.
    distinct, codes[~missing] = np.unique(values[~missing].astype(str), return_inverse=True)
    return codes, len(distinct)
