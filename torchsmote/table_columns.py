"""One column of a table of any kind: as it is, and as numpy values that encoders and tensors read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

__all__ = ["column_of", "float_values", "is_polars", "name_of", "values_of"]


def is_polars(X: Any) -> bool:
    """Whether it is a polars frame or series, told without importing polars."""
    return type(X).__module__.partition(".")[0] == "polars"


def column_of(X: Any, place: int) -> Any:
    """A column in its own container: a tensor, series or array of one axis; of a list, an array."""
    if hasattr(X, "iloc"):
        return X.iloc[:, place]
    if is_polars(X):
        return X.to_series(place)
    if sparse.issparse(X):
        return X.tocsc()[:, [place]].toarray()[:, 0]
    if isinstance(X, (Tensor, np.ndarray)):
        return X[:, place]
    values = [row[place] for row in X]
    # Of strings and numbers numpy would make strings.
    kinds = {type(value) for value in values}
    return np.array(values, dtype=None if len(kinds) == 1 else object)


def name_of(X: Any, place: int) -> str:
    """A column's name as messages show it; its number where it has none."""
    return repr(X.columns[place]) if hasattr(X, "columns") else str(int(place))


def values_of(column: Any) -> NDArray[Any]:
    """The column as numpy has it, shape (n,); what is missing is None or NaN."""
    if isinstance(column, Tensor):
        values = column.detach().cpu()
        return np.asarray(values.float() if values.is_floating_point() and values.itemsize < 4 else values)
    array = np.asarray(column.to_numpy() if hasattr(column, "to_numpy") else column)
    if array.dtype == object and hasattr(column, "isna"):
        missing = column.isna().to_numpy()
        if missing.any():  # pandas' NA cannot be sorted or compared
            array = array.copy()
            is_na = [type(value).__name__ == "NAType" for value in array[missing]]
            array[missing] = np.where(is_na, np.nan, array[missing])
    return array


def float_values(
    column: Any, name: str, remedy: str = "list it in categorical_features, or convert it"
) -> tuple[NDArray[Any], bool]:
    """A column of numbers as floats, shape (n,), and whether its dtype holds whole numbers or bools alone.

    Raises:
        TypeError: If it holds something else than numbers.
    """
    array = values_of(column)
    if array.dtype.kind == "f" and array.itemsize <= 8:
        return array, False
    # The column's own dtype, since a nullable one may come as objects.
    kind = getattr(getattr(column, "dtype", None), "kind", array.dtype.kind)
    if array.dtype.kind in "biuO":
        try:
            return array.astype(np.float64), array.dtype.kind in "biu" or kind in "biu"
        except (TypeError, ValueError, OverflowError):
            pass
    raise TypeError(
        f"`X` has the column {name} of dtype {getattr(column, 'dtype', array.dtype)} among its numbers, but "
        f"not all of its values are numbers; {remedy}"
    )
