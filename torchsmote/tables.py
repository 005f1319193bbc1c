"""Tables of every kind that users bring: into one floating tensor, and back out as what came in."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from .exceptions import DataWarning
from .recipe import Draws, synthesize

__all__ = ["Table", "read_table", "take_rows"]


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
        """Rows as the user will get them: whole-number columns rounded, not truncated."""
        if self.whole is None:
            return rows
        return torch.where(self.whole, rows.round(), rows)

    def append(self, draws: Draws, noise: Tensor | None = None) -> Any:
        """The given rows, unchanged and first, then the synthetic ones, in the container that came in.

        Args:
            draws: The synthetic rows.
            noise: Added to them, shape (n_new, d).
        """
        if sparse.issparse(self.given):
            return _append_sparse(self, draws, noise)
        if hasattr(self.given, "iloc"):
            return _append_frame(self, self.make(draws, noise))
        if isinstance(self.given, Tensor):
            n = len(self.given)
            grown = self.given.new_empty((n + len(draws.base), *self.given.shape[1:]))
            grown[:n] = self.given.detach()
            self._write(grown[n:], draws, noise)
            return grown
        if isinstance(self.given, np.ndarray):
            return self._append_array(self.given, draws, noise)
        return [*self.given, *self.make(draws, noise).to(self.dtype).tolist()]

    def make(self, draws: Draws, noise: Tensor | None = None) -> Tensor:
        """Synthetic rows in the computing precision, whole numbers rounded, shape (n_new, d)."""
        rows = synthesize(self.rows, draws)
        return self.rounded(rows if noise is None else rows + noise)

    def _append_array(self, given: NDArray[Any], draws: Draws, noise: Tensor | None) -> NDArray[Any]:
        n = len(given)
        grown = np.empty((n + len(draws.base), *given.shape[1:]), given.dtype)
        grown[:n] = given
        if given.dtype.kind == "f" and given.dtype.isnative:
            self._write(torch.from_numpy(grown[n:]), draws, noise)
        else:  # torch cannot view these, numpy converts
            grown[n:] = self.make(draws, noise).cpu().numpy().reshape(grown[n:].shape)
        return grown

    def _write(self, out: Tensor, draws: Draws, noise: Tensor | None) -> None:
        flat = out.flatten(1)
        if (
            noise is None
            and self.whole is None
            and flat.dtype == self.rows.dtype
            and flat.device == self.rows.device
        ):
            synthesize(self.rows, draws, out=flat)
        else:
            flat.copy_(self.make(draws, noise))


def read_table(X: Any, device: torch.device | str | None = None) -> Table:
    """Check a table's values and view them as a floating tensor.

    Floats keep their precision. Whole numbers are computed in float64 and come back rounded, with a
    `DataWarning`. A sparse table is made dense for the search; the result is sparse again.

    Args:
        X: Tensor, array, list, data frame, or scipy sparse table with at least two axes; further axes are
            flattened for the search.
        device: Where to compute; None: the tensor's own device, else the CPU.

    Raises:
        TypeError: If the values are bool, complex, strings or objects.
        ValueError: If the table is empty, has one axis, or holds NaN or inf.
    """
    values, whole = _values(X)
    if values.dim() < 2:
        raise ValueError(
            f"`X` must be a table with rows and columns, but has {values.dim()} axis (Expected 2D array); "
            "reshape it with X.reshape(-1, 1) if it has a single feature"
        )
    if values.shape[0] == 0 or values[0].numel() == 0:
        raise ValueError(
            f"`X` is empty: its shape is {tuple(values.shape)}; it needs 1 row and 1 feature at least"
        )
    dtype = values.dtype
    if not values.is_floating_point():
        whole = torch.ones(values[0].numel(), dtype=torch.bool)
        values = values.double()
    if whole is not None:
        warnings.warn(
            f"`X` has {int(whole.sum())} columns of whole numbers: synthetic rows are computed in float and "
            "rounded to the nearest one. Where they are categories, not counts, give them to SMOTENC.",
            DataWarning,
            stacklevel=5,
        )
    rows = values.detach().flatten(1).to(resolve_device(device, values.device))
    _refuse_non_finite(rows)
    return Table(X, rows, dtype, None if whole is None else whole.to(rows.device))


def resolve_device(device: torch.device | str | None, own: torch.device) -> torch.device:
    """The computing device: the one asked for, or the data's own; ValueError if it is not usable here."""
    if device is None:
        return own
    try:
        wanted = torch.device(device)
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"`device`={str(device)!r} cannot be used here: {reason}") from error
    return wanted


