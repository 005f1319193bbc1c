"""What `categorical_features=` may hold: positions, names, a mask, or "auto"."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..table_columns import is_polars

__all__ = ["categorical_places", "text_columns"]


def categorical_places(X: Any, features: Any, n_features: int) -> NDArray[np.int64]:
    """The categorical columns of X, int64, in the order in which they are named.

    Args:
        X: The table.
        features: Column numbers (negative ones count from the end), names, a bool mask of all columns, or
            "auto": those of a data frame whose dtype is categorical.
        n_features: How many columns X has.

    Raises:
        ValueError: If a column does not exist or is named twice, if the mask is too short or long, if names
            or "auto" are given for a table without them.
    """
    if isinstance(features, str):
        return _by_dtype(X)
    chosen = np.asarray(features).reshape(-1)
    if chosen.dtype == bool:
        if len(chosen) != n_features:
            raise ValueError(
                f"`categorical_features` is a mask of {len(chosen)} values, but X has {n_features} columns"
            )
        return np.flatnonzero(chosen)
    places = _by_name(X, chosen.tolist()) if chosen.dtype.kind in "UO" else _by_number(chosen, n_features)
    kinds, counts = np.unique(places, return_counts=True)
    if len(kinds) < len(places):
        raise ValueError(f"`categorical_features` names column {int(kinds[counts > 1][0])} more than once")
    return places


def _by_number(chosen: NDArray[Any], n_features: int) -> NDArray[np.int64]:
    if chosen.size and chosen.dtype.kind not in "iu":
        raise ValueError(
            f"`categorical_features` must hold ints, names or bools, got values of dtype {chosen.dtype}"
        )
    numbers = chosen.astype(np.int64)
    if numbers.size and (numbers.min() < -n_features or numbers.max() >= n_features):
        wrong = numbers[(numbers < -n_features) | (numbers >= n_features)][0]
        raise ValueError(
            f"`categorical_features` has {wrong}, but all features must be in [0, {n_features - 1}], or "
            f"[{-n_features}, -1] to count from the end"
        )
    return numbers % n_features


def _by_name(X: Any, names: list[Any]) -> NDArray[np.int64]:
    if not hasattr(X, "columns"):
        raise ValueError(
            f"`categorical_features` has names, such as {names[0]!r}, but X is a {type(X).__name__} without "
            "column names; give column numbers, or a data frame"
        )
    columns = list(X.columns)
    unknown = [name for name in names if name not in columns]
    if unknown:
        raise ValueError(f"`categorical_features` has {unknown[0]!r}, which is no column of X: {columns}")
    return np.array([columns.index(name) for name in names], dtype=np.int64)


def _by_dtype(X: Any) -> NDArray[np.int64]:
    if not hasattr(X, "iloc") and not is_polars(X):
        raise ValueError(
            "When `categorical_features='auto'`, the input data should be a pandas.DataFrame, or a polars "
            f"one. Got {type(X)} instead; list the columns"
        )
    kinds = (
        [str(getattr(dtype, "name", dtype)) for dtype in X.dtypes]
        if hasattr(X, "iloc")
        else [type(dtype).__name__ if not isinstance(dtype, type) else dtype.__name__ for dtype in X.dtypes]
    )
    return np.flatnonzero([kind in ("category", "Categorical", "Enum") for kind in kinds])


def text_columns(X: Any) -> list[Any]:
    """Names of those columns of a frame that hold text or objects, not categories by their dtype."""
    if not hasattr(X, "columns"):
        return []
    kinds = [str(dtype).lower() for dtype in X.dtypes]
    return [name for name, kind in zip(X.columns, kinds, strict=True) if kind.startswith(("obj", "str"))]
