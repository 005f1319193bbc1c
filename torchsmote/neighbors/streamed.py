"""Tables that are read block by block, from a file or wherever they are, and the search of rows in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from torchsmote.neighbors.best import Block, nearest_in_blocks
from torchsmote.neighbors.scaling import Extent, comparable, true_distances

__all__ = ["Pair", "RowBlocks", "extent_of", "is_streamed", "numbered", "search_streamed"]

_BYTES = 32 << 20  # of a block of rows


class RowBlocks(Protocol):
    """A table of n rows and d columns of numbers that is never in memory as a whole.

    Attributes:
        dtype: Floating dtype of the rows read.
        device: Where the rows read are.
    """

    dtype: torch.dtype
    device: torch.device

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        ...

    def __len__(self) -> int: ...

    def row_blocks(self, size: int) -> Iterator[Tensor]:
        """All rows in order, at most ``size`` at a time, each of shape (m, d)."""
        ...


Pair = tuple[Tensor | None, Tensor | None]


def is_streamed(values: Any) -> bool:
    """Whether it is a table that is read block by block."""
    return hasattr(values, "row_blocks")


def numbered(table: Tensor | RowBlocks) -> Iterator[tuple[int, Tensor]]:
    """Blocks of some 32 MiB, each with the number of its first row; a tensor is one block."""
    if isinstance(table, Tensor):
        yield 0, table
        return
    first = 0
    for block in table.row_blocks(max(1, _BYTES // (table.shape[1] * table.dtype.itemsize))):
        yield first, block
        first += len(block)


def extent_of(table: Tensor | RowBlocks, name: str) -> Extent:
    """The extent of all rows, after one pass over them.

    Raises:
        ValueError: If a value is NaN or infinite; it says in which row and column.
    """
    extent = Extent()
    for first, block in numbered(table):
        extent |= Extent.of(block, name, first)
    return extent


def search_streamed(
    tables: Sequence[tuple[str, Tensor | RowBlocks]],
    k: int,
    pairs: Callable[[], Iterable[Pair]],
    metric: str,
    exclude_self: bool,
    backend: str,
) -> tuple[Tensor, Tensor]:
    """Distances and indices of the k nearest, where at least one side is read block by block.

    Each block of queries reads the whole reference once, or once for each class that is in it. Needs a block
    of each side, and what `nearest_in_blocks` needs for the queries of a block.

    Args:
        tables: The query, shape (q, d), and, last, the reference, shape (n, d), where there is one, each with
            its argument's name.
        k: How many neighbours.
        pairs: Makes pairs of query rows and the reference rows they may see, ascending; None stands for all.
        metric: As in ``knn``.
        exclude_self: As in ``knn``.
        backend: As in ``knn``.
    """
    extent = Extent()
    for name, table in tables:
        extent |= extent_of(table, name)
    query, reference = tables[0][1], tables[-1][1]
    distances = torch.full((len(query), k), torch.inf, dtype=query.dtype, device=query.device)
    indices = torch.full((len(query), k), -1, dtype=torch.int64, device=query.device)
    for first, block in numbered(query):
        asked, scale = comparable(block, metric, extent, "query")
        for queries, references in pairs():
            near = _within(queries, first, len(block))
            if near is not None and not len(near):
                continue
            chosen = asked.only(near)
            own = first + chosen.at(slice(0, len(chosen))) if exclude_self else None
            blocks = _blocks(reference, references, metric, extent)
            best = nearest_in_blocks(chosen, blocks, k, own=own, backend=backend)
            into = slice(first, first + len(block)) if near is None else first + near
            distances[into] = true_distances(best.squared, metric, scale).to(query.dtype)
            indices[into] = best.indices
    return distances, indices


def _blocks(
    reference: Tensor | RowBlocks, rows: Tensor | None, metric: str, extent: Extent
) -> Iterator[Block]:
    for first, block in numbered(reference):
        seen = comparable(block, metric, extent, "reference")[0]
        yield Block(seen.only(_within(rows, first, len(block))), first)


def _within(rows: Tensor | None, first: int, size: int) -> Tensor | None:
    """Those of ascending row numbers that a block holds, counted from its first row; None for all."""
    if rows is None:
        return None
    low, high = torch.searchsorted(rows, rows.new_tensor([first, first + size])).tolist()
    return rows[low:high] - first
