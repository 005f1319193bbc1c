"""RefreshNeighbors: neighbors searched again every n epochs, in what the encoder has learned."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, TypeVar

from torch import Tensor, distributed

from ..neighbors.checks import check_k
from ..random import check_epoch
from ..recipe import Recipe
from .encoding import BatchedFeatures, as_features
from .fitting import Fit
from .rank_shares import is_shared
from .refreshing import Refreshing

__all__ = ["RefreshNeighbors"]

Self = TypeVar("Self", bound="RefreshNeighbors")


class RefreshNeighbors:
    """Embeds the items of a `SMOTEDataset` anew every few epochs, and searches their neighbors there.

    Call ``epoch_end(epoch)`` after each epoch. After the epochs ``start - 1``, ``start - 1 + every``, ... it
    embeds all items and searches; the neighbors found hold from the next epoch on, in every worker process,
    whether it lives on or not.

    With ``background=True`` it takes a copy of the encoder instead, and returns: a thread embeds and searches
    while the next epoch is trained, and the neighbors hold from the one after that. This epoch is fixed in
    advance, so a run is as reproducible as without: ``epoch_end`` waits for the thread where it is not done.
    The copy is needed since training goes on to change the encoder; it takes the encoder's memory once more.
    The thread shares processor and device with training: what it saves is the waiting, not the work. Where
    reading an item draws random numbers, or must not happen in two threads at once, give a `BatchedFeatures`
    with ``num_workers=1``: worker processes have numbers and files of their own, but a thread would take them
    from training. So it would where the encoder itself draws in eval mode.

    Under torch.distributed, every process makes this object and calls it alike. Each embeds a share of the
    items and searches the neighbors of a share of the rows, over a gloo group of its own; all end with the
    same neighbors, which are those of one process, bit for bit.

    Args:
        dataset: A `SMOTEDataset`.
        embed: What computes features, as its ``features=``: a module, a `BatchedFeatures`, or a function of
            an item. An averaged copy of the encoder (EMA) will do as well.
        every: Epochs from one refresh to the next.
        start: The first epoch that new neighbors hold for (with ``background``, the one after). None:
            ``every``.
        background: Search while training goes on; needs a module, or a method of one.
        folder: Where each search is saved (`Recipe.save`), so that ``resume`` can go on from a checkpoint;
            the first process writes, and all must be able to read it. None: nothing is.

    Raises:
        TypeError: If ``dataset`` is no SMOTEDataset, ``embed`` computes nothing, or cannot be copied for the
            background; or ``every`` or ``start`` is no int.
        ValueError: If ``every`` or ``start`` is below 1, or ``folder`` is given where rows must keep rules
            (a ``constraint``, `LeeSMOTE`), for which a recipe is not enough.

    >>> import torch
    >>> from torch.utils.data import TensorDataset
    >>> from torchsmote import SMOTE, SMOTEDataset
    >>> X, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 7 + [1] * 3)
    >>> data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2))
    >>> refresh = RefreshNeighbors(data, torch.nn.Identity(), every=2)
    >>> for epoch in range(3):
    ...     data.set_epoch(epoch)  # and here the training
    ...     refresh.epoch_end(epoch)
    """

    def __init__(
        self,
        dataset: Refreshing,
        embed: Any,
        *,
        every: int = 1,
        start: int | None = None,
        background: bool = False,
        folder: str | os.PathLike[str] | None = None,
    ) -> None:
        if not isinstance(dataset, Refreshing):
            raise TypeError(f"`dataset` must be a SMOTEDataset, got {type(dataset).__name__}")
        if not callable(embed) and not isinstance(embed, BatchedFeatures):
            raise TypeError(
                f"`embed` must compute features: a module, a BatchedFeatures or a function of an item, got "
                f"{type(embed).__name__}; for features you have, call dataset.refresh"
            )
        if folder is not None and dataset.fit.drawer.rules:
            raise ValueError(
                f"`folder` keeps recipes, but rows of this {type(dataset.resampler).__name__} must also keep "
                "rules (a constraint, or rejections), which need the features; leave it out"
            )
        self.dataset = dataset
        self.every = check_k(every, "every")
        self.start = self.every if start is None else check_k(start, "start")
        self.features = as_features(embed)
        self.background = bool(background)
        if background:
            self.features.check_module()
        self._own_group: Any = None
        if self.features.group is None and is_shared():
            # A group of its own: the thread's messages must not mix with those of training.
            self._own_group = distributed.new_group(backend="gloo")
            self.features = self.features.sharing(self._own_group)
        self.folder = None if folder is None else Path(folder)
        self._thread = ThreadPoolExecutor(1, "torchsmote-refresh") if background else None
        self._stop = Event()
        self._pending: tuple[int, Future[Fit]] | None = None
        self._is_closed = False

    def epoch_end(self, epoch: int | None = None) -> None:
        """Say that an epoch has been trained.

        Args:
            epoch: Which. None: the one that a sampler or `TensorLoader` of the dataset began last.

        Raises:
            RuntimeError: After ``close``.
            Exception: Whatever embedding or searching raised, in the background too, which then starts anew
                with the next refresh; and see `SMOTEDataset.refresh`.
        """
        if self._is_closed:
            raise RuntimeError("this RefreshNeighbors was closed; make a new one, or call epoch_end before")
        coming = self.dataset.next_epoch if epoch is None else check_epoch(epoch) + 1
        if self._pending is not None:
            first, future = self._pending
            if coming < first:
                return
            self._adopt(self._waited(future), coming)
            self._pending = None
        if coming >= self.start and (coming - self.start) % self.every == 0:
            self._refresh(coming)

    def resume(self, epoch: int) -> None:
        """Go on from a checkpoint that was saved after ``epoch_end``, in a new process; load the model first.

        Args:
            epoch: The epoch that comes next.

        Raises:
            ValueError: If there is no ``folder``, or the file in it is damaged or of another dataset.
            FileNotFoundError: If the search that holds in that epoch is not in the folder.
        """
        if self.folder is None:
            raise ValueError("`folder` is None, so no search was saved to go on from; give the same folder")
        since = check_epoch(epoch) - self.start - self.background
        if since >= 0:
            first = epoch - since % self.every
            self.dataset.adopt(self.dataset.fit.with_recipe(Recipe.load(self._file(first))), first)
        if self.background and (since + 1) >= 0 and (since + 1) % self.every == 0:
            self._refresh(epoch)  # this search was under way

    def close(self) -> None:
        """End a search in the background without waiting for its result; nothing is refreshed afterwards.

        Of several processes, all call it.
        """
        self._stop.set()
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)
        self._pending = None
        if self._own_group is not None and distributed.is_initialized():
            distributed.destroy_process_group(self._own_group)
        self._own_group, self._is_closed = None, True

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _refresh(self, coming: int) -> None:
        if self._thread is None:
            self._adopt(self._searched(self.features, None), coming)
        else:
            work = self._thread.submit(self._searched, self.features.snapshot(), self._stop)
            self._pending = coming + 1, work

    def _searched(self, features: BatchedFeatures, stop: Event | None) -> Fit:
        data = self.dataset
        rows: Tensor = features.embed(data.dataset, data.source.searched, stop=stop)
        return data.search(rows, group=features.group)

    def _waited(self, future: Future[Fit]) -> Fit:
        try:
            return future.result()
        except BaseException:  # a KeyboardInterrupt while waiting, too
            # What comes to nothing is not waited for again: the next refresh is a new start.
            self._pending = None
            self._stop.set()
            self._stop = Event()
            raise

    def _adopt(self, fit: Fit, epoch: int) -> None:
        group = self.features.group
        if self.folder is not None and (group is None or distributed.get_rank(group) == 0):
            fit.drawer.recipe.save(self._file(epoch))
        self.dataset.adopt(fit, epoch)

    def _file(self, epoch: int) -> Path:
        assert self.folder is not None
        return self.folder / f"neighbors-from-epoch-{epoch:06d}.safetensors"
