"""ArrowRows: the rows of Parquet and Arrow files, all of them block by block, or a few of them anywhere."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from ..neighbors.streamed import numbered
from ..whole_files import replacing
from .arrow_columns import as_labels, checked_features, floating_dtype, mapped_columns, numpy_dtype, rows_of
from .arrow_pieces import open_pieces
from .piece_cache import PieceCache

__all__ = ["ArrowRows"]

_CACHE = 256 << 20  # bytes


class ArrowRows(Dataset[Any]):
    """A map-style dataset over Parquet or Arrow files that are never in memory as a whole.

    Item i is ``(features, label)``: a floating tensor, shape (d,), and the label as the file has it (a tensor
    for numbers); without ``target`` it is ``(features,)``. `SMOTEDataset` and `TensorLoader` take it and make
    whole batches; `knn` and the recipes of `SMOTE`, `BorderlineSMOTE`, `ADASYN` and `RandomOverSampler` read
    it block by block.

    **Speed.** Arrow IPC files that are not compressed are mapped: a row anywhere costs a read of its pages.
    Parquet has no such access: for one row, a whole row group is decoded. With groups of g rows that are not
    in the cache, a shuffled epoch decodes every group again and again, up to g times more than it uses. So
    read Parquet in order, or convert it once with ``to_memmap``.

    **Memory.** The labels; for Parquet ``cache_bytes`` of decoded row groups, once more in each worker
    process, and one group that is being decoded. Of mapped files nothing is held.

    Args:
        source: A path to a Parquet file, or a folder of them; to an Arrow IPC (Feather 2) file, ending in
            .arrow, .feather or .ipc; a list of paths; a pyarrow Table, ParquetFile or dataset. Worker
            processes that are spawned, not forked, take any but a ParquetFile.
        features: Names of the columns of numbers. None: all but ``target``.
        target: Name of the column of labels; None: items have none.
        dtype: torch.float32 or torch.float64. None: float32 where all columns are float32 or float16, else
            float64, as for a data frame.
        cache_bytes: At most so much of what is decoded is kept for reading rows anywhere.

    Attributes:
        features: The names.
        target: The name.
        shape: (n, d).
        dtype: Of the features read.
        device: Where they are handed out.

    Raises:
        TypeError: If ``source`` is none of these, or a column holds something else than numbers.
        ValueError: If there is no row or column, ``cache_bytes`` is no count, or a name is unknown or given
            twice. When rows or labels are read: if a file was changed meanwhile, or a label is missing.
        IndexError: When rows are read, if one is out of range.
        ImportError: Without pyarrow; ``pip install "torchsmote[scale]"``.

    >>> import pyarrow as pa
    >>> table = pa.table({"a": [0.0, 1.0, 2.0], "b": [3.0, 4.0, 5.0], "y": [0, 0, 1]})
    >>> rows = ArrowRows(table, target="y")
    >>> rows.shape, rows[2]
    ((3, 2), (tensor([2., 5.], dtype=torch.float64), tensor(1)))
    """

    def __init__(
        self,
        source: Any,
        features: Sequence[str] | None = None,
        target: str | None = None,
        *,
        dtype: torch.dtype | None = None,
        cache_bytes: int = _CACHE,
    ) -> None:
        self._source, self._cache_bytes = source, cache_bytes
        if isinstance(cache_bytes, bool) or not isinstance(cache_bytes, int) or cache_bytes < 0:
            raise ValueError(f"`cache_bytes` must be an int of at least 0, got {cache_bytes!r}")
        schema, pieces = open_pieces(source)
        if not any(piece.rows for piece in pieces):
            raise ValueError("`source` has no row; a table needs at least one")
        self.features = checked_features(schema, features, target)
        self.target = target
        self.dtype = floating_dtype(schema, self.features, dtype)
        self.device = torch.device("cpu")
        self._pieces = [piece for piece in pieces if piece.rows]
        self._starts = np.cumsum([0, *(piece.rows for piece in self._pieces)])
        self._chosen: NDArray[np.int64] | None = None
        self._cache = PieceCache(cache_bytes)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = (self._source, self.features, self.target, self.dtype, self._cache_bytes)
        return _reopened, (*arguments, self._chosen, self.device)

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._chosen is None else len(self._chosen)

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return len(self), len(self.features)

    @cached_property
    def targets(self) -> Any:
        """The labels, shape (n,): a tensor for numbers, else an array; None without ``target``."""
        if self.target is None:
            return None
        columns = [piece.load([self.target]) for piece in self._pieces]
        return as_labels(columns, self.target, self._chosen)

    def __getitem__(self, index: Any) -> Any:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """Several items at once: each row group they lie in is decoded once."""
        rows = np.asarray([range(len(self))[operator.index(index)] for index in indices], dtype=np.int64)
        values = self.take(rows).unbind(0)
        if self.targets is None:
            return [(value,) for value in values]
        return list(zip(values, (self.targets[row] for row in rows.tolist()), strict=True))

    def take(self, rows: NDArray[np.int64]) -> Tensor:
        """The features of some rows, shape (b, d), in that order.

        Args:
            rows: In [0, n), int64, shape (b,).
        """
        rows = self._checked(rows)
        rows = rows if self._chosen is None else self._chosen.take(rows)
        places = np.searchsorted(self._starts, rows, side="right") - 1
        made = torch.empty((len(rows), len(self.features)), dtype=self.dtype)
        for place in np.unique(places).tolist():
            at = np.flatnonzero(places == place)
            made[torch.from_numpy(at)] = self._of_piece(place, rows[at] - self._starts[place])
        return made.to(self.device)

    def row_blocks(self, size: int) -> Iterator[Tensor]:
        """The features of all rows in order, at most ``size`` rows at a time, each of shape (m, d)."""
        if self._chosen is not None:
            yield from (
                self.take(np.arange(len(self))[start : start + size]) for start in range(0, len(self), size)
            )
            return
        for piece in self._pieces:
            if piece.stamp is not None:
                piece.stamp.check()
            loaded = piece.load(self.features)
            for start in range(0, piece.rows, size):
                yield rows_of(loaded.slice(start, size), self.features, self.dtype).to(self.device)

    def only(self, rows: NDArray[np.int64]) -> ArrowRows:
        """Some of the rows as a dataset of their own, without reading them; what a Subset becomes.

        Args:
            rows: In [0, n), int64, shape (m,); ascending ones are read fastest.
        """
        rows = self._checked(rows)
        chosen = copy(self)
        chosen._chosen = rows if self._chosen is None else self._chosen.take(rows)
        chosen.__dict__.pop("targets", None)
        return chosen

    def to(self, device: torch.device) -> ArrowRows:
        """The same rows, handed out on ``device``."""
        moved = copy(self)
        moved.device = device
        return moved

    def to_memmap(self, path: str | os.PathLike[str]) -> Tensor:
        """Write the features to a .npy file, block by block, and return them as a tensor mapped from it.

        Rows anywhere are then read at the speed of the disk: ``TensorDataset(rows.to_memmap(path),
        rows.targets)``. The file is whole or not there at all; changes of the tensor stay in memory.

        Args:
            path: The file, such as "X.npy".

        Raises:
            OSError: If it cannot be written, as on a full disk; ``path`` is then as it was.
        """
        with replacing(path) as partial:
            array = np.lib.format.open_memmap(partial, "w+", numpy_dtype(self.dtype), self.shape)
            for first, block in numbered(self):
                array[first : first + len(block)] = block.cpu().numpy()
            array.flush()
        return torch.from_numpy(np.load(path, mmap_mode="c"))

    def _checked(self, rows: Any) -> NDArray[np.int64]:
        """Row numbers, once they are known to be some."""
        numbers = np.asarray(rows)
        if numbers.ndim != 1 or (numbers.dtype.kind not in "iu" and numbers.size):
            raise TypeError(f"`rows` must be a vector of row numbers, got {numbers.dtype} of {numbers.shape}")
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self):
            raise IndexError(f"`rows` must be in [0, {len(self)}), got {numbers.min()} to {numbers.max()}")
        return numbers.astype(np.int64, copy=False)

    def _of_piece(self, place: int, rows: NDArray[np.int64]) -> Tensor:
        piece = self._pieces[place]
        if piece.stamp is not None:
            piece.stamp.check()
        if piece.mapped:
            columns = mapped_columns(piece.load(self.features), self.features)
            if columns is not None:
                kind = numpy_dtype(self.dtype)  # of each column: a common one would round large ints twice
                gathered = np.stack([column.take(rows).astype(kind, copy=False) for column in columns])
                return torch.from_numpy(gathered).t()
        key = place, self.dtype
        whole = self._cache.get(key, lambda: rows_of(piece.load(self.features), self.features, self.dtype))
        return whole.index_select(0, torch.from_numpy(rows))


def _reopened(
    source: Any,
    features: list[str],
    target: str | None,
    dtype: torch.dtype,
    cache_bytes: int,
    chosen: NDArray[np.int64] | None,
    device: torch.device,
) -> ArrowRows:
    rows = ArrowRows(source, features, target, dtype=dtype, cache_bytes=cache_bytes)
    rows = rows if chosen is None else rows.only(chosen)
    return rows if device == rows.device else rows.to(device)
