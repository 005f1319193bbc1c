"""Checks of what callers pass to the neighbour search: every error names the argument and the remedy."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchsmote.neighbors.rows import slices

__all__ = [
    "as_matrix",
    "check_choice",
    "check_directions",
    "check_finite",
    "check_k",
    "check_pair",
    "check_rows",
]

_FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_CHUNK = 1 << 20


def check_k(k: Any, name: str = "k") -> int:
    """Return ``k`` as an int of at least 1."""
    if isinstance(k, bool | np.bool_) or not hasattr(k, "__index__"):
        raise TypeError(f"`{name}` must be an int, got {k!r} of type {type(k).__name__}")
    k = k.__index__()
    if k < 1:
        raise ValueError(f"`{name}` must be at least 1, got {k}")
    return int(k)


def check_choice(value: Any, choices: Collection[str], name: str) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, choices))}; got {value!r}")
    return value


def as_matrix(values: Any, name: str) -> Tensor:
    """A detached floating tensor of shape (n, d), d >= 1, that shares memory with ``values`` if it can."""
    if isinstance(values, np.ndarray):
        if values.dtype.kind not in "fiubc":
            raise TypeError(f"`{name}` must hold floating numbers, got a numpy array of {values.dtype}")
        values = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
        with (
            warnings.catch_warnings()
        ):  # torch warns of arrays it must not write to, as memory maps; we never do
            warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
            values = _from_numpy(values, name)
    if not isinstance(values, Tensor):
        raise TypeError(f"`{name}` must be a torch tensor or a numpy array, got {type(values).__name__}")
    if values.dtype not in _FLOATS:
        raise TypeError(
            f"`{name}` must be floating (float16, bfloat16, float32 or float64), got {values.dtype}; "
            f"convert it first, as in {name}.float()"
        )
    if values.ndim != 2:
        raise ValueError(f"`{name}` must have 2 dimensions (rows, columns), got shape {tuple(values.shape)}")
    if values.shape[1] == 0:
        raise ValueError(f"`{name}` must have at least one column, got shape {tuple(values.shape)}")
    return values.detach()


def _from_numpy(values: np.ndarray[Any, Any], name: str) -> Tensor:
    try:
        return torch.from_numpy(values)
    except TypeError as error:  # as longdouble, which torch lacks
        raise TypeError(
            f"`{name}` must be float16, float32 or float64, got a numpy array of {values.dtype}; convert it "
            f"first, as in {name}.astype('float64')"
        ) from error


def check_rows(matrix: Tensor, name: str) -> None:
    """Raise unless there is a row to find."""
    if len(matrix) == 0:
        raise ValueError(f"`{name}` must have at least one row to search in, got 0 rows")


def check_pair(query: Tensor, reference: Tensor) -> None:
    """Raise unless query and reference agree in width, dtype and device."""
    for what in ("dtype", "device"):
        ours, theirs = getattr(query, what), getattr(reference, what)
        if ours != theirs:
            raise ValueError(
                f"`query` and `reference` must have the same {what}, got {ours} and {theirs}; "
                f"convert one with .to()"
            )
    if query.shape[1] != reference.shape[1]:
        raise ValueError(
            f"`query` and `reference` must have the same number of columns, "
            f"got {query.shape[1]} and {reference.shape[1]}"
        )


def check_finite(matrix: Tensor, name: str, first: int = 0) -> float:
    """Return the largest absolute value of ``matrix``, or raise naming the first NaN or infinite entry.

    ``first`` is the number of its first row, in messages.
    """
    largest = 0.0
    for part in slices(len(matrix), max(1, _CHUNK // matrix.shape[1])):
        low, high = torch.aminmax(matrix[part])
        peak = max(abs(float(low)), abs(float(high)))
        if not peak < float("inf"):
            row, column = (~torch.isfinite(matrix[part])).nonzero()[0].tolist()
            value = matrix[part][row, column].item()
            raise ValueError(
                f"`{name}` must be finite, got {value} in row {first + part.start + row}, column {column}; "
                f"impute or drop such rows first"
            )
        largest = max(largest, peak)
    return largest


def check_directions(peaks: Tensor, first: int, name: str) -> None:
    """Raise if the largest absolute value of a row is 0: it has no direction, so no cosine.

    Args:
        peaks: Of consecutive rows, shape (m, 1).
        first: The number of the first of them.
        name: The argument.
    """
    zero = (peaks == 0).nonzero()
    if len(zero):
        raise ValueError(
            f"`{name}` has a row of zeros (row {first + int(zero[0, 0])}), which has no cosine distance; "
            f"drop such rows or use metric='euclidean'"
        )
