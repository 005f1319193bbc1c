"""What neighbour tests compare with: every distance in float64, by true differences, stably sorted."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def brute_force(
    query: Tensor, reference: Tensor, k: int, metric: str = "euclidean", allowed: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Distances and indices (q, k) of the k nearest allowed rows; inf and -1 where there are fewer."""
    query, reference = query.double(), reference.double()
    if metric == "cosine":
        query, reference = (rows / rows.norm(dim=1, keepdim=True) for rows in (query, reference))
    squared = torch.stack([(reference - row).square().sum(1) for row in query])
    if allowed is not None:
        squared = squared.masked_fill(~allowed, math.inf)
    squared, indices = squared.sort(dim=1, stable=True)
    squared, indices = squared[:, :k], indices[:, :k].masked_fill(squared[:, :k] == math.inf, -1)
    missing = k - squared.shape[1]
    if missing > 0:
        squared = torch.nn.functional.pad(squared, (0, missing), value=math.inf)
        indices = torch.nn.functional.pad(indices, (0, missing), value=-1)
    return (squared / 2 if metric == "cosine" else squared.sqrt()), indices


def tables(n: int, d: int) -> dict[str, Tensor]:
    """float32 tables that break searches which trust low precision, or lose the order of ties."""
    generator = torch.Generator().manual_seed(n * 10_007 + d)
    normal = torch.randn(n, d, generator=generator)
    whole = torch.randint(1, 4, (n, d), generator=generator).float()
    clusters = torch.randn(4, d, generator=generator)[torch.arange(n) % 4] * 100
    return {
        "gaussian": normal,
        "offset": normal + 1000,
        "scales": normal * torch.logspace(-4, 4, d),
        "duplicates": normal[torch.arange(n) % max(1, n // 7)],
        "equal": torch.full((n, d), 0.3),
        "whole": whole,
        "decimals": whole * 0.1,
        "clusters": clusters + 1e-3 * normal,
        "outlier": torch.cat([normal[1:], torch.full((1, d), 1e6)]),
        "huge": normal * 1e30,
        "tiny": normal * 1e-30,
    }
