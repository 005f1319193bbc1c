"""What changes in a SMOTEDataset while it is read: the epoch, and the neighbors, for every worker process."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor
from torch.utils.data import Dataset

from ..random import check_epoch
from ..recipe import Recipe
from .ahead import Ahead
from .encoding import BatchedFeatures, as_features
from .fitting import Fit
from .inputs import check_features
from .planner import Planner
from .rank_search import RankSearch
from .shared_number import SharedNumber
from .sources import ItemSource, TensorSource

__all__ = ["Refreshing"]


class Refreshing(Dataset[Any]):
    """The part of `SMOTEDataset` that changes.

    Args:
        fit: What may be drawn at first.
        ahead: Makes batches that were announced.

    Attributes:
        fit: The latest fit.
        planner: Plans batches of any epoch.
    """

    dataset: Any
    source: TensorSource | ItemSource
    n_real: int
    seed: int

    def __init__(self, fit: Fit, ahead: Ahead) -> None:
        self.fit = fit
        self.ahead = ahead
        self.planner = Planner(fit)
        self._epoch = SharedNumber()
        self._begun = -1  # the epoch that a sampler or loader began last, or that set_epoch chose
        self._is_open = True  # whether rows of that epoch may still change

    @property
    def resampler(self) -> Any:
        """The fitted clone of the resampler."""
        return self.fit.resampler

    @property
    def recipe(self) -> Recipe:
        """What may be drawn in the latest epochs."""
        return self.planner.recipe

    @property
    def n_synthetic(self) -> int:
        """Synthetic rows of an epoch."""
        return self.planner.recipe.n_synthetic

    @property
    def fingerprint(self) -> dict[str, str]:
        """What tells the dataset from others, for saved states."""
        return self.fit.fingerprint

    @property
    def epoch(self) -> int:
        """The epoch of indices below len."""
        return self._epoch.get()

    @property
    def next_epoch(self) -> int:
        """The one after the epoch that a sampler or loader began last, or that `set_epoch` chose; else 0."""
        return self._begun + 1

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of indices below len: for loaders that shuffle plainly.

        It reaches worker processes too, at their next batch. An index of len or more carries its own epoch
        and is not moved.

        Args:
            epoch: In [0, 2**32).
        """
        self._epoch.set(check_epoch(epoch))
        self._begun, self._is_open = epoch, True

    def begin(self, epoch: int) -> None:
        """Say that a loader begins an epoch, so that its rows do not change any more."""
        self._begun, self._is_open = epoch, False

    def announce(self, indices: NDArray[np.int64]) -> None:
        """Say which indices, all of one epoch, will be read next in this process; SMOTESampler does.

        It is only a hint. Where it comes true, batches of a TensorDataset are made some 2 MiB at a time.

        Args:
            indices: int64, shape (r,); not to be modified later.
        """
        if len(indices):
            self.begin(int(indices[0]) // self.planner.length)
        self.ahead.announce(indices)

    def refresh(self, features: Any, *, epoch: int | None = None) -> None:
        """Search neighbors again, in new features of the same items, such as an embedding that moved on.

        It holds from an epoch on, in worker processes too, whether they live on or not: rows find their
        neighbors by the epoch in their index. An epoch that a sampler or loader has begun keeps its own. So
        does the one before the refresh; rows of still earlier ones cannot be read any more. A rank
        of a training refreshes its own copy alone, even one that it got from the process that started it.

        `RefreshNeighbors` does it every n epochs, in the background too.

        Args:
            features: As in the constructor: a floating tensor, shape (n_real, d) or (n_real, ...), or what
                computes it.
            epoch: The first epoch that it holds for. None: the one after that which a sampler or
                `TensorLoader` began last or which ``set_epoch`` chose; 0 where there was none.

        Raises:
            ValueError: If the epoch has begun, or the numbers of synthetic rows, by which indices count,
                would change (ADASYN's may).
            TypeError: If the features are not floating.
            OSError: If the neighbors cannot be written for worker processes, as on a full disk. The old
                neighbors stay after each of these.
        """
        self.adopt(self.search(features), self.next_epoch if epoch is None else epoch)

    def search(self, features: Any, *, group: Any = None) -> Fit:
        """The first half of `refresh`, which takes the time: nothing changes yet, and a thread may do it.

        Args:
            features: See `refresh`.
            group: A group of torch.distributed whose processes all call this with the same features: each
                searches a share. None: this one searches all.
        """
        if callable(features) or isinstance(features, BatchedFeatures):
            features = as_features(features).embed(self.dataset, self.source.searched)
        rows: Tensor = check_features(features, self.n_real)
        search = None if group is None else partial(RankSearch, group=group)
        fit, own = self.fit, clone(self.resampler)
        return Fit.of(own, rows, fit.labels, self.seed, fit.votes, search=search)

    def adopt(self, fit: Fit, epoch: int) -> None:
        """The second half of `refresh`."""
        first = self._begun + (not self._is_open)
        if check_epoch(epoch) < first:
            raise ValueError(
                f"`epoch`={epoch} has begun, so neighbors can change from epoch {first} on; to start over "
                "from an earlier one, call set_epoch before"
            )
        old, new = self.recipe.n_new, fit.drawer.recipe.n_new
        if old != new and epoch > 0:
            raise ValueError(
                f"`features`: {type(fit.resampler).__name__} would now make {_counted(new)} synthetic rows "
                f"of its classes, but an epoch of this dataset has {_counted(old)}, and indices count by "
                "that; make a new SMOTEDataset, or use a resampler whose counts do not depend on the "
                "neighbors, such as SMOTE"
            )
        self.planner.generations.add(epoch, fit.drawer, self._begun)
        self.fit = fit
        self.ahead.forget()


def _counted(counts: tuple[int, ...]) -> str:
    return ", ".join(map(str, counts))
