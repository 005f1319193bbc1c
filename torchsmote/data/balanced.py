"""BalancedBatchSampler: batches that hold the asked share of each class, resumable inside an epoch."""

from __future__ import annotations

import math
import warnings
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import BatchSampler, RandomSampler, Sampler, SequentialSampler
from torch.utils.data.distributed import DistributedSampler

from ..exceptions import DataWarning
from ..random import Purpose, check_seed, uniforms
from ..short_text import short_text
from ..targets import encode
from .batch_size import check_batch_size
from .class_rows import ClassRows
from .plan import Rows
from .progress import EpochStream, Progress
from .quotas import Quotas, check_shares
from .ranks import deal, resolve_ranks, turns_of
from .resumable import Resumable, announcer, check_length, dataset_identity
from .samplers import DistributedSMOTESampler

__all__ = ["BalancedBatchSampler"]

_CHUNK = 8192  # rows arranged at a time


class BalancedBatchSampler(Resumable, BatchSampler):
    """Batches of a `SMOTEDataset` that hold the same share of each class, as indices that carry their epoch.

    **A batch** always has ``batch_size`` rows. Where a share of it is no whole number, it is rounded, and
    what was rounded off goes into the next batches: after any number of batches each class has had its share
    of all rows so far, up to less than one row. Inside a batch the order is random.

    **An epoch** is as long as it takes for every real row to come once, which the class with most rows for
    its share decides: ``ceil(max_c(real_c / share_c) / batch_size)`` batches. Real rows have the first claim
    on the places of their class; the other places are filled with synthetic rows of the class, each once as
    long as there are enough of them, and where the dataset makes none, with its real rows again. All of
    them are spread over the epoch at random, a pure function of (seed, epoch). Each new ``iter()`` moves on
    to the next epoch; ``set_epoch`` chooses another.

    **Ranks.** With a DistributedSampler as ``sampler``, only its ``num_replicas`` and ``rank`` are used, and
    its epoch where it is set: rank r of W takes every W-th batch from the r-th on, so the ranks together read
    what one process reads. All have as many batches; where W does not divide them, the last turn repeats the
    first batches of the epoch. Lightning passes that sampler itself; Accelerate shards batches itself, and
    needs none.

    **Resuming** is as with `SMOTESampler`, also with another number of ranks, where ``batch_size``, of one
    rank, stays: to keep the rows of a step, change the number of batches whose gradients are accumulated.

    It costs one permutation of the epoch, 8 bytes a row, on every rank, and 8 bytes a row for the classes.

    Args:
        dataset: A `SMOTEDataset`, or a dataset of the same length that passes its indices on and has its
            ``n_synthetic`` and ``targets``.
        batch_size: Rows in a batch.
        shares: Share of each class, summing to 1: a dict by label, or a sequence in the order of the sorted
            labels; None: all alike. Rows of a class with share 0 are left out, with a DataWarning.
        seed: In [0, 2**64); of the order alone, the rows have the dataset's.
        drop_last: End the epoch before the last batch that synthetic or repeated rows have to complete, and
            where the ranks cannot all have another one, instead of repeating batches. Which real rows are
            left out changes every epoch; how many is said in a DataWarning, and in ``left_out``.
        sampler: A DistributedSampler, for many ranks. None: one rank. A torch SequentialSampler or
            RandomSampler, which trainers insert, is the same as None.

    Attributes:
        shares: Of each class, in the order of the sorted labels.
        left_out: For each label, how many real rows an epoch leaves out at most; empty where it has all.

    Raises:
        TypeError: If ``dataset`` is no such dataset, ``batch_size`` no int, or ``sampler`` of another type.
        ValueError: If ``batch_size`` is below 1, ``shares`` do not fit the classes, or there are fewer
            batches than ranks. While iterating, if the dataset has changed.

    >>> from torch.utils.data import TensorDataset
    >>> X, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 7 + [1] * 3)
    >>> from torchsmote import SMOTE, SMOTEDataset
    >>> data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2))
    >>> batches = BalancedBatchSampler(data, 4)
    >>> [data.targets[[index % len(data) for index in batch]].bincount().tolist() for batch in batches]
    [[2, 2], [2, 2], [2, 2], [2, 2]]
    """

    sampler: DistributedSampler[Any]

    def __init__(
        self,
        dataset: Any,
        batch_size: int,
        *,
        shares: Any = None,
        seed: int = 0,
        drop_last: bool = False,
        sampler: Any = None,
    ) -> None:
        if not (hasattr(dataset, "n_synthetic") and hasattr(dataset, "targets")):
            remade = isinstance(dataset, Sampler)
            remedy = (
                "; a trainer made the batch sampler anew: create it in train_dataloader()" if remade else ""
            )
            raise TypeError(f"`dataset` must be a SMOTEDataset, got {type(dataset).__name__}{remedy}")
        batch_size = check_batch_size(batch_size)
        self.dataset = dataset
        self.seed = check_seed(seed)
        self._rows = ClassRows(encode(dataset.targets), len(dataset) - dataset.n_synthetic)
        self.shares = check_shares(shares, self._rows.classes)
        super().__init__(_ranked(sampler, dataset), batch_size, bool(drop_last))
        self._quotas = Quotas(self.shares, self.batch_size)
        self._batches = self._count_batches()
        self.num_replicas, self.rank = resolve_ranks(
            self.sampler.num_replicas, self.sampler.rank, self._batches, "batches"
        )
        self.left_out = self._count_left_out()
        self._told = self.sampler.epoch
        self._made_for = self._now()
        self._progress = Progress(self._identity)
        self._announce = announcer(dataset)

    def __len__(self) -> int:
        return turns_of(self._batches, self.num_replicas, self.drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        return EpochStream.of(self._chunks(), self._progress)

    def _chunks(self) -> Generator[Iterator[list[int]], None, None]:
        self._check_unchanged()
        if self.sampler.epoch != self._told:  # trainers set the epoch there
            self._told = self.sampler.epoch
            self.set_epoch(self._told)
        size, ranks, total = self.batch_size, self.num_replicas, self._batches
        epoch, start = self._progress.begin(size * ranks if self.drop_last else 0)
        order, starts = self._rows.order(self._quotas.least(total), self.seed, epoch)
        step = max(1, _CHUNK // size)
        for numbers, end, stride in deal(start // size, total, ranks, self.rank, self.drop_last, step):
            self._check_unchanged()
            indices = self._arrange(numbers, epoch, order, starts) + epoch * len(self.dataset)
            self._announce(indices.ravel())
            yield self._progress.follow(iter(indices.tolist()), end * size, stride * size)

    def _arrange(self, numbers: Rows, epoch: int, order: Rows, starts: Rows) -> Rows:
        """The rows of some batches, shape (batches, batch_size)."""
        bounds = [[self._quotas.before(at) for at in (number, number + 1)] for number in numbers.tolist()]
        begin, end = np.array(bounds).swapaxes(0, 1)
        shape = len(numbers), self.batch_size
        # Each class of each batch has a run of places in the order; they are written behind one another.
        each = (end - begin).ravel()
        shift = (starts + begin).ravel() - (each.cumsum() - each)
        places = np.arange(math.prod(shape)) + np.repeat(shift, each)
        slots = torch.from_numpy(numbers[:, None] * self.batch_size + np.arange(self.batch_size)).flatten()
        # Block 0 of row 0 seeds the order of the rows.
        keys = uniforms(slots, self.seed, epoch, purpose=Purpose.BALANCE, block=1)[0].numpy().reshape(shape)
        return np.take_along_axis(order[places].reshape(shape), keys.argsort(axis=1), axis=1)

    def _count_batches(self) -> int:
        asked = self.shares > 0
        most = float((self._rows.real[asked] / self.shares[asked]).max()) / self.batch_size
        if self.drop_last and most < 1:
            raise ValueError(
                f"`batch_size`={self.batch_size} is more than the {most * self.batch_size:.0f} rows of an "
                "epoch, so `drop_last=True` leaves no batch; choose a smaller one, or drop_last=False"
            )
        # What division rounds off makes no batch.
        return math.floor(most + 1e-9) if self.drop_last else math.ceil(most - 1e-9)

    def _count_left_out(self) -> dict[Any, int]:
        batches = min(len(self) * self.num_replicas, self._batches)
        lacking = np.maximum(self._rows.real - self._quotas.least(batches), 0).tolist()
        left_out = {label: n for label, n in zip(self._rows.classes, lacking, strict=True) if n}
        if left_out:
            warnings.warn(
                f"BalancedBatchSampler: an epoch leaves out real rows, of each class up to {left_out}, for "
                "the sake of `drop_last` or of a share of 0",
                DataWarning,
                stacklevel=3,
            )
        return left_out

    def state_dict(self, consumed: int | None = None) -> dict[str, Any]:  # noqa: D102 - the base class's
        state = super().state_dict(consumed)
        if consumed is not None and consumed % self.batch_size:
            raise ValueError(
                f"`consumed` must be a multiple of `batch_size`={self.batch_size}, rows of whole batches, "
                f"got {consumed}"
            )
        return state

    def _most(self) -> int:
        return len(self) * self.num_replicas * self.batch_size

    def _now(self) -> tuple[int, dict[str, Any]]:
        return len(self.dataset), dataset_identity(self.dataset)

    def _check_unchanged(self) -> None:
        check_length(self.dataset, self._made_for[0])
        if self._now() != self._made_for:
            raise ValueError(
                f"`dataset` has changed since its sampler was made, from {self._made_for[1]} to "
                f"{self._now()[1]}; make a new sampler, and a new DataLoader with it"
            )

    def _identity(self) -> dict[str, Any]:
        self._check_unchanged()
        length = self._batches * self.batch_size
        order = {"length": length, "seed": self.seed, "batch_size": self.batch_size}
        return {**order, "shares": short_text(self.shares.tolist()), **self._made_for[1]}

    def __repr__(self) -> str:
        return (
            f"BalancedBatchSampler({len(self)} batches of {self.batch_size}, shares={self.shares.tolist()}, "
            f"rank {self.rank} of {self.num_replicas}, seed={self.seed}, drop_last={self.drop_last}, "
            f"{self._progress})"
        )


def _ranked(sampler: Any, dataset: Any) -> DistributedSampler[int]:
    """The sampler that says which rank this is: the one given, or one of a single rank."""
    if isinstance(sampler, DistributedSampler):
        return sampler
    if sampler is None or isinstance(sampler, (SequentialSampler, RandomSampler)):
        return DistributedSMOTESampler(dataset, 1, 0)
    raise TypeError(
        f"`sampler` must be a DistributedSampler, whose rank is taken, or None, got "
        f"{type(sampler).__name__}: the order of rows is that of the batches"
    )
