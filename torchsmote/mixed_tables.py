"""A table of numbers and categories and its way back: synthetic rows in the container that came in.

Numbers are computed. A category is taken from an input row that has it, so what comes out is what went in,
with its dtype, whatever the container.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from .categories import Categories
from .draws import Draws
from .table_columns import column_of, is_polars
from .tables import Table, take_rows

__all__ = ["MixedTable"]


@dataclass(frozen=True, eq=False)
class MixedTable:
    """A table as given, its numbers as a tensor, and its categories as codes.

    Attributes:
        given: What the user passed.
        numbers: Its columns of numbers, which may be none.
        places: Which columns these are, int64.
        categories: The others.
        codes: Their codes on the computing device, int32, shape (n, c).
    """

    given: Any
    numbers: Table
    places: NDArray[np.int64]
    categories: Categories
    codes: Tensor

    @property
    def rows(self) -> Tensor:
        """The numbers, floating point, shape (n, d), on the computing device."""
        return self.numbers.rows

    @property
    def dtype(self) -> torch.dtype:
        """Dtype of the numbers as the user has them, where it is one."""
        return self.numbers.dtype

    def rounded(self, rows: Tensor) -> Tensor:
        """Numbers as the user will get them."""
        return self.numbers.rounded(rows)

    def append(self, draws: Draws, codes: Tensor) -> Any:
        """The given rows, unchanged and first, then the synthetic ones, in the container that came in.

        Args:
            draws: The synthetic rows.
            codes: Their categories, int32, shape (n_new, c).
        """
        X = self.given
        made = self.numbers.make(draws)
        elected = codes.cpu().numpy()
        if hasattr(X, "iloc"):
            return self._append_frame(made, elected)
        if is_polars(X):
            return X.vstack(type(X)(self._new_columns(made, elected)))
        if sparse.issparse(X):
            columns = np.column_stack(self._new_columns(made, elected)).astype(X.dtype)
            return type(X)(sparse.vstack([X, sparse.csr_array(columns)], format=X.format))
        if isinstance(X, (Tensor, np.ndarray)):
            return self._append_block(made, elected)
        return [*X, *(list(row) for row in zip(*self._new_columns(made, elected), strict=True))]

    def _append_block(self, made: Tensor, elected: NDArray[np.int32]) -> Any:
        """Column by column into one new table: no copy of the synthetic rows besides."""
        X = self.given
        n, shape = len(X), (len(X) + len(made), X.shape[1])
        is_tensor = isinstance(X, Tensor)
        grown: Any = X.new_empty(shape) if is_tensor else np.empty(shape, X.dtype)
        grown[:n] = X.detach() if is_tensor else X
        values = made.to(X.device) if is_tensor else made.cpu().numpy()
        for j, place in enumerate(self.places):
            grown[n:, place] = values[:, j]
        for j, place in enumerate(self.categories.places):
            grown[n:, place] = take_rows(X[:, place], self.categories.first[elected[:, j]])
        return grown

    def _append_frame(self, made: Tensor, elected: NDArray[np.int32]) -> Any:
        import pandas as pd

        new = pd.concat(self._new_columns(made, elected), axis=1)
        new.columns = self.given.columns
        return pd.concat([self.given, new], ignore_index=True)

    def _new_columns(self, made: Tensor, elected: NDArray[np.int32]) -> list[Any]:
        """The columns of the synthetic rows, in the table's order, each as its container has columns."""
        X = self.given.tocsc() if sparse.issparse(self.given) else self.given
        numbers = made.double().cpu().numpy() if made.element_size() < 4 else made.cpu().numpy()
        columns: list[Any] = [None] * (len(self.places) + len(self.categories.places))
        for j, place in enumerate(self.places):
            columns[place] = _like(column_of(X, place), numbers[:, j])
        for j, place in enumerate(self.categories.places):
            rows = self.categories.first[elected[:, j]]
            columns[place] = take_rows(column_of(X, place), rows)
        if isinstance(X, list):
            return [column.tolist() for column in columns]
        return columns


def _like(column: Any, values: NDArray[Any]) -> Any:
    """New values of a column of numbers in its container and dtype."""
    if is_polars(column):
        return type(column)(column.name, values).cast(column.dtype)
    if hasattr(column, "iloc"):
        return type(column)(values, name=column.name).astype(column.dtype)
    return values.astype(column.dtype)
