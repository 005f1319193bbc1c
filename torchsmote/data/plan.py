"""What a batch is made of: which row each sample copies, and which are mixed with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import Draws, blend

__all__ = ["Plan", "Provenance", "SoftLabels", "make_plan"]

Rows = NDArray[np.int64]


class Provenance(NamedTuple):
    """Where a sample comes from: ``x = x[base] + step * (x[neighbor] - x[base])``.

    A real row is its own base and neighbor, and its step is 0.

    Attributes:
        base: Row of the wrapped dataset; an int, or int64, shape (b,).
        neighbor: Row it is mixed with; an int, or int64, shape (b,); (m,) or (b, m) for methods that mix m.
        step: How far towards the neighbor; a float, or shape (b,), or as ``neighbor``.
    """

    base: Any
    neighbor: Any
    step: Any


class Plan(NamedTuple):
    """How to make a batch of b samples, s of them synthetic.

    Attributes:
        base: Row of the wrapped dataset each sample starts from, int64, shape (b,).
        synthetic: Positions in the batch of the synthetic samples, int64, shape (s,).
        neighbors: Rows these are mixed with, int64, shape (s, m).
        steps: How far, shape (s, m).
    """

    base: Tensor
    synthetic: Tensor
    neighbors: Tensor
    steps: Tensor

    def provenance(self) -> Provenance:
        """The provenance of every sample of the batch."""
        m = self.neighbors.shape[1]
        neighbors = self.base.unsqueeze(1).repeat(1, m).index_copy_(0, self.synthetic, self.neighbors)
        steps = self.steps.new_zeros(len(self.base), m).index_copy_(0, self.synthetic, self.steps)
        if m == 1:
            neighbors, steps = neighbors[:, 0], steps[:, 0]
        return Provenance(self.base, neighbors, steps)


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Labels as probability vectors, mixed by the same steps as the features.

    Attributes:
        codes: Label of each row of the wrapped dataset, int64, shape (n,).
        num_classes: Length of a vector.
    """

    codes: Tensor
    num_classes: int

    def of(self, plan: Plan) -> Tensor:
        """Soft labels of a batch, float32, shape (b, num_classes)."""
        soft = self._one_hot(plan.base)
        s, m = plan.neighbors.shape
        others = self._one_hot(plan.neighbors.flatten()).reshape(s, m, self.num_classes)
        mixed = blend(soft.index_select(0, plan.synthetic), others, plan.steps)
        return soft.index_copy_(0, plan.synthetic, mixed)

    def to(self, device: torch.device) -> SoftLabels:
        """The same labels on ``device``."""
        return SoftLabels(self.codes.to(device), self.num_classes)

    def _one_hot(self, rows: Tensor) -> Tensor:
        blank = torch.zeros(len(rows), self.num_classes, device=rows.device)
        return blank.scatter_(1, self.codes.index_select(0, rows).unsqueeze(1), 1.0)


def make_plan(
    rows: Rows, n_real: int, draw: Callable[[Rows, Rows], Draws], device: torch.device | None = None
) -> Plan:
    """Plan a batch.

    Args:
        rows: Rows of the longer dataset, int64, shape (b,); those from ``n_real`` on are synthetic.
        n_real: Rows of the wrapped dataset.
        draw: From numbers of synthetic rows, shape (s,), and their positions in the batch, to their draws.
        device: Where the batch is made; None: the CPU.

    Returns:
        The plan, on ``device``.
    """
    # The mask is read on the host, where the rows come from, so that no device has to wait for it.
    positions = (rows >= n_real).nonzero()[0]
    draws = draw(rows[positions] - n_real, positions)
    base, synthetic = torch.from_numpy(rows.copy()), torch.from_numpy(positions)
    if device is not None:
        base, synthetic = base.to(device, non_blocking=True), synthetic.to(device, non_blocking=True)
    return Plan(base.index_copy_(0, synthetic, draws.base), synthetic, draws.neighbors, draws.steps)
