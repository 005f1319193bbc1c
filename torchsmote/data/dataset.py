"""SMOTEDataset: a map-style dataset made longer by synthetic rows that are drawn when they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index as as_int
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..isolation import own_randomness
from ..random import check_seed
from ..recipe import Recipe
from .ahead import Ahead
from .batch import Row
from .choice import source_of
from .fitting import Fit, own_resampler
from .indices import as_rows
from .inputs import check_dataset, check_items, read_inputs
from .labels import check_labels, class_codes
from .plan import Plan, Provenance, SoftLabels
from .refreshing import Refreshing
from .sources import TensorSource

__all__ = ["SMOTEDataset"]


class SMOTEDataset(Refreshing):
    """A dataset with synthetic rows after its real ones, fresh every epoch and never stored.

    Row ``r < n_real`` is the wrapped item, untouched. A synthetic row mixes every floating leaf of its base
    item and a neighbor, ``x = x[base] + step * (x[neighbor] - x[base])``, and takes the other leaves, the
    label among them, from the base item; leaves of categories have, column by column, what most of the base
    item's neighbors have. It is a pure function of (seed, epoch, row): any worker, in any order, after any
    restart, makes the same row.

    The epoch travels in the index: any ``i >= 0`` is ``(epoch, row) = divmod(i, len(dataset))``, so worker
    processes, persistent ones too, need no message. `SMOTESampler` yields such indices. Negative indices
    count from the end of epoch 0; iterating ends after one epoch.

    Memory: the recipe (some 8 (k + 2) bytes a base row) and, of the epoch read last, 12 bytes a synthetic row
    (24 for float64 features), where that is at most 64 MiB in all; both once more in each worker process.
    With a resampler that has a ``constraint``, or rejects rows (`LeeSMOTE`), also the features. With
    ``categorical``, 8 bytes more a real row; items, unlike tensors, are then read for all k neighbors.

    Args:
        dataset: Map-style dataset of (x, y, ...) tuples or lists, named or not, or of dicts; leaves may be
            nested. A TensorDataset, TensorDict, tensorclass or `ArrowRows`, or a Subset of one, is made in
            whole batches.
        resampler: An over-sampler, cloned; None is ``SMOTE()``. Its ``random_state`` is not used.
        features: What neighbors are searched in: a floating tensor, shape (n, d) or (n, ...); an encoder: a
            module or a `BatchedFeatures`, which take items in batches; or another callable, from one item to
            a tensor. None: each item's first floating leaf besides the label, flattened; so categories do not
            count in the distance. For `SMOTENC`, where they do, give all its columns.
        features_cache: File that keeps features which were computed; see docs/features.md for what makes it
            stale. None: they are computed each time.
        targets: Labels, shape (n,). None: the dataset's ``targets`` or ``labels``, else the label of each
            item: its second leaf (the first leaf of the second element), or in a dict the first of the keys
            y, target, targets, label, labels; ``categorical`` leaves are passed over, so that in (x_num,
            x_cat, y) it is y. That leaf is never interpolated. Only where ``targets`` are given and it is
            floating and differs from them anywhere, it is data, and interpolated.
        soft_labels: Give each label as a float32 vector of shape (num_classes,): one-hot for real rows,
            mixed like the features for synthetic ones.
        num_classes: Length of that vector.
        return_provenance: Append a `Provenance` to each item, last (in a mapping, under "provenance").
        categorical: Leaves of whole numbers that stand for categories: a list of positions in a tuple item or
            keys of a dict item, or of tuples of these that lead into nested ones; each stands for all leaves
            below it. A synthetic row has the value that most neighbors of its base item have, all k of the
            recipe's table (of `RandomOverSampler`, the row itself); a tie is settled at random, by seed,
            epoch, row and column. A negative code is a category like any other.
        seed: In [0, 2**64).
        recipe: What ``resampler`` allows, from a fit to the same labels, such as ``Recipe.load(path)``: so
            nothing is searched. None: fit now.

    Attributes:
        dataset: The wrapped dataset.
        resampler: The fitted clone.
        recipe: What may be drawn.
        n_real: Rows of the wrapped dataset.
        n_synthetic: Synthetic rows.
        fingerprint: Labels, resampler and rows made, in short: a sampler's saved state must agree with them.

    Raises:
        TypeError: If ``dataset`` is not map-style, ``features`` are not floating or ``categorical`` leaves
            not whole numbers, ``resampler`` is no over-sampler, or ``seed`` or ``num_classes`` is no int.
        ValueError: If the dataset is empty or, without ``features``, has no floating leaf, lengths or shapes
            differ, a label is missing, ``num_classes`` does not fit, ``categorical`` is unknown, names the
            label or has no neighbors to vote, or the resampler cannot be fitted or drawn by number.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    >>> from torch.utils.data import TensorDataset
    >>> X, y = torch.arange(20.0).reshape(10, 2), torch.tensor([0] * 7 + [1] * 3)
    >>> from torchsmote import SMOTE
    >>> data = SMOTEDataset(TensorDataset(X, y), SMOTE(k_neighbors=2), seed=0)
    >>> len(data), data.targets.bincount().tolist()
    (14, [7, 7])
    >>> data[13][1], bool((data[13][0] != data[13 + len(data)][0]).all())
    (tensor(1), True)
    """

    def __init__(
        self,
        dataset: Any,
        resampler: Any = None,
        *,
        features: Any = None,
        features_cache: Any = None,
        targets: Any = None,
        soft_labels: bool = False,
        num_classes: int | None = None,
        return_provenance: bool = False,
        categorical: Any = None,
        seed: int = 0,
        recipe: Recipe | None = None,
    ) -> None:
        self.seed = check_seed(seed)
        own = own_resampler(resampler)
        self.n_real = check_dataset(dataset)
        given = None if targets is None else check_labels(targets, self.n_real)
        self.dataset = dataset
        self.return_provenance = return_provenance
        with own_randomness(self.seed, None):  # reading an item may draw
            self.source = source_of(dataset, given, categorical)
            check_items(self.source, own, features, soft_labels, return_provenance)
            rows, labels = read_inputs(dataset, self.source, features, given, features_cache)
        self.soft = SoftLabels(class_codes(labels, num_classes), num_classes or 0) if soft_labels else None
        fit = Fit.of(own, rows, labels, self.seed, bool(self.source.categorical), recipe)
        super().__init__(fit, Ahead(self.source.row_bytes if isinstance(self.source, TensorSource) else 1))

    def __len__(self) -> int:
        return self.planner.length

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise TypeError("SMOTEDataset takes no slices; use torch.utils.data.Subset")
        index, length = as_int(index), len(self)
        row = index % length
        known = -length <= index < length << 32
        if known and row < self.n_real and self.soft is None and not self.return_provenance:
            return self.dataset[row]
        item = self.__getitems__([index])[0]
        return tuple(item) if isinstance(item, Row) else item

    def __getitems__(self, indices: Sequence[int] | Tensor) -> Any:
        """Make a whole batch at once; what torch's DataLoader calls.

        Args:
            indices: Any indices, of any epochs, shape (b,).

        Returns:
            The items in order. Where the dataset is a TensorDataset, a sequence that torch's default collate
            turns into the batch at no cost; of a TensorDict, a TensorDict.

        Raises:
            IndexError: If an index is below -len or its epoch is 2**32 or more.
            TypeError: If an index is no whole number.
            ValueError: If a row of these cannot meet the resampler's ``constraint``.
        """
        wanted, source, epoch = as_rows(indices), self.source, self.epoch
        if not isinstance(source, TensorSource):
            return source.make(*self._parts(wanted, epoch))
        ready = self.ahead.take(wanted, epoch, lambda group: source.stacks(*self._parts(group, epoch)))
        return source.samples(source.stacks(*self._parts(wanted, epoch)) if ready is None else ready)

    def provenance(self, index: int | Sequence[int] | Tensor) -> Provenance:
        """Where rows come from.

        Args:
            index: An index, or several, shape (b,).

        Returns:
            Ints and a float for one index (tensors where the method mixes several neighbors), else tensors
            of length b.
        """
        if isinstance(index, (Sequence, np.ndarray)) or (isinstance(index, Tensor) and index.dim()):
            return self.planner.plan(as_rows(index), self.epoch).provenance()
        one = self.planner.plan(as_rows([as_int(index)]), self.epoch).provenance()
        return Provenance(*(values[0].item() if values.dim() == 1 else values[0] for values in one))

    @property
    def targets(self) -> Any:
        """Labels of all rows, real ones first: a tensor for numbers, else an array; shape (len,)."""
        classes = self.resampler.classes_
        made = np.repeat(np.asarray(classes), self.recipe.n_new)
        if isinstance(self.fit.labels, Tensor):
            return torch.cat((self.fit.labels, torch.as_tensor(made).to(self.fit.labels)))
        return np.concatenate((self.fit.labels, made))

    def _parts(self, indices: NDArray[np.int64], epoch: int) -> tuple[Plan, Tensor | None, Provenance | None]:
        """What a batch is made of: its plan, soft labels and provenance."""
        plan = self.planner.plan(indices, epoch)
        soft = None if self.soft is None else self.soft.of(plan)
        return plan, soft, plan.provenance() if self.return_provenance else None

    def __repr__(self) -> str:
        voted = f", categorical={list(self.source.categorical)}" if self.source.categorical else ""
        counts = zip(np.asarray(self.resampler.classes_).tolist(), self.recipe.n_new, strict=True)
        made = {label: n for label, n in counts if n}
        return (
            f"SMOTEDataset({type(self.dataset).__name__}, {' '.join(repr(self.resampler).split())}, "
            f"n_real={self.n_real}, n_synthetic={self.n_synthetic}, made={made}{voted}, seed={self.seed})"
        )
