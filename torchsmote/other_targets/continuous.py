"""A continuous target of any container: read as float64, and given back with the synthetic rows'."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..exceptions import DataWarning
from ..recipe import Draws
from ..tables import extend, take_rows
from ..targets import nullable_kinds, to_host

__all__ = ["interpolate", "read_continuous", "with_made"]

_CHUNK_BYTES = 4 << 20  # rows compared at a time


def read_continuous(y: Any, owner: str) -> tuple[NDArray[np.float64], np.dtype[Any] | None]:
    """Values of a target, shape (n,), and its dtype where it holds whole numbers.

    Args:
        y: Numbers, shape (n,) or (n, 1): tensor, array, series, data frame or list.
        owner: Name of the resampler, for messages.

    Raises:
        TypeError: If it does not hold numbers.
        ValueError: If it has another shape, holds NaN or inf, or is constant.
    """
    values = to_host(y)
    if values.dtype == object and hasattr(y, "iloc"):
        values = _nullable(y, values)
    if values.dtype.kind not in "iuf":
        raise TypeError(
            f"`y` has dtype {values.dtype}, but {owner} needs a continuous target, so numbers; "
            "for class labels use SMOTE"
        )
    if values.ndim not in (1, 2) or values.shape[1:] not in ((), (1,)):
        raise ValueError(f"`y` must be one number a row, shape (n,), got shape {values.shape}")
    whole = values.dtype if values.dtype.kind in "iu" else None
    numbers = values.reshape(-1).astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise ValueError(
            f"`y` contains NaN or infinity: {numbers[bad[0]]} in row {bad[0]}; drop or impute such rows"
        )
    if not len(numbers) or numbers.min() == numbers.max():
        found = f"constant: {numbers[0]:g} in every row" if len(numbers) else "empty"
        raise ValueError(f"`y` is {found}; {owner} needs rare values and normal ones")
    if whole is not None:
        warnings.warn(
            f"`y` has whole numbers ({whole}): those of synthetic rows are computed in float and rounded; "
            "give floats to keep them exact, or for class labels use SMOTE",
            DataWarning,
            stacklevel=6,
        )
    return numbers, whole


def _nullable(y: Any, values: NDArray[Any]) -> NDArray[Any]:
    """Nullable numbers, which pandas 2 hands out as objects."""
    numbers = nullable_kinds(y) <= set("iuf")
    return np.asarray(y.to_numpy(dtype=np.float64, na_value=np.nan)) if numbers else values


def interpolate(values: NDArray[np.float64], rows: Tensor, draws: Draws) -> NDArray[np.float64]:
    """The target of each synthetic row: mean of base and neighbour, weighted by the inverse distance to each.

    The synthetic row lies on the segment between the two, at distances in the ratio of step to 1 - step; so
    the mean is the same step from one target to the other. Where the two rows are twins it is half-way.

    Args:
        values: The target, shape (n,).
        rows: The table, shape (n, d).
        draws: The synthetic rows; a step of 0 leaves the base's target.

    Returns:
        Shape (n_new,), each between the targets of base and neighbour.
    """
    base, neighbor, step = draws.base, draws.neighbor, draws.step.to(torch.float64, copy=True)
    chunk = max(1, _CHUNK_BYTES // (rows.element_size() * rows.shape[1]))
    for start in range(0, len(base), chunk):
        part = slice(start, start + chunk)
        twins = (rows.index_select(0, base[part]) == rows.index_select(0, neighbor[part])).all(1)
        step[part][twins & (step[part] != 0)] = 0.5
    target = torch.from_numpy(values)
    start_at, end_at = (target.index_select(0, at.cpu()) for at in (base, neighbor))
    made: NDArray[np.float64] = torch.lerp(start_at, end_at, step.cpu()).numpy()
    return made


def with_made(
    y: Any, kept: NDArray[np.int64] | None, made: NDArray[np.float64], whole: np.dtype[Any] | None
) -> Any:
    """The target in its container: of the real rows that stay, then of the synthetic ones.

    Args:
        y: As given.
        kept: Rows that stay; None: all.
        made: Of the synthetic rows, shape (n_new,).
        whole: The dtype that they are rounded to.

    Raises:
        ValueError: If that dtype cannot hold one.
    """
    values: NDArray[Any] = made
    if whole is not None:
        values = np.rint(made)
        info = np.iinfo(whole)
        outside = (values < info.min) | (values >= float(info.max) + 1)
        if outside.any():
            raise ValueError(
                f"`y` of dtype {whole} cannot hold a synthetic row's {values[outside][0]:g}; give floats, or "
                "a wider dtype"
            )
        values = values.astype(whole)
    real = y if kept is None else take_rows(y, kept)
    return extend(real, values.reshape(-1, *np.shape(y)[1:]))
