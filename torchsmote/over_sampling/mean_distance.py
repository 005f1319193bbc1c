"""The mean distance between rows, in blocks: never a matrix of all pairs."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["mean_distance"]

_BLOCK = 1 << 20  # distances at a time: 8 MiB of float64


def mean_distance(rows: Tensor) -> float:
    """Mean Euclidean distance between two different rows; 0 where there is one row only.

    Args:
        rows: Floating point, shape (n, d).

    >>> mean_distance(torch.tensor([[0.0], [1.0], [3.0]]))
    2.0
    """
    n = len(rows)
    if n < 2:
        return 0.0
    # Centred and in float64: then a square less a product keeps its digits.
    rows = rows.double()
    rows = rows - rows.mean(0)
    squares = rows.square().sum(1)
    total = squares.new_zeros(())
    step = max(1, _BLOCK // n)
    for start in range(0, n, step):
        block = slice(start, start + step)
        # Each pair once: to the rows of the block, of which half is counted, and to those behind it.
        pairs = torch.addmm(squares[start:], rows[block], rows[start:].T, alpha=-2)
        pairs.add_(squares[block, None]).clamp_(min=0).sqrt_().diagonal().zero_()
        total += pairs.sum() - pairs[:, : len(pairs)].sum() / 2
    return float(total) * 2 / (n * (n - 1))
