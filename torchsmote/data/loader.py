"""TensorLoader: batches of a SMOTEDataset over tensors, made on the device, without workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ..devices import resolve_device
from ..random import check_seed
from .batch import Stack, cut
from .batch_size import check_batch_size
from .dataset import SMOTEDataset
from .plan import Mix, Rows
from .progress import Progress, epoch_order
from .resumable import Resumable, dataset_identity
from .sources import TensorSource

__all__ = ["TensorLoader"]

_ROWS_DRAWN = 1 << 18  # planned at a time: a call costs the same for one row as for hundreds
# Output made at a time: on the CPU it stays in cache, elsewhere it makes the launch of a kernel small.
_BYTES_MADE, _BYTES_MADE_ON_DEVICE = 2 << 20, 64 << 20


class TensorLoader(Resumable):
    """Batches of a `SMOTEDataset` over tensors, made on the device, with no worker processes.

    The same rows in the same order as ``DataLoader(dataset, batch_size, sampler=SMOTESampler(dataset,
    shuffle=shuffle, seed=seed), drop_last=drop_last)``, several times faster: many batches are drawn,
    gathered and interpolated in one go. Batches share no memory, so each may be modified in place; a batch
    that is kept holds some 2 MiB (64 MiB on a device) of the batches around it in memory with it.

    Each new ``iter()`` moves on to the next epoch; ``set_epoch`` chooses another. The state is a dict of
    small values and is exact after each batch. While iterating with ``shuffle`` the loader holds one
    permutation, 4 bytes a row (8 from 2**31 rows on).

    Args:
        dataset: A `SMOTEDataset` over a TensorDataset, a TensorDict or tensorclass, an `ArrowRows`, or a
            Subset of one.
        batch_size: Samples in a batch.
        shuffle: A new order each epoch, a pure function of (seed, epoch); False: rows in order.
        drop_last: Leave out the last batch where it is smaller.
        device: Where batches are made; the data is moved there once. None: where it is.
        seed: In [0, 2**64); of the order alone.

    Raises:
        TypeError: If ``dataset`` is not such a dataset, or ``batch_size`` is no int.
        ValueError: If ``batch_size`` is below 1 or the device is unknown.

    >>> from torch.utils.data import TensorDataset
    >>> X, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 7 + [1] * 3)
    >>> from torchsmote import SMOTE
    >>> loader = TensorLoader(SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2)), batch_size=8)
    >>> [(tuple(x.shape), tuple(y.shape)) for x, y in loader]
    [((8, 2), (8,)), ((6, 2), (6,))]
    """

    def __init__(
        self,
        dataset: SMOTEDataset,
        batch_size: int = 1,
        *,
        shuffle: bool = True,
        drop_last: bool = False,
        device: torch.device | str | None = None,
        seed: int = 0,
    ) -> None:
        source = dataset.source if isinstance(dataset, SMOTEDataset) else None
        if not isinstance(source, TensorSource):
            ours = isinstance(dataset, SMOTEDataset)
            got = f"one over {type(dataset.dataset).__name__}" if ours else type(dataset).__name__
            remedy = "use a DataLoader with sampler=SMOTESampler(dataset)" if ours else "wrap it in one"
            raise TypeError(
                "`dataset` must be a SMOTEDataset over a TensorDataset, a TensorDict, an ArrowRows or a "
                f"Subset of one, got {got}; {remedy}"
            )
        batch_size = check_batch_size(batch_size)
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = bool(shuffle)
        self.drop_last = bool(drop_last)
        self.seed = check_seed(seed)
        self.device = resolve_device(device, source.device)
        self._source = source if self.device == source.device else source.to(self.device)
        self._progress = Progress(self._identity)

    def __len__(self) -> int:
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        epoch, start = self._progress.begin()
        self.dataset.begin(epoch)
        length = len(self.dataset)
        narrow = torch.int32 if length < 2**31 else torch.int64
        order = epoch_order(length, self.seed, epoch, narrow).numpy() if self.shuffle else None
        end = length - (length - start) % self.batch_size if self.drop_last else length
        step = self._whole_batches(_ROWS_DRAWN)
        make = self._maker(epoch)
        at = start
        for first in range(start, end, step):
            last = min(first + step, end)
            rows = np.arange(first, last) if order is None else order[first:last].astype(np.int64)
            for batch in make(rows):
                at += self.batch_size
                self._progress.advance_to(length if at >= end else at)
                yield self._source.collated(batch)

    def _whole_batches(self, rows: int) -> int:
        return max(1, rows // self.batch_size) * self.batch_size

    def _maker(self, epoch: int) -> Any:
        """A function from rows, shape (c,), to the batches they make."""
        soft, drawer = self.dataset.soft, self.dataset.planner.generations.at(epoch)
        limit = _BYTES_MADE if self.device.type == "cpu" else _BYTES_MADE_ON_DEVICE
        made = self._whole_batches(limit // max(1, self._source.row_bytes))

        def draw(numbers: Rows, _: Rows) -> Mix:
            return drawer.mix(numbers, epoch)

        def make(rows: Rows) -> Iterator[tuple[Stack, ...]]:
            try:
                whole = drawer.plan(rows, epoch, draw)
            except ValueError:  # a row breaks the constraint: only its own batch may raise
                if len(rows) <= self.batch_size:
                    raise
                for first in range(0, len(rows), self.batch_size):
                    yield from make(rows[first : first + self.batch_size])
                return
            for plan in whole.split(made):
                provenance = plan.provenance() if self.dataset.return_provenance else None
                stacks = self._source.stacks(plan, None if soft is None else soft.of(plan), provenance)
                yield from cut(stacks, self.batch_size)

        return make

    def __repr__(self) -> str:
        return (
            f"TensorLoader({len(self.dataset)} rows, batch_size={self.batch_size}, shuffle={self.shuffle}, "
            f"drop_last={self.drop_last}, device={str(self.device)!r}, seed={self.seed}, "
            f"{self._progress})"
        )

    def _identity(self) -> dict[str, Any]:
        return {
            "length": len(self.dataset),
            "seed": self.seed,
            "shuffle": self.shuffle,
            **dataset_identity(self.dataset),
        }
