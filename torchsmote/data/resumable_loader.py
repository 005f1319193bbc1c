"""ResumableLoader: a DataLoader that knows how far its epoch was used, however far its workers read ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader

from .resumable import Resumable

__all__ = ["ResumableLoader"]


class ResumableLoader(DataLoader[Any]):
    """A DataLoader whose ``state_dict()`` is exact after each batch, with any number of workers.

    Workers are asked for batches ahead of the training, and so is the sampler; this loader counts the batches
    that it gave out. The state is the sampler's own: a few small values, the same on every rank, from which
    another number of workers can go on, or of ranks where the sampler allows it. Trainers that look for a
    loader's ``state_dict`` save it with their checkpoints, and load it: Lightning's does.

    ``len`` is the number of batches in a whole epoch, also while the rest of one is read.

    Args:
        *args: What torch's DataLoader takes, with a sampler or batch sampler of torchsmote. With another one
            the state is empty, and a resumed run starts its epoch again.
        **kwargs: The same.

    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from torchsmote import SMOTE, SMOTEDataset, SMOTESampler
    >>> X, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 7 + [1] * 3)
    >>> data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2))
    >>> def load():
    ...     order = SMOTESampler(data)
    ...     return ResumableLoader(data, batch_size=4, sampler=order, generator=torch.Generator())
    >>> loader = load()
    >>> epoch = iter(loader)
    >>> first, state = next(epoch), loader.state_dict()
    >>> state["epoch"], state["position"]
    (0, 4)
    >>> resumed = load()
    >>> resumed.load_state_dict(state)
    >>> all(torch.equal(a[0], b[0]) for a, b in zip(resumed, epoch, strict=True))
    True
    """

    _loaded: dict[str, Any] | None = None  # a state that the next epoch may start from
    _epoch: int | None = None  # which epoch is counted
    _used = 0  # rows of it that training has had, on all ranks

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]  # torch promises its private iterator
        # A generator, so that workers are asked when the first batch is: Lightning makes the iterator before
        # it calls set_epoch.
        loaded, self._loaded, self._epoch = self._loaded, None, None
        order, rows = self._order, self._rows_a_turn
        for batch in super().__iter__():
            if order is not None and self._epoch is None:
                self._epoch = order.state_dict()["epoch"]
                here = loaded is not None and loaded["epoch"] == self._epoch
                self._used = loaded["position"] if loaded is not None and here else 0
            self._used += rows
            yield batch

    def state_dict(self) -> dict[str, Any]:
        """Where the epoch stands after the batch given out last.

        Returns:
            The sampler's state, a dict of small values.
        """
        order = self._order
        if order is None:
            return {}
        state = dict(order.state_dict())
        if state["epoch"] != self._epoch:
            return state
        left = state["length"] - self._used
        ended = left < (self._rows_a_turn if getattr(self.batch_sampler, "drop_last", False) else 1)
        return dict(order.state_dict(consumed=state["length"] if ended else self._used))

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state: the next ``iter()`` gives the rest of its epoch; the next if that had ended.

        Args:
            state: What ``state_dict`` gave, of a loader over the same data in the same order.

        Raises:
            TypeError: If it is no dict, or its epoch or position no int.
            ValueError: If it is not a state of such a loader; the message says what differs.
        """
        order = self._order
        if order is not None:
            order.load_state_dict(state)
            self._loaded, self._epoch = dict(state), None

    @property
    def _order(self) -> Any:
        """The sampler of torchsmote that gives the order; None where there is none."""
        batches = self.batch_sampler
        given = (batches, getattr(batches, "sampler", None), self.sampler)
        return next((sampler for sampler in given if isinstance(sampler, Resumable)), None)

    @property
    def _rows_a_turn(self) -> int:
        """Rows that a batch on every rank takes."""
        return int(getattr(self.batch_sampler, "batch_size", 1) * getattr(self._order, "num_replicas", 1))
