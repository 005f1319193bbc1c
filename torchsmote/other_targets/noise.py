"""SMOGN's choice for each neighbour, interpolation or noise, and the noise itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import Draws, Shifted, synthesize_shifted
from ..over_sampling.class_recipe import ClassRecipe
from ..over_sampling.drawing import Stream, standard_normals

__all__ = ["Noisy", "NoisyParts", "half_median", "noisy_parts", "synthesize_noisy"]

_CHUNK = 1 << 21  # distances at a time: 16 MiB


class Noisy(NamedTuple):
    """`Draws`, and what is added to row and target: float64, shape (n_new, d + 1), the target's last."""

    base: Tensor
    neighbors: Tensor
    steps: Tensor
    labels: Tensor
    noise: Tensor


def synthesize_noisy(X: Tensor, drawn: Noisy, /, *, out: Tensor | None = None) -> Tensor:
    """Make the rows that were drawn and add their noise, shape (n_new, d)."""
    return synthesize_shifted(X, Shifted(*drawn[:4], drawn.noise[:, :-1].to(X.dtype)), out=out)


@dataclass(frozen=True, eq=False)
class NoisyParts:
    """Bins in which a step towards a far neighbour is 0, and the noise that such rows get instead.

    Attributes:
        parts: The bins that grow.
        reach: Half the median distance of each row to the others of its bin, float64, shape (n,).
        spread: Standard deviation of each column, and of the target, in each bin, float64, shape (c, d + 1).
        perturbation: The most that a standard deviation is multiplied by.
    """

    parts: list[ClassRecipe]
    reach: Tensor
    spread: Tensor
    perturbation: float

    def draw(self, stream: Stream, draws: Draws) -> Noisy:
        """Add noise to the rows that did not step."""
        far = (draws.step == 0).nonzero()[:, 0]
        base, label = draws.base.index_select(0, far), draws.labels.index_select(0, far)
        size = self.reach.index_select(0, base).clamp(max=self.perturbation).unsqueeze(1)
        noise = self.spread.new_zeros(len(draws.base), self.spread.shape[1])
        normals = standard_normals(stream, (len(far), self.spread.shape[1]), noise.device)
        noise[far] = normals * size * self.spread.index_select(0, label)
        return Noisy(*draws, noise)


def noisy_parts(
    rows: Tensor, values: NDArray[np.float64], n_bins: int, parts: Sequence[ClassRecipe], perturbation: float
) -> NoisyParts:
    """Measure the bins that grow.

    Args:
        rows: The table, shape (n, d).
        values: The target, shape (n,).
        n_bins: Bins, those that do not grow included.
        parts: The bins that grow.
        perturbation: See `NoisyParts`.
    """
    reach = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
    spread = reach.new_zeros(n_bins, rows.shape[1] + 1)
    target = torch.from_numpy(values).to(rows.device)
    near = []
    for part in parts:
        own = rows.index_select(0, part.rows).double()
        peak = _peak(own)
        own /= peak  # so that no square overflows
        half = half_median(own)
        reach[part.rows] = half * peak
        spread[part.label, :-1] = _deviation(own) * peak
        spread[part.label, -1:] = _deviation(target.index_select(0, part.rows).unsqueeze(1))
        near.append(replace(part, spans=_spans(own, part, half)))
    return NoisyParts(near, reach, spread, perturbation)


def half_median(rows: Tensor) -> Tensor:
    """Half the median distance of each row to the others; 0 where it is alone. Time n * n * d.

    Args:
        rows: float64, shape (n, d).

    >>> half_median(torch.tensor([[0.0], [2.0], [6.0]], dtype=torch.float64)).tolist()
    [2.0, 1.5, 2.5]
    """
    n = len(rows)
    made = rows.new_zeros(n)
    if n == 1:
        return made
    chunk = max(1, _CHUNK // n)
    for start in range(0, n, chunk):
        distances = torch.cdist(
            rows[start : start + chunk], rows, compute_mode="donot_use_mm_for_euclid_dist"
        )
        # The row itself is the first of the n in order, so places among the n - 1 others move up by one.
        low, high = (distances.kthvalue(place + 1, dim=1)[0] for place in (n // 2, (n - 1) // 2 + 1))
        made[start : start + chunk] = (low + high) / 4
    return made


def _spans(own: Tensor, part: ClassRecipe, half: Tensor) -> Tensor:
    """Start 0, and length 1 towards a neighbour nearer than ``half``, else 0, shape (b, k, 2)."""
    assert part.table is not None
    spans = own.new_zeros(*part.table.shape, 2)
    for column, neighbors in enumerate(part.table.unbind(1)):
        at = torch.searchsorted(part.rows, neighbors.contiguous())
        distance = torch.linalg.vector_norm(own - own.index_select(0, at), dim=1)
        spans[:, column, 1] = (distance < half).double()
    return spans


def _peak(rows: Tensor) -> float:
    peak = float(rows.abs().max())
    return peak if peak > 0 else 1.0


def _deviation(rows: Tensor) -> Any:
    peak = _peak(rows)
    return (rows / peak).std(0) * peak if len(rows) > 1 else 0.0
