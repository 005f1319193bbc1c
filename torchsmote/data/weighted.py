"""WeightedSampler: draws with replacement by weights, of any number of rows, resumable inside an epoch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from operator import index as as_int
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Sampler

from ..layout import place
from ..random import Purpose, check_seed, uniforms
from ..whole_files import digest
from .progress import EpochStream, Progress
from .resumable import Resumable

__all__ = ["WeightedSampler"]

_CHUNK = 8192  # rows drawn at a time


class WeightedSampler(Resumable, Sampler[int]):
    """Rows drawn with replacement, row i with probability ``weights[i] / weights.sum()``.

    torch's WeightedRandomSampler, but for any number of rows (torch.multinomial refuses more than 2**24),
    without the global random state, and resumable: draw j of an epoch is a pure function of (seed, epoch, j),
    by inverse CDF in float64. Each new ``iter()`` moves on to the next epoch; ``set_epoch`` chooses another.

    It gives plain row numbers, of any dataset. Over a `SMOTEDataset`, which makes new synthetic rows for each
    epoch, call the dataset's ``set_epoch`` too. It holds 8 bytes a row.

    Args:
        weights: At least 0, finite, one of them above 0, shape (n,): a tensor, an array or a sequence.
        num_samples: Draws an epoch; None: n.
        seed: In [0, 2**64).

    Raises:
        TypeError: If ``weights`` are no numbers, or ``num_samples`` or ``seed`` is no int.
        ValueError: If ``weights`` have another shape, one is negative or not finite, or all are 0; if
            ``num_samples`` is below 1.

    >>> sampler = WeightedSampler([0.0, 1.0, 3.0], num_samples=6, seed=0)
    >>> list(sampler), list(sampler)
    ([2, 1, 2, 2, 1, 2], [2, 1, 1, 2, 2, 1])
    """

    def __init__(self, weights: Any, num_samples: int | None = None, *, seed: int = 0) -> None:
        total = _running_total(weights)
        if num_samples is None:
            num_samples = len(total)
        if isinstance(num_samples, bool) or not hasattr(num_samples, "__index__"):
            raise TypeError(f"`num_samples` must be an int, got {type(num_samples).__name__}")
        if as_int(num_samples) < 1:
            raise ValueError(f"`num_samples` must be at least 1, got {num_samples}")
        self.num_samples = as_int(num_samples)
        self.seed = check_seed(seed)
        self._total = total
        self._last = int(torch.searchsorted(total, total[-1:]))  # of those with a weight above 0
        self._weights = digest([total.numpy()])[:16]
        self._progress = Progress(self._identity)

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        return EpochStream.of(self._chunks(), self._progress)

    def _chunks(self) -> Generator[Iterator[int], None, None]:
        epoch, start = self._progress.begin()
        for first in range(start, self.num_samples, _CHUNK):
            end = min(first + _CHUNK, self.num_samples)
            u = uniforms(torch.arange(first, end), self.seed, epoch, purpose=Purpose.WEIGHTED)[0]
            # Rounding of the product can reach a total that is subnormal.
            rows = place(self._total, u * self._total[-1]).clamp_(max=self._last)
            yield self._progress.follow(iter(rows.tolist()), end)

    def _identity(self) -> dict[str, Any]:
        return {"length": self.num_samples, "seed": self.seed, "weights": self._weights}

    def __repr__(self) -> str:
        return (
            f"WeightedSampler({len(self._total)} weights, num_samples={self.num_samples}, seed={self.seed}, "
            f"{self._progress})"
        )


def _running_total(weights: Any) -> Tensor:
    """Running total of the weights, float64 on the CPU, shape (n,); in float32 it would stop growing."""
    try:
        # Python's own numbers would be rounded to torch's default dtype.
        own = torch.as_tensor(weights, dtype=None if hasattr(weights, "dtype") else torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"`weights` must be numbers: {error}") from error
    if own.is_complex():
        raise TypeError(f"`weights` must be real numbers, got {own.dtype}")
    values = own.detach().cpu().double()
    if values.dim() != 1 or not len(values):
        raise ValueError(f"`weights` must have shape (n,), n at least 1, got {tuple(values.shape)}")
    wrong = ~(values.isfinite() & (values >= 0))
    if bool(wrong.any()):
        row = int(wrong.nonzero()[0])
        raise ValueError(f"`weights` must be at least 0 and finite, got {float(values[row])} for row {row}")
    total = values.cumsum(0)
    if not 0 < float(total[-1]) < float("inf"):
        raise ValueError(f"`weights` must sum to more than 0 and to a finite number, got {float(total[-1])}")
    return total
