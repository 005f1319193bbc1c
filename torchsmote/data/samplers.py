"""SMOTESampler and DistributedSMOTESampler: indices that carry their epoch, resumable inside one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from torch.utils.data import Sampler
from torch.utils.data.distributed import DistributedSampler

from ..random import check_seed
from .progress import EpochStream, Progress, epoch_order
from .ranks import deal, resolve_ranks, turns_of
from .resumable import Resumable, announcer, check_length, dataset_identity

__all__ = ["DistributedSMOTESampler", "SMOTESampler"]

_CHUNK = 8192  # indices turned into Python ints at a time: the epoch as a list would not stay in cache


class _RowsOfEpochs(Resumable):
    """Every row of a dataset once an epoch, dealt out to the ranks in turn."""

    dataset: Any
    shuffle: bool
    seed: int
    num_replicas: int = 1
    rank: int = 0
    drop_last: bool = False

    def _prepare(self) -> None:
        self._length = len(self.dataset)
        self._progress = Progress(self._identity)
        self._announce = announcer(self.dataset)

    def __iter__(self) -> Iterator[int]:
        return EpochStream.of(self._chunks(), self._progress)

    def _chunks(self) -> Generator[Iterator[int], None, None]:
        # A generator, so that the epoch starts when the first index is asked for: a DataLoader with
        # persistent workers calls iter() twice at its start.
        length, ranks = self._length, self.num_replicas
        check_length(self.dataset, length)
        epoch, start = self._progress.begin(ranks if self.drop_last else 0)
        order = epoch_order(length, self.seed, epoch).numpy() if self.shuffle else None
        for rows, end, stride in deal(start, length, ranks, self.rank, self.drop_last, _CHUNK):
            check_length(self.dataset, length)
            indices = (rows if order is None else order.take(rows)) + epoch * length
            self._announce(indices)
            yield self._progress.follow(iter(indices.tolist()), end, stride)

    def _identity(self) -> dict[str, Any]:
        check_length(self.dataset, self._length)
        order = {"length": self._length, "seed": self.seed, "shuffle": self.shuffle}
        return {**order, **dataset_identity(self.dataset)}

    def _most(self) -> int:
        return len(self) * self.num_replicas

    def __len__(self) -> int:
        return turns_of(len(self.dataset), self.num_replicas, self.drop_last)


class SMOTESampler(_RowsOfEpochs, Sampler[int]):
    """Every row of a `SMOTEDataset` once an epoch, as ``epoch * len(dataset) + row``.

    Each new ``iter()`` moves on to the next epoch, so synthetic rows are fresh without any call;
    ``set_epoch`` chooses another. The state is a dict of some ten small values. While iterating with
    ``shuffle`` it holds one permutation, 8 bytes a row.

    **Resuming.** ``state_dict()`` counts the indices handed out. A DataLoader without workers has handed out
    just what you have seen, so its sampler's state is exact after each batch. With ``num_workers > 0`` it
    asks for batches ahead (``prefetch_factor`` for each worker): then save ``state_dict(consumed=rows)``,
    counting the rows of this epoch that you have used; it can be resumed with another number of workers, and
    by `DistributedSMOTESampler` with any number of ranks. Or use torchdata's StatefulDataLoader, which keeps
    the sampler's state of each batch, and asks for the same number of workers.

    Args:
        dataset: A `SMOTEDataset`, or a dataset of the same length that passes its indices on and has its
            ``n_synthetic``.
        shuffle: A new order each epoch, a pure function of (seed, epoch); False: rows in order.
        seed: In [0, 2**64); of the order alone, the rows have the dataset's.

    Raises:
        TypeError: If ``dataset`` has no ``n_synthetic`` or ``seed`` is no int.
        ValueError: While iterating, if the length of the dataset has changed.

    >>> from types import SimpleNamespace
    >>> class Rows(list):
    ...     n_synthetic = 1
    >>> sampler = SMOTESampler(Rows("abc"), shuffle=False)
    >>> list(sampler), list(sampler)
    ([0, 1, 2], [3, 4, 5])
    """

    def __init__(self, dataset: Any, *, shuffle: bool = True, seed: int = 0) -> None:
        _check_rows(dataset)
        self.dataset = dataset
        self.shuffle = bool(shuffle)
        self.seed = check_seed(seed)
        self._prepare()

    def __repr__(self) -> str:
        return f"SMOTESampler({len(self)} rows, shuffle={self.shuffle}, seed={self.seed}, {self._progress})"


class DistributedSMOTESampler(_RowsOfEpochs, DistributedSampler[int]):
    """One rank's share of the epochs of `SMOTESampler`: every ``num_replicas``-th index, from ``rank`` on.

    The ranks together read what one process reads: after k batches of b rows on each of W ranks, the first
    k * b * W rows of that epoch. Each new ``iter()`` moves on to the next epoch; ``set_epoch`` chooses
    another. It is a torch DistributedSampler, so Lightning takes it as it is. Accelerate shards batches
    itself, and would shard these again: there, use `SMOTESampler`.

    All ranks have the same number of rows. Where ``num_replicas`` does not divide the rows, the last turn
    repeats the first rows of the epoch, at most ``num_replicas - 1``, as torch does; with ``drop_last`` as
    few are left out. Synthetic rows are repeated as they were, and so are the same in both places.

    **Resuming.** The state counts the rows that all ranks have read, is the same on every rank, and goes on
    with any number of ranks: what is left of the epoch is dealt out anew. With workers, save
    ``state_dict(consumed=min(batches * batch_size, len(sampler)) * num_replicas)``; see `SMOTESampler`. While
    iterating with ``shuffle`` every rank holds one permutation, 8 bytes a row.

    Args:
        dataset: As in `SMOTESampler`.
        num_replicas: Number of ranks; None: of torch.distributed's default group.
        rank: Of this process; None: as above.
        shuffle: As in `SMOTESampler`.
        seed: As in `SMOTESampler`; the same on all ranks.
        drop_last: Leave out the rows that make no full turn, instead of repeating some.

    Raises:
        TypeError: If ``dataset`` has no ``n_synthetic``, or ``num_replicas``, ``rank`` or ``seed`` is no int.
        ValueError: If there are more ranks than rows, ``rank`` is not one of them, or one of both is None
            without a process group. While iterating, if the length of the dataset has changed.

    >>> class Rows(list):
    ...     n_synthetic = 1
    >>> ranks = [DistributedSMOTESampler(Rows("abcde"), 2, rank, shuffle=False) for rank in (0, 1)]
    >>> [list(sampler) for sampler in ranks], [list(sampler) for sampler in ranks]
    ([[0, 2, 4], [1, 3, 0]], [[5, 7, 9], [6, 8, 5]])
    """

    def __init__(
        self,
        dataset: Any,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        _check_rows(dataset)
        num_replicas, rank = resolve_ranks(num_replicas, rank, len(dataset), "rows")
        super().__init__(dataset, num_replicas, rank, bool(shuffle), check_seed(seed), bool(drop_last))
        self._prepare()

    def set_epoch(self, epoch: int) -> None:  # noqa: D102 - the base class's
        super().set_epoch(epoch)
        self.epoch = epoch

    def __repr__(self) -> str:
        return (
            f"DistributedSMOTESampler({self._length} rows, rank {self.rank} of {self.num_replicas}, "
            f"shuffle={self.shuffle}, seed={self.seed}, drop_last={self.drop_last}, {self._progress})"
        )


def _check_rows(dataset: Any) -> None:
    """Refuse a dataset that would not know indices that carry an epoch.

    Raises:
        TypeError: If it has no ``n_synthetic``.
    """
    if not hasattr(dataset, "n_synthetic"):
        raise TypeError(
            f"`dataset` must be a SMOTEDataset, got {type(dataset).__name__}: another would not know "
            "indices that carry an epoch"
        )
