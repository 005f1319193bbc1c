"""Columns of numbers of a table in a file, read block by block; what a resampler fits on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from ..streamed.arrow_columns import floating_dtype, rows_of
from .tables import Survey, TableFile

__all__ = ["FileRows"]

Watch = Callable[[Iterable[Any]], Iterator[Any]]


class FileRows:
    """See `RowBlocks`.

    Args:
        file: The table.
        found: Its survey.
        names: The columns.
        watch: What passes blocks on, and may tell of them.
    """

    def __init__(self, file: TableFile, found: Survey, names: Sequence[str], watch: Watch = iter) -> None:
        self.file, self.schema, self.names, self.watch = file, found.schema, list(names), watch
        self.dtype = floating_dtype(found.schema, self.names, None)
        self.device = torch.device("cpu")
        self.shape = found.n_rows, len(self.names)

    def __len__(self) -> int:
        return self.shape[0]

    def row_blocks(self, size: int) -> Iterator[Tensor]:
        """See `RowBlocks`."""
        for table in self.watch(self.file.tables(self.schema, self.names)):
            for start in range(0, table.num_rows, size):
                yield rows_of(table.slice(start, size), self.names, self.dtype)
