"""SMOTESampler: indices that carry their epoch, resumable in the middle of one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from torch.utils.data import Sampler

from ..random import check_seed
from .progress import EpochStream, Progress, epoch_order

__all__ = ["SMOTESampler"]

_CHUNK = 8192  # indices turned into Python ints at a time: the epoch as a list would not stay in cache


class SMOTESampler(Sampler[int]):
    """Every row of a `SMOTEDataset` once an epoch, as ``epoch * len(dataset) + row``.

    Each new ``iter()`` moves on to the next epoch, so synthetic rows are fresh without any call;
    ``set_epoch`` chooses another. The state is a dict of eight small values. While iterating with ``shuffle``
    it holds one permutation, 8 bytes a row.

    **Resuming.** ``state_dict()`` counts the indices handed out. A DataLoader without workers has handed out
    just what you have seen, so its sampler's state is exact after each batch. With ``num_workers > 0`` it
    asks for batches ahead (``prefetch_factor`` for each worker): then save ``state_dict(consumed=batches *
    batch_size)``, counting the batches of this epoch that you have used; it can be resumed with another
    number of workers. Or use torchdata's StatefulDataLoader, which keeps the sampler's state of each batch,
    and asks for the same number of workers.

    Args:
        dataset: A `SMOTEDataset`, or a dataset of the same length that passes its indices on and has its
            ``n_synthetic``.
        shuffle: A new order each epoch, a pure function of (seed, epoch); False: rows in order.
        seed: In [0, 2**64); of the order alone, the rows have the dataset's.

    Raises:
        TypeError: If ``dataset`` has no ``n_synthetic`` or ``seed`` is no int.

    >>> from types import SimpleNamespace
    >>> class Rows(list):
    ...     n_synthetic = 1
    >>> sampler = SMOTESampler(Rows("abc"), shuffle=False)
    >>> list(sampler), list(sampler)
    ([0, 1, 2], [3, 4, 5])
    """

    def __init__(self, dataset: Any, *, shuffle: bool = True, seed: int = 0) -> None:
        if not hasattr(dataset, "n_synthetic"):
            raise TypeError(
                f"`dataset` must be a SMOTEDataset, got {type(dataset).__name__}: another would not know "
                "indices that carry an epoch"
            )
        self.dataset = dataset
        self.shuffle = bool(shuffle)
        self.seed = check_seed(seed)
        self._progress = Progress(self._identity)
        self._announce = getattr(dataset, "announce", lambda indices: None)

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        return EpochStream.of(self._chunks(), self._progress)

    def _chunks(self) -> Generator[Iterator[int], None, None]:
        # A generator, so that the epoch starts when the first index is asked for: a DataLoader with
        # persistent workers calls iter() twice at its start.
        length = len(self)
        epoch, start = self._progress.begin()
        offset = epoch * length
        order = epoch_order(length, self.seed, epoch).numpy() if self.shuffle else None
        for first in range(start, length, _CHUNK):
            end = min(first + _CHUNK, length)
            rows = np.arange(first, end) if order is None else order[first:end]
            indices = rows + offset
            self._announce(indices)
            yield self._progress.follow(iter(indices.tolist()), end)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next ``iter()``.

        A state loaded before keeps its place where it stopped in this very epoch.

        Args:
            epoch: In [0, 2**32).
        """
        self._progress.set_epoch(epoch)

    def state_dict(self, consumed: int | None = None) -> dict[str, Any]:
        """Where the current epoch stands.

        Args:
            consumed: Rows of this epoch that training has used; None: those handed out.

        Returns:
            A dict of ints and bools.
        """
        return self._progress.state_dict(consumed)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state: the next ``iter()`` gives the rest of its epoch; the next if that had ended.

        Args:
            state: What ``state_dict`` gave, of a sampler over the same data with the same arguments.

        Raises:
            TypeError: If it is no dict, or its epoch or position no int.
            ValueError: If it is another kind of state, or from another seed, order, length or version.
        """
        self._progress.load_state_dict(state)

    def __repr__(self) -> str:
        state = self._progress.state_dict()
        return (
            f"SMOTESampler({len(self)} rows, shuffle={self.shuffle}, seed={self.seed}, "
            f"epoch={state['epoch']}, position={state['position']})"
        )

    def _identity(self) -> dict[str, Any]:
        rows_seed = getattr(self.dataset, "seed", None)
        return {"length": len(self), "seed": self.seed, "shuffle": self.shuffle, "dataset_seed": rows_seed}
