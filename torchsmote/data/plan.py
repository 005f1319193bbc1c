"""What a batch is made of: which row each sample copies, and which are mixed with what.

Plans are made on the host, as numpy arrays: they are small, and numpy's calls on short arrays cost a third of
torch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import blend

__all__ = ["Ballot", "Mix", "Plan", "Provenance", "Rows", "SoftLabels", "make_plan"]

Rows = NDArray[np.int64]


class Provenance(NamedTuple):
    """Where a sample comes from: ``x = x[base] + step * (x[neighbor] - x[base])``.

    A real row is its own base and neighbor, and its step is 0.

    Attributes:
        base: Row of the wrapped dataset; an int, or int64, shape (b,).
        neighbor: Row it is mixed with; an int, or int64, shape (b,); (m,) or (b, m) for methods that mix m.
        step: How far towards the neighbor; a float, or shape (b,), or as ``neighbor``.

    >>> Provenance(base=3, neighbor=8, step=0.25).neighbor
    8
    """

    base: Any
    neighbor: Any
    step: Any


class Mix(NamedTuple):
    """What s synthetic samples are mixed of.

    Attributes:
        base: Shape (s,).
        neighbors: Shape (s, m).
        steps: Shape (s, m), float32 or float64, on the CPU.
    """

    base: Rows
    neighbors: Rows
    steps: Tensor


class Ballot(NamedTuple):
    """Who votes on the categories of s synthetic samples.

    Attributes:
        voters: Rows of the wrapped dataset, shape (s, k); -1 stands for nobody, at least one is there.
        numbers: Numbers of the synthetic samples, shape (s,).
        epochs: Their epochs, shape (s,).
        seed: Together with these, and with the column, it settles ties.
    """

    voters: Rows
    numbers: Rows
    epochs: Rows
    seed: int

    def part(self, low: int, high: int) -> Ballot:
        """The ballot of some consecutive samples."""
        part = slice(low, high)
        return Ballot(self.voters[part], self.numbers[part], self.epochs[part], self.seed)


class Plan(NamedTuple):
    """How to make a batch of b samples, s of them synthetic.

    Attributes:
        base: Row of the wrapped dataset each sample starts from, shape (b,).
        synthetic: Positions in the batch of the synthetic samples, ascending, shape (s,).
        neighbors: Rows these are mixed with, shape (s, m).
        steps: How far, shape (s, m), float32 or float64, on the CPU.
        ballot: Who votes on their categories; None: nothing is voted.
    """

    base: Rows
    synthetic: Rows
    neighbors: Rows
    steps: Tensor
    ballot: Ballot | None = None

    def through(self, rows: Rows) -> Plan:
        """The same plan in the rows of a larger table, of which these rows were chosen."""
        ballot = self.ballot
        if ballot is not None:
            ballot = ballot._replace(voters=np.where(ballot.voters < 0, -1, rows.take(ballot.voters)))
        return self._replace(base=rows.take(self.base), neighbors=rows.take(self.neighbors), ballot=ballot)

    def split(self, size: int) -> Iterator[Plan]:
        """Plans of ``size`` consecutive samples each, the last maybe smaller."""
        starts = np.arange(0, len(self.base) + size, size)
        cuts = np.searchsorted(self.synthetic, starts).tolist()
        for start, low, high in zip(starts[:-1].tolist(), cuts[:-1], cuts[1:], strict=True):
            own = self.synthetic[low:high] - start
            ballot = None if self.ballot is None else self.ballot.part(low, high)
            base, steps = self.base[start : start + size], self.steps[low:high]
            yield Plan(base, own, self.neighbors[low:high], steps, ballot)

    def provenance(self) -> Provenance:
        """The provenance of every sample of the batch, on the CPU."""
        b, m = len(self.base), self.neighbors.shape[1]
        neighbors = self.base[:, None].repeat(m, 1)
        neighbors[self.synthetic] = self.neighbors
        steps = self.steps.new_zeros(b, m).index_copy_(0, torch.from_numpy(self.synthetic), self.steps)
        origin = torch.from_numpy(neighbors)
        if m == 1:
            origin, steps = origin[:, 0], steps[:, 0]
        return Provenance(torch.from_numpy(self.base), origin, steps)


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Labels as probability vectors, mixed by the same steps as the features.

    Attributes:
        codes: Label of each row of the wrapped dataset, shape (n,).
        num_classes: Length of a vector.
    """

    codes: Rows
    num_classes: int

    def of(self, plan: Plan) -> Tensor:
        """Soft labels of a batch, float32, shape (b, num_classes), on the CPU."""
        soft, at = self._one_hot(plan.base), torch.from_numpy(plan.synthetic)
        mixed = blend(soft.index_select(0, at), self._one_hot(plan.neighbors), plan.steps)
        return soft.index_copy_(0, at, mixed)

    def _one_hot(self, rows: Rows) -> Tensor:
        codes = torch.from_numpy(self.codes.take(rows)).unsqueeze(-1)
        return torch.zeros(*rows.shape, self.num_classes).scatter_(-1, codes, 1.0)


def make_plan(
    rows: Rows,
    n_real: int,
    draw: Callable[[Rows, Rows], Mix],
    vote: Callable[[Rows, Rows, Rows], Ballot] | None = None,
) -> Plan:
    """Plan a batch.

    Args:
        rows: Rows of the longer dataset, shape (b,); those from ``n_real`` on are synthetic. Not modified.
        n_real: Rows of the wrapped dataset.
        draw: From numbers of synthetic rows, shape (s,), and their positions in the batch, to their mix.
        vote: From these and the base rows, to their ballot; None: nothing is voted.
    """
    synthetic = (rows >= n_real).nonzero()[0]
    numbers = rows.take(synthetic) - n_real
    mix = draw(numbers, synthetic)
    base = rows.copy()
    base[synthetic] = mix.base
    ballot = None if vote is None else vote(numbers, synthetic, mix.base)
    return Plan(base, synthetic, mix.neighbors, mix.steps, ballot)
