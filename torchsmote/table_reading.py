"""Tables of every kind that users bring, checked and viewed as one floating tensor."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from .devices import resolve_device
from .exceptions import DataWarning
from .table_columns import column_of, is_polars, name_of, values_of
from .tables import Table

__all__ = ["check_shape", "read_table"]

_CHUNK = 1 << 20  # values looked at one by one at a time


def read_table(
    X: Any,
    device: torch.device | str | None = None,
    *,
    makes_rows: bool = True,
    columns: Sequence[str] | None = None,
    whole: Tensor | None = None,
) -> Table:
    """Check a table's values and view them as a floating tensor.

    Floats keep their precision. Whole numbers are computed in float64 and come back rounded, with a
    `DataWarning`. A sparse table is made dense for the search; the result is sparse again.

    Args:
        X: Tensor, array, list, data frame, or scipy sparse table with at least two axes; further axes are
            flattened for the search.
        device: Where to compute; None: the tensor's own device, else the CPU.
        makes_rows: Whether new rows will be computed; if not, whole numbers need no warning.
        columns: What messages call the columns, where they are some of a larger table.
        whole: Which columns of a float table held whole numbers, bool, shape (d,).

    Raises:
        TypeError: If the values are bool, complex, strings or objects.
        ValueError: If the table is empty, has one axis, or holds NaN or inf.
    """
    values, whole_columns = _values(X)
    whole = whole_columns if whole is None else whole
    check_shape(tuple(values.shape))
    dtype = values.dtype
    if not values.is_floating_point():
        whole = torch.ones(values[0].numel(), dtype=torch.bool)
        values = values.double()
    if whole is not None and makes_rows:
        warnings.warn(_rounding(_named(whole, X, columns), values.dim(), columns), DataWarning, stacklevel=5)
    rows = values.detach().flatten(1).to(resolve_device(device, values.device))
    _refuse_non_finite(rows, columns)
    return Table(X, rows, dtype, None if whole is None else whole.to(rows.device))


def check_shape(shape: tuple[int, ...]) -> None:
    """Refuse what is no table.

    Args:
        shape: Shape of X: rows first.

    Raises:
        ValueError: If there are fewer than two axes, or no row, or no feature.
    """
    if len(shape) < 2:
        raise ValueError(
            f"`X` must be a table with rows and columns, but has {len(shape)} axis (Expected 2D array); "
            "reshape it with X.reshape(-1, 1) if it has a single feature"
        )
    if 0 in shape:
        what = "sample(s)" if shape[0] == 0 else "feature(s)"
        raise ValueError(f"`X` is empty: it has 0 {what} (shape={shape}) while a minimum of 1 is required.")


def _values(X: Any) -> tuple[Tensor, Tensor | None]:
    """Numbers of a table as a tensor that shares memory where it can, and its whole-number columns."""
    whole = None
    if isinstance(X, Tensor):
        values = X
        if values.layout != torch.strided:
            raise TypeError(
                f"`X` is a tensor of layout {values.layout}; give a dense one, or a scipy sparse table"
            )
    elif sparse.issparse(X):
        values = _from_numpy(X.toarray())
    elif hasattr(X, "iloc"):
        values, whole = _frame_values(X)
    elif is_polars(X):
        values, whole = _polars_values(X)
    else:
        values = _from_numpy(np.asarray(X) if isinstance(X, np.ndarray) else _array_of(X))
    if values.is_complex():
        raise ValueError(
            "Complex data not supported: `X` has complex values; give real and imaginary parts as columns"
        )
    if values.dtype == torch.bool:
        raise TypeError(
            f"`X` has dtype {values.dtype}, but distances need numbers; convert it with X.astype(float)"
        )
    return values, whole


def _array_of(X: Any) -> NDArray[Any]:
    try:
        return np.asarray(X)
    except ValueError as error:
        raise ValueError(f"`X` must be a table whose rows have the same length: {error}") from error


def _from_numpy(array: NDArray[Any]) -> Tensor:
    if array.dtype.kind not in "biufc" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
        raise TypeError(
            f"`X` has dtype {array.dtype}, but distances need numbers (float64 at most); to over-sample "
            "classes use SMOTENC with categorical_features=[...] (SMOTEN if every column holds categories); "
            "else convert X to float, or use RandomOverSampler or RandomUnderSampler: they take any content"
        )
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    with warnings.catch_warnings():
        # A read-only array (a memmap handed out by joblib, say) is fine: it is never written to.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writ")
        return torch.from_numpy(array)


def _frame_values(X: Any) -> tuple[Tensor, Tensor | None]:
    kinds = []
    for name, dtype in zip(X.columns, X.dtypes, strict=True):
        base = getattr(dtype, "subtype", dtype)  # a sparse column's values
        kind = getattr(base, "kind", "O")
        if kind not in "iuf" or not isinstance(getattr(base, "type", None), type):
            raise _not_numbers(name, dtype)
        kinds.append(kind in "iu")
    dtypes = {getattr(dtype, "subtype", dtype) for dtype in X.dtypes}
    if len(dtypes) == 1 and isinstance(next(iter(dtypes)), np.dtype) and not any(kinds):
        return _from_numpy(np.asarray(X.to_numpy())), None
    # Nullable columns have no numpy view; a missing value becomes NaN, which is refused with its place.
    wide = any(kinds) or any(getattr(dtype, "itemsize", 8) > 4 for dtype in dtypes)
    array = X.to_numpy(dtype=np.float64 if wide else np.float32, na_value=np.nan)
    return _from_numpy(np.asarray(array)), torch.tensor(kinds) if any(kinds) else None


def _polars_values(X: Any) -> tuple[Tensor, Tensor | None]:
    columns = [column_of(X, place) for place in range(X.width)]
    for column in columns:
        if not column.dtype.is_numeric() or column.dtype.is_decimal():
            raise _not_numbers(column.name, column.dtype)
    whole = [column.dtype.is_integer() for column in columns]
    wide = any(whole) or any(str(column.dtype) == "Float64" for column in columns)
    # A missing value becomes NaN, which is refused with its place.
    array = np.stack([values_of(column) for column in columns], 1).astype(np.float64 if wide else np.float32)
    return _from_numpy(array), torch.tensor(whole) if any(whole) else None


def _not_numbers(name: Any, dtype: Any) -> TypeError:
    return TypeError(
        f"`X` has the column {name!r} of dtype {dtype}, but distances need numbers; to over-sample "
        f"classes use SMOTENC with categorical_features=[{name!r}, ...] (SMOTEN if every column holds "
        "categories); else convert it (bools by astype(float), dates to seconds, categories to one-hot), or "
        "use RandomOverSampler or RandomUnderSampler"
    )


def _rounding(where: str, axes: int, columns: Sequence[str] | None) -> str:
    if axes > 2:  # of images and sequences no column stands for categories
        return (
            "`X` has whole numbers: synthetic rows are computed in float and rounded. Give X in a floating "
            "dtype to have them unrounded."
        )
    remedy = "say so to SMOTENC, or one-hot encode them first"
    if columns is not None:
        remedy = "add the column to categorical_features"
    return (
        f"`X` has whole numbers in {where}: synthetic rows are computed in float and rounded. Where they "
        f"stand for categories, {remedy}."
    )


def _named(whole: Tensor, X: Any, columns: Sequence[str] | None) -> str:
    """The columns, by name where they have one."""
    places = whole.nonzero()[:, 0].tolist()
    names = [name_of(X, place) if columns is None else columns[place] for place in places[:5]]
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return f"column{'s' if len(places) > 1 else ''} {', '.join(names)}{more}"


def _refuse_non_finite(rows: Tensor, columns: Sequence[str] | None) -> None:
    # One pass: a sum is finite unless a value is not, or unless it overflows; only then look closer.
    if bool(rows.sum().isfinite()):
        return
    size = max(1, _CHUNK // rows.shape[1])
    for start in range(0, len(rows), size):
        bad = ~rows[start : start + size].isfinite()
        if not bool(bad.any()):
            continue
        row, column = (int(place) for place in bad.nonzero()[0])
        row += start
        raise ValueError(
            f"`X` contains NaN or infinity: {float(rows[row, column])} in row {row}, "
            f"column {column if columns is None else columns[column]}, "
            "and a distance to it has no meaning; impute or drop such rows before resampling"
        )
