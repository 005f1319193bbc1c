"""Tables of numbers and categories of every kind that users bring, read column by column where they mix."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from .categories import read_categories
from .devices import resolve_device
from .mixed_tables import MixedTable
from .table_columns import column_of, float_values, name_of
from .table_reading import check_shape, read_table
from .tables import Table

__all__ = ["read_mixed"]


def read_mixed(
    X: Any,
    categorical: NDArray[np.int64],
    numerical: NDArray[np.int64],
    *,
    encoder: Any,
    default: Any,
    device: torch.device | str | None = None,
) -> MixedTable:
    """Check a table of two axes, read its numbers as one floating tensor and its categories as codes.

    Args:
        X: Tensor, array, list of rows, pandas or polars frame, or scipy sparse table.
        categorical: The columns that hold categories.
        numerical: The others.
        encoder: See ``read_categories``.
        default: See ``read_categories``.
        device: Where to compute; None: the tensor's own device, else the CPU.

    Raises:
        TypeError: If a column of numbers holds something else.
        ValueError: If the table has not two axes, its rows differ in length, or its numbers hold NaN or inf.
    """
    if hasattr(X, "shape") and len(X.shape) > 2:
        raise ValueError(
            f"`X` must have rows and columns and no more axes, but its shape is {tuple(X.shape)}"
        )
    if hasattr(X, "shape"):
        check_shape(tuple(X.shape))
    elif len({len(row) for row in X}) > 1:
        raise ValueError("`X` must be a table whose rows have the same length")
    columns = X.tocsc() if sparse.issparse(X) else X  # columns are asked for one by one
    numbers = _read_numbers(columns, numerical, device)
    categories = read_categories(columns, categorical, encoder, default)
    codes = torch.from_numpy(categories.codes).to(numbers.rows.device)
    return MixedTable(X, numbers, numerical, categories, codes)


def _read_numbers(X: Any, places: NDArray[np.int64], device: torch.device | str | None) -> Table:
    own = X.device if isinstance(X, Tensor) else torch.device("cpu")
    names = [name_of(X, place) for place in places]
    if not len(places):
        n = X.shape[0] if hasattr(X, "shape") else len(X)
        rows = torch.empty((n, 0), device=resolve_device(device, own))
        return Table(rows, rows, rows.dtype)
    if isinstance(X, Tensor) and X.dtype != torch.bool:
        return read_table(X[:, torch.from_numpy(places).to(own)], device, columns=names)
    if sparse.issparse(X):
        return read_table(X[:, places].toarray(), device, columns=names)
    if isinstance(X, np.ndarray) and X.dtype.kind in "iuf":
        return read_table(X[:, places], device, columns=names)
    read = [float_values(column_of(X, place), name) for place, name in zip(places, names, strict=True)]
    rows = torch.from_numpy(np.column_stack([values for values, _ in read])).to(own)
    whole = torch.tensor([is_whole for _, is_whole in read])
    names = [name + _bool_mark(column_of(X, place)) for place, name in zip(places, names, strict=True)]
    return read_table(rows, device, columns=names, whole=whole if bool(whole.any()) else None)


def _bool_mark(column: Any) -> str:
    """What the name of a column of bools is followed by in messages."""
    return " (bool)" if "bool" in str(getattr(column, "dtype", "")).lower() else ""
