"""The k nearest so far, of a search whose reference rows come block by block."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from torchsmote.neighbors.engine import nearest
from torchsmote.neighbors.exact import rank
from torchsmote.neighbors.grid import group_size
from torchsmote.neighbors.minima import symmetry_pays
from torchsmote.neighbors.rows import Problem, Rows, slices

__all__ = ["Best", "Block", "cut", "nearest_in_blocks", "nearest_rows"]

# Numbers of a block: 64 MiB of the search's float32 copy. Each block's candidates are compared exactly, so
# smaller ones cost more: 74 columns are searched some 15 % slower in blocks of half the size.
_BLOCK = 1 << 24
_WHOLE = 1 << 26  # numbers up to which rows searched in themselves stay whole where that halves the products


class Block(NamedTuple):
    """Some consecutive reference rows of a table that is never held whole.

    Attributes:
        rows: The rows, as they are compared: all blocks of a search divided alike, see `comparable`.
        first: The number in the table of the first of them.
    """

    rows: Rows
    first: int


@dataclass
class Best:
    """The k nearest reference rows of each query so far, by (squared distance, index).

    What it ends with does not depend on how the references were cut, nor on the order they came in: squared
    distances are exact to a float64 rounding that sees one pair of rows alone, and ties go to the smaller
    index.

    Attributes:
        squared: Squared distances, float64, shape (q, k); inf where there are fewer.
        indices: Numbers of the rows, int64, shape (q, k); -1 where there are fewer.
    """

    squared: Tensor
    indices: Tensor

    @classmethod
    def of_none(cls, n_queries: int, k: int, device: torch.device) -> Best:
        """Before the first block."""
        squared = torch.full((n_queries, k), math.inf, dtype=torch.float64, device=device)
        return cls(squared, torch.full((n_queries, k), -1, dtype=torch.int64, device=device))

    def add(self, squared: Tensor, indices: Tensor) -> None:
        """Take further candidates in, each row at most once over all calls.

        Args:
            squared: float64, shape (q, m); inf where a candidate does not count.
            indices: int64, shape (q, m).
        """
        k = self.indices.shape[1]
        indices = torch.where(squared < math.inf, indices, -1)
        both = torch.cat((self.squared, squared), 1), torch.cat((self.indices, indices), 1)
        self.squared, self.indices = rank(*both, k)

    def search(self, asked: Rows, block: Block, *, own: Tensor | None = None, backend: str = "auto") -> None:
        """Take in the nearest rows of a further block; the arguments are those of ``nearest_in_blocks``."""
        k = self.indices.shape[1]
        width = min(k + (own is not None), len(block.rows))
        if not width or not len(asked):
            return
        squared, indices = nearest_rows(asked, block.rows, width, backend)
        indices = indices + block.first
        if own is not None:
            squared = squared.masked_fill(indices == own[:, None], math.inf)
        self.add(squared, indices)


def nearest_in_blocks(
    asked: Rows, blocks: Iterable[Block], k: int, *, own: Tensor | None = None, backend: str = "auto"
) -> Best:
    """The k nearest rows of all blocks to each row asked, exactly.

    The same answer as a search of all of them at once. Needs one block at a time, in float32 besides, the
    search's 32 MiB of minima, and 32 bytes for each of the k + 1 neighbours of each query.

    Args:
        asked: The query rows, divided as the blocks are.
        blocks: Each is used before the next is asked for.
        k: How many neighbours.
        own: The number in the table of each query, int64, shape (q,): it is left out. None: none is.
        backend: As in ``knn``.
    """
    best = Best.of_none(len(asked), k, asked.table.device)
    for block in blocks:
        best.search(asked, block, own=own, backend=backend)
    return best


def nearest_rows(asked: Rows, seen: Rows, k: int, backend: str = "auto") -> tuple[Tensor, Tensor]:
    """The k nearest of ``seen`` to each row asked, exactly, k <= len(seen).

    On the CPU a search of many rows is cut into blocks, so that its float32 copy stays at 64 MiB: a table
    that is mapped from a file need never be in memory as a whole. Only up to 20,000 wide rows that are
    searched in themselves are copied as a whole, up to 256 MiB: in one piece they take half of the products.

    Args:
        asked: The query rows, divided as ``seen`` is.
        seen: The rows searched.
        k: How many neighbours.
        backend: As in ``knn``.

    Returns:
        Squared distances, float64, and numbers of rows in ``seen.table``, int64, both (q, k).
    """
    if len(seen) <= _size(seen, k) or not seen.table.is_cpu or _is_halved(asked, seen, k):
        squared, positions = nearest(Problem.of(asked, seen, k), backend)
        return squared, seen.at(positions)
    best = nearest_in_blocks(asked, cut(seen, k), k, backend=backend)
    return best.squared, best.indices


def cut(seen: Rows, k: int, first: int = 0) -> Iterator[Block]:
    """Rows as blocks of a float32 copy of at most 64 MiB, but k rows at least.

    Args:
        seen: The rows.
        k: As in `nearest_in_blocks`.
        first: The number of the first row of ``seen.table``.
    """
    for part in slices(len(seen), _size(seen, k)):
        yield Block(seen.block(part), first + (part.start if seen.index is None else 0))


def _is_halved(asked: Rows, seen: Rows, k: int) -> bool:
    """Whether in one piece each product would serve two rows, and the copy is not too large."""
    n, d = len(seen), seen.width
    fits = n * d <= _WHOLE and seen.codes is None
    return fits and symmetry_pays(n, d, group_size(n, k)) and asked.are_those_of(seen)


def _size(seen: Rows, k: int) -> int:
    return max(k, _BLOCK // seen.width)