def take_rows(values: Any, rows: NDArray[np.int64]) -> Any:
    """Rows of any container by number, in the container that came in; a data frame is numbered anew."""
    if isinstance(values, Tensor):
        return values.detach().index_select(0, torch.from_numpy(rows).to(values.device))
    if hasattr(values, "iloc"):
        return values.iloc[rows].reset_index(drop=True)
    if sparse.issparse(values):
        return values.tocsr()[rows].asformat(values.format)
    if isinstance(values, np.ndarray):
        return values.take(rows, axis=0)
    return [values[row] for row in rows]


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
    else:
        values = _from_numpy(np.asarray(X) if isinstance(X, np.ndarray) else _array_of(X))
    if values.is_complex():
        raise ValueError(
            "Complex data not supported: `X` has complex values; give real and imaginary parts as columns"
        )
    if values.dtype == torch.bool:
        raise TypeError(
            f"`X` has dtype {values.dtype}; give numbers: X.astype(float), or categories to SMOTENC"
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
            f"`X` has dtype {array.dtype}, but neighbours and interpolation need numbers (float64 at most); "
            "encode strings and objects first, or use SMOTENC or RandomOverSampler"
        )
    if not array.dtype.isnative or any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.float64)
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
            raise TypeError(
                f"`X` has the column {name!r} of dtype {dtype}, but interpolation needs numbers; "
                "encode it first, or use SMOTENC or RandomOverSampler"
            )
        kinds.append(kind in "iu")
    dtypes = {getattr(dtype, "subtype", dtype) for dtype in X.dtypes}
    same_float = len(dtypes) == 1 and not any(kinds)
    array = X.to_numpy() if same_float else X.to_numpy(dtype=np.float64, na_value=np.nan)
    return _from_numpy(np.asarray(array)), torch.tensor(kinds) if any(kinds) else None


def _refuse_non_finite(rows: Tensor) -> None:
    # One pass: a sum is finite unless a value is not, or unless it overflows; only then look closer.
    if bool(rows.sum().isfinite()):
        return
    bad = ~rows.isfinite()
    if bool(bad.any()):
        row, column = (int(place) for place in bad.nonzero()[0])
        raise ValueError(
            f"`X` contains NaN or infinity: {float(rows[row, column])} in row {row}, column {column}, "
            "and a distance to it has no meaning; impute or drop such rows before over-sampling"
        )


def _append_frame(table: Table, rows: Tensor) -> Any:
    import pandas as pd

    given = table.given
    made = pd.DataFrame(rows.cpu().numpy(), columns=given.columns).astype(
        dict(zip(given.columns, given.dtypes, strict=True))
    )
    return pd.concat([given, made], ignore_index=True)


def _append_sparse(table: Table, draws: Draws, noise: Tensor | None) -> Any:
    """Base plus step times difference in sparse algebra: what is zero in both parents stays unstored."""
    given = table.given.tocsr()
    if noise is not None:
        made = sparse.csr_array(table.make(draws, noise).cpu().numpy())
    else:
        base, neighbor = given[draws.base.cpu().numpy()], given[draws.neighbor.cpu().numpy()]
        steps = draws.step.cpu().numpy()
        made = base + sparse.diags_array(steps, format="csr", dtype=steps.dtype) @ (neighbor - base)
    if table.whole is not None:
        made.data = made.data.round()
    return type(table.given)(sparse.vstack([given, made.astype(given.dtype)], format=table.given.format))
