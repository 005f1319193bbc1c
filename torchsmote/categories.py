"""Categorical columns as codes, and the input row that each category is taken from again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.preprocessing import OrdinalEncoder

from .table_columns import column_of, name_of, values_of
from .targets import first_rows

__all__ = ["Categories", "read_categories"]


@dataclass(frozen=True, eq=False)
class Categories:
    """The categorical columns of a table.

    Attributes:
        places: Which columns they are, int64, shape (c,).
        codes: int32, shape (n, c): categories in the encoder's order, numbered on from column to column.
        first: For each code, the first row that has it, int64, shape (number of codes,).
        start: First code of each column, and the number of codes, int64, shape (c + 1,).
        encoder: The fitted encoder.
    """

    places: NDArray[np.int64]
    codes: NDArray[np.int32]
    first: NDArray[np.int64]
    start: NDArray[np.int64]
    encoder: Any


def read_categories(X: Any, places: NDArray[np.int64], encoder: Any, default: Any) -> Categories:
    """Number the categories of some columns.

    A missing value (None, NaN, NA) is a category of its own.

    Args:
        X: A table of any kind.
        places: Its categorical columns.
        encoder: The caller's encoder, cloned and fitted on these columns: its ``categories_`` give the order.
            None: sorted, and ``default`` is fitted.
        default: What stands for None; it only sees rows that hold every category at least once.

    Raises:
        TypeError: If a column mixes values that cannot be sorted, such as strings and numbers.
    """
    codes = np.empty((len(X) if not hasattr(X, "shape") else X.shape[0], len(places)), np.int32)
    first, start = [], [0]
    for j, place in enumerate(places):
        codes[:, j], count = _ordinal(values_of(column_of(X, place)), name_of(X, place))
        first.append(first_rows(codes[:, j], count))
        codes[:, j] += start[-1]
        start.append(start[-1] + count)
    shown = None if encoder is not None else np.unique(np.concatenate(first)) if first else None
    fitted = clone(default if encoder is None else encoder)
    values = _stacked(X, places, shown)
    fitted = fitted.fit(values) if hasattr(fitted, "fit") else _fitted(fitted, values)
    found = Categories(places, codes, np.concatenate(first), np.array(start), fitted)
    return found if encoder is None else _in_order(X, found)


def _fitted(encoder: Any, values: NDArray[Any]) -> Any:
    encoder.fit_transform(values)
    return encoder


def _ordinal(values: NDArray[Any], name: str, order: Any = "auto") -> tuple[NDArray[np.int32], int]:
    """Codes of a column, shape (n,), and how many there are."""
    categories = order if isinstance(order, str) else [order]
    encoder = OrdinalEncoder(categories=categories, dtype=np.int32, encoded_missing_value=-1)
    try:
        codes = encoder.fit_transform(values[:, None])[:, 0]
    except TypeError as error:
        raise TypeError(
            f"`X` has the categorical column {name}, whose values cannot be put in order: {error} Convert "
            "it, for instance to strings"
        ) from error
    except ValueError as error:
        raise ValueError(
            f"`X` has the categorical column {name}, which cannot be encoded: {error}"
        ) from error
    count = len(encoder.categories_[0])
    codes[codes < 0] = count - 1  # what is missing comes last
    return codes, count


def _stacked(X: Any, places: NDArray[np.int64], rows: NDArray[np.int64] | None) -> NDArray[Any]:
    """The columns side by side for an encoder; rows None: all."""
    columns = [values_of(column_of(X, place)) for place in places]
    if rows is not None:
        columns = [column[rows] for column in columns]
    one_dtype = len({column.dtype for column in columns}) == 1
    return np.column_stack([column if one_dtype else column.astype(object) for column in columns])


def _in_order(X: Any, found: Categories) -> Categories:
    """The same with codes in the order of the encoder's ``categories_``, which may have more than X has."""
    order = found.encoder.categories_
    start = np.concatenate(([0], np.cumsum([len(categories) for categories in order])))
    codes, first = found.codes.copy(), np.zeros(start[-1], np.int64)
    for j, place in enumerate(found.places):
        rows = found.first[found.start[j] : found.start[j + 1]]
        new = start[j] + _ordinal(values_of(column_of(X, place))[rows], name_of(X, place), order[j])[0]
        codes[:, j] = new[found.codes[:, j] - found.start[j]]
        first[new] = rows
    return Categories(found.places, codes, first, start, found.encoder)
