"""How the base rows of a recipe lie behind one another, and how uniform numbers choose among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

__all__ = ["Layout", "Part", "Picks", "another", "place"]


class Part(NamedTuple):
    """Base rows of one class that are drawn from together; most methods have one part a class.

    Attributes:
        label: The class, as a position in ``classes_``.
        size: How many base rows.
        n_new: How many synthetic rows start from them.
    """

    label: int
    size: int
    n_new: int


class Picks(NamedTuple):
    """Choices inside a recipe: which base, which column of its neighbour table, which numbers for the step.

    Attributes:
        position: Index into ``recipe.rows``, int64, shape (n,).
        column: Column of the neighbour table, int64, shape (n,); where there is no table, the neighbour's
            index into ``recipe.rows``.
        u: First uniform of the step, float64, shape (n,).
        v: Second uniform, float64, shape (n,), or None where the variant does not read it.
        labels: Position in ``classes_``, int64, shape (n,).
        normals: Standard normals, float64, shape (n, k + 1), or None where the variant does not read them.
    """

    position: Tensor
    column: Tensor
    u: Tensor
    v: Tensor | None
    labels: Tensor
    normals: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """Where each part begins and ends, among the base rows and among the synthetic ones.

    Attributes:
        label: Class of each part, int64, shape (p,).
        first: First base row of each part, int64, shape (p,).
        size: Base rows of each part, int64, shape (p,).
        end: Running total of synthetic rows, int64, shape (p,).
        running: Running total over the base rows from 0 on, shape (b + 1,): of weights, float64, or of
            repeats, int64; None: all alike.
        fixed: Whether it counts repeats, so that a synthetic row's number alone says its base row.
        only: The one part that has synthetic rows, where there is just one.
    """

    label: Tensor
    first: Tensor
    size: Tensor
    end: Tensor
    running: Tensor | None
    fixed: bool
    only: int | None

    @classmethod
    def of(
        cls, parts: Sequence[Part], weights: Tensor | None, repeats: Tensor | None, device: torch.device
    ) -> Layout:
        """The layout of parts, with the weights or repeats of their rows, shape (b,)."""
        label, size, n_new = torch.tensor(parts, dtype=torch.int64).reshape(-1, 3).T
        growing = [place for place, part in enumerate(parts) if part.n_new]
        return cls(
            label.to(device),
            (size.cumsum(0) - size).to(device),
            size.to(device),
            n_new.cumsum(0).to(device),
            _running(weights, torch.float64, device) if repeats is None else _running(repeats, None, device),
            repeats is not None,
            growing[0] if len(growing) == 1 else None,
        )

    def part(self, indices: Tensor) -> Tensor:
        """The part of each synthetic row, int64, shape (n,)."""
        if self.only is not None:
            return torch.full_like(indices, self.only)
        return place(self.end, indices)

    def position(self, indices: Tensor, part: Tensor, u: Tensor) -> Tensor:
        """The base row of each synthetic one, by inverse CDF of ``u``, or by its number alone."""
        first, size = self.first.index_select(0, part), self.size.index_select(0, part)
        if self.running is None:
            return first + (u * size).long()
        if self.fixed:
            return place(self.running[1:], indices)
        low, high = self.running.index_select(0, first), self.running.index_select(0, first + size)
        position = place(self.running[1:], low + u * (high - low))
        # Rounding of the product can reach the part's total; its last row has a weight above 0.
        return torch.minimum(position, first + size - 1)

    def other(self, position: Tensor, part: Tensor, u: Tensor) -> Tensor:
        """Another base row of the same part, uniformly; the row itself where it is alone."""
        first, size = self.first.index_select(0, part), self.size.index_select(0, part)
        return another(position, first, size, u)


def another(position: Tensor, first: Tensor, size: Tensor, u: Tensor) -> Tensor:
    """A position of ``first`` to ``first + size - 1`` other than the given one, uniformly by u in [0, 1).

    >>> one = [torch.tensor([value]) for value in (4, 3, 3)]
    >>> [int(another(*one, torch.tensor([u]))) for u in (0.0, 0.9)]
    [5, 3]
    """
    ahead = 1 + (u * (size - 1)).long()
    return first + (position - first + ahead) % size


def _running(values: Tensor | None, dtype: torch.dtype | None, device: torch.device) -> Tensor | None:
    """Running total from 0 on, summed on the host, so that every device rounds, and so draws, alike.

    In float32, a running total of ones would stop growing at 2**24.
    """
    if values is None:
        return None
    values = values.cpu().to(dtype or values.dtype)
    return torch.cat((values.new_zeros(1), values.cumsum(0))).to(device)


def place(ends: Tensor, values: Tensor) -> Tensor:
    """For each value, how many of the ascending ``ends`` are at or below it.

    >>> place(torch.tensor([2, 2, 5]), torch.tensor([0, 2, 4])).tolist()
    [0, 2, 2]
    """
    if values.is_cpu:
        # torch's starts threads from 200 values on, which on a busy machine wait longer than they work.
        return torch.from_numpy(np.searchsorted(ends.numpy(), values.numpy(), side="right"))
    return torch.searchsorted(ends, values, right=True)
