"""A table and its way back: synthetic rows appended in the container, dtype and device that came in."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from .draws import Draws, Make, synthesize
from .exceptions import DataWarning
from .table_columns import is_polars

__all__ = ["Table", "extend", "take_rows"]


@dataclass(frozen=True, eq=False)
class Table:
    """A table as given, and the floating tensor that neighbours and synthetic rows are computed from.

    Attributes:
        given: What the user passed.
        rows: Its values, floating point, shape (n, d), on the computing device; for a float array or tensor
            there a view, not a copy.
        dtype: The dtype the user's values have, where it is one for the whole table.
        whole: Which columns hold whole numbers, bool, shape (d,); None: none does.
    """

    given: Any
    rows: Tensor
    dtype: torch.dtype
    whole: Tensor | None = None

    def rounded(self, rows: Tensor) -> Tensor:
        """Rows as the user will get them: whole numbers rounded, not truncated, and kept in their range."""
        if self.whole is None:
            return rows
        low, high = self._limits
        return torch.where(self.whole, rows.round(), rows).clamp(low, high)

    @cached_property
    def _limits(self) -> Tensor:
        """Smallest and largest value of each column, shape (2, d), or (2, 1) where all have one dtype."""
        dtypes = list(self.given.dtypes) if hasattr(self.given, "columns") else [self.dtype]
        limits = [_range_of(dtype) for dtype in dtypes]
        return torch.tensor(limits, dtype=self.rows.dtype, device=self.rows.device).T

    def append(self, drawn: Any, make: Make = synthesize, kept: NDArray[np.int64] | None = None) -> Any:
        """The given rows, unchanged and first, then the synthetic ones, in the container that came in.

        Args:
            drawn: What was drawn of each synthetic row: `Draws`, or another tuple that ``make`` takes.
            make: From ``rows`` and ``drawn`` to the synthetic rows.
            kept: Which of the given rows stay, int64, shape (n_kept,); None: all.
        """
        real = self.given if kept is None else take_rows(self.given, kept)
        if sparse.issparse(real):
            return _append_sparse(self, real, drawn, make)
        if isinstance(real, Tensor):
            n = len(real)
            grown = _unwritten((n + len(drawn[0]), *real.shape[1:]), real)
            grown[:n] = real.detach()
            self._write(grown[n:], drawn, make)
            return grown
        if isinstance(real, np.ndarray):
            return self._append_array(real, drawn, make)
        made = self.make(drawn, make)
        return extend(real, (made if hasattr(real, "columns") else made.to(self.dtype)).cpu().numpy())

    def make(self, drawn: Any, make: Make = synthesize) -> Tensor:
        """Synthetic rows in the computing precision, whole numbers rounded, shape (n_new, d)."""
        rows = make(self.rows, drawn)
        self.warn_out_of_range(rows)
        return self.rounded(rows)

    def warn_out_of_range(self, rows: Tensor) -> None:
        """Say how many whole numbers of rows not yet rounded are beyond the ends of their dtypes.

        They would wrap around to the other end. A mix of rows goes beyond its parents where a step is below 0
        or above 1, or noise is added.
        """
        if self.whole is None:
            return
        low, high = self._limits
        outside = int(((rows.round() < low) | (rows.round() > high)).sum())
        if outside:
            warnings.warn(
                f"{outside} whole numbers of synthetic rows were out of the range of their dtype, and were "
                "set to its end; give floats, or a wider dtype",
                DataWarning,
                stacklevel=6,
            )

    def _append_array(self, given: NDArray[Any], drawn: Any, make: Make) -> NDArray[Any]:
        n = len(given)
        grown = np.empty((n + len(drawn[0]), *given.shape[1:]), given.dtype)
        grown[:n] = given
        if given.dtype.kind == "f" and given.dtype.isnative:
            self._write(torch.from_numpy(grown[n:]), drawn, make)
        else:  # torch cannot view these, numpy converts
            grown[n:] = self.make(drawn, make).cpu().numpy().reshape(grown[n:].shape)
        return grown

    def _write(self, out: Tensor, drawn: Any, make: Make) -> None:
        flat = out.flatten(1)
        if self.whole is None and flat.dtype == self.rows.dtype and flat.device == self.rows.device:
            make(self.rows, drawn, out=flat)
        else:
            flat.copy_(self.make(drawn, make))


def _range_of(dtype: Any) -> tuple[float, float]:
    """Smallest and largest whole number of a dtype that float64 holds; infinite for floats."""
    name = str(dtype).removeprefix("torch.").lower()
    if not name.startswith(("int", "uint")):
        return -math.inf, math.inf
    limits = np.iinfo(name.split("[")[0])
    # 2**63 - 1 rounds up to 2**63 in float64, which is out of range: take the number below.
    high = float(limits.max)
    return float(limits.min), high if int(high) <= limits.max else math.nextafter(high, 0)


def _unwritten(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """`like.new_empty(shape)`, on the CPU in memory that numpy asks the system for in huge pages.

    Half of the time of a large result is the system handing out its pages one by one: 46 ms against 19 ms for
    290,000 x 74 float32 in pages of 4 KiB and 2 MiB.
    """
    if like.device.type != "cpu":
        return like.new_empty(shape)
    return (
        torch.from_numpy(np.empty(math.prod(shape) * like.element_size(), np.uint8))
        .view(like.dtype)
        .view(shape)
    )


def take_rows(values: Any, rows: NDArray[np.int64]) -> Any:
    """Rows of any container by number, in the container that came in; a data frame is numbered anew."""
    if isinstance(values, Tensor):
        return values.detach().index_select(0, torch.from_numpy(rows).to(values.device))
    if is_polars(values):
        return values[rows]
    if hasattr(values, "iloc"):
        return values.iloc[rows].reset_index(drop=True)
    if sparse.issparse(values):
        return values.tocsr()[rows].asformat(values.format)
    if isinstance(values, np.ndarray):
        return values.take(rows, axis=0)
    return [values[row] for row in rows]


def extend(given: Any, made: NDArray[Any]) -> Any:
    """Rows of any container, then new ones of the same kind in its dtypes; a data frame is numbered anew.

    Args:
        given: Tensor, array, series, data frame or list, n rows.
        made: New rows, shape (n_new, ...), values that its dtypes can hold.
    """
    if isinstance(given, Tensor):
        return torch.cat((given.detach(), torch.from_numpy(made).to(given)))
    if isinstance(given, np.ndarray):
        return np.concatenate((given, made.astype(given.dtype)))
    if is_polars(given):
        return _extend_polars(given, made)
    if not hasattr(given, "iloc"):
        return [*given, *made.tolist()]
    import pandas as pd

    if hasattr(given, "columns"):
        dtypes = dict(zip(given.columns, given.dtypes, strict=True))
        rows = pd.DataFrame(made, columns=given.columns).astype(dtypes)
    else:
        rows = pd.Series(made, name=given.name).astype(given.dtype)
    return pd.concat([given, rows], ignore_index=True)


def _extend_polars(given: Any, made: NDArray[Any]) -> Any:
    import polars as pl

    if isinstance(given, pl.Series):
        return given.append(pl.Series(given.name, made).cast(given.dtype)) if len(made) else given
    rows = {name: made[:, place] for place, name in enumerate(given.columns)}
    return given.vstack(pl.DataFrame(rows).cast(dict(given.schema)))


def _append_sparse(table: Table, real: Any, drawn: Any, make: Make) -> Any:
    """Base plus step times difference in sparse algebra: what is zero in all parents stays unstored."""
    given = table.given.tocsr()
    if make is not synthesize:
        made = sparse.csr_array(table.make(drawn, make).cpu().numpy())
    else:
        made = _mix_sparse(given.astype(np.float64) if table.whole is not None else given, drawn)
        if table.whole is not None:
            table.warn_out_of_range(torch.from_numpy(made.data))
            made.data = made.data.round().clip(*table._limits.flatten().tolist())
    return type(table.given)(sparse.vstack([real, made.astype(given.dtype)], format=table.given.format))


def _mix_sparse(given: Any, draws: Draws) -> Any:
    base = given[draws.base.cpu().numpy()]
    made = base
    for neighbors, steps in zip(draws.neighbors.cpu().numpy().T, draws.steps.cpu().numpy().T, strict=True):
        made = made + sparse.diags_array(steps, format="csr", dtype=steps.dtype) @ (given[neighbors] - base)
    return made
