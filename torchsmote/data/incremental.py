"""IncrementalNeighbors: datasets of data that grow, of which only the new rows are embedded and searched."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..isolation import own_randomness
from ..over_sampling.growing_search import GrowingSearch, Searched
from ..random import check_seed
from .choice import source_of
from .dataset import SMOTEDataset
from .encoding import BatchedFeatures, as_features
from .features_cache import digest_of_items, probed_rows
from .fitting import Fit, own_resampler
from .inputs import check_dataset, read_inputs
from .items import read_items
from .labels import check_labels
from .sources import ItemSource, TensorSource

__all__ = ["IncrementalNeighbors"]

_GIVEN = ("soft_labels", "num_classes", "return_provenance", "categorical")


class IncrementalNeighbors:
    """Makes a `SMOTEDataset` each time that rows were appended to a dataset, from what it knows.

    Rows that were there before keep their features, and are compared with the new rows alone; the new ones
    are embedded, and compared with all. The recipe equals, bit for bit, that of a `SMOTEDataset` made anew
    with the same features. Each is a dataset of its own, with another length: give it a new sampler and
    loader, while an older one may still be read.

    Labels may be anything, new classes included; what does not match an earlier search is searched in full
    (a class whose k changed, `SMOTENC` and other methods in which categories count, an approximate backend).
    Kept are the features, and 8 (k + 1) bytes a row for each search of the method; worker processes get none
    of it.

    Args:
        resampler: As in `SMOTEDataset`.
        features: What computes features, as in `SMOTEDataset`; None: the first floating leaf. It must not
            change: where an encoder was trained further, make a new object, or see `RefreshNeighbors`.
        seed: As in `SMOTEDataset`.
        **given: Of `SMOTEDataset`, the same for each: ``soft_labels``, ``num_classes``, ``return_provenance``
            and ``categorical``.

    Raises:
        TypeError: If ``features`` computes nothing, ``resampler`` is no over-sampler, or an argument is none
            of these.

    >>> from torch.utils.data import TensorDataset
    >>> from torchsmote import SMOTE
    >>> X, y = torch.arange(24.0).reshape(12, 2), torch.tensor([0] * 7 + [1] * 3 + [0] * 2)
    >>> growing = IncrementalNeighbors(SMOTE(k_neighbors=2))
    >>> data = [growing.dataset(TensorDataset(X[:n], y[:n])) for n in (10, 12)]
    >>> [(one.n_real, one.n_synthetic) for one in data]
    [(10, 4), (12, 6)]
    """

    def __init__(self, resampler: Any = None, *, features: Any = None, seed: int = 0, **given: Any) -> None:
        if not (features is None or callable(features) or isinstance(features, BatchedFeatures)):
            raise TypeError(
                "`features` must compute the features of new items: a module, a BatchedFeatures or a "
                f"function of an item, got {type(features).__name__}"
            )
        unknown = [name for name in given if name not in _GIVEN]
        if unknown:
            raise TypeError(
                f"IncrementalNeighbors takes no `{unknown[0]}`; besides resampler, features and seed it "
                f"takes {', '.join(_GIVEN)}, and `targets` go to .dataset()"
            )
        self.resampler = own_resampler(resampler)
        self.features = features
        self.seed = check_seed(seed)
        self.given = given
        self._searched = Searched()
        self._rows: Tensor | None = None
        self._digest = ""

    def dataset(self, dataset: Any, *, targets: Any = None) -> SMOTEDataset:
        """The dataset with synthetic rows.

        Args:
            dataset: A map-style dataset that begins with the items of the one before.
            targets: Labels of all its items, as in `SMOTEDataset`.

        Raises:
            ValueError: If it is shorter than the one before, or its first, middle or last item of that time
                is another now (others are not looked at); and see `SMOTEDataset`.
            TypeError: If its rows are not in memory; and see `SMOTEDataset`.
        """
        n = check_dataset(dataset)
        self._check_beginning(dataset, n)
        labels_given = None if targets is None else check_labels(targets, n)
        with own_randomness(self.seed, None):  # reading an item may draw
            source = source_of(dataset, labels_given, self.given.get("categorical"))
            rows, labels = read_inputs(dataset, source, self._embedded(dataset, source, n), labels_given)
        if not isinstance(rows, Tensor):
            raise TypeError("`dataset` is read block by block; IncrementalNeighbors needs its rows in memory")
        searched = Searched(n)
        search = partial(GrowingSearch, before=self._searched, now=searched)
        fit = Fit.of(
            own_resampler(self.resampler), rows, labels, self.seed, bool(source.categorical), search=search
        )
        given = {**self.given, "seed": self.seed, "recipe": fit.drawer.recipe}
        made = SMOTEDataset(dataset, self.resampler, features=rows, targets=targets, **given)
        self._searched, self._rows = searched, rows
        self._digest = self._digest_of(dataset, n)
        return made

    def _check_beginning(self, dataset: Any, n: int) -> None:
        before = self._searched.n_rows
        if n < before:
            raise ValueError(
                f"`dataset` has {n} items, fewer than the {before} before; rows may be appended, not removed"
            )
        if before and self._digest_of(dataset, before) != self._digest:
            raise ValueError(
                f"`dataset`: an item among the first {before} is another than before; rows may be appended, "
                "not changed: make a new IncrementalNeighbors"
            )

    def _digest_of(self, dataset: Any, n: int) -> str:
        with as_features(self.features).isolated():
            return digest_of_items(read_items(dataset, probed_rows(n)))

    def _embedded(self, dataset: Any, source: TensorSource | ItemSource, n: int) -> Any:
        """Features of all items: those kept, and those of new items; None where they are a tensor's rows."""
        if self.features is None and isinstance(source, TensorSource):
            return None
        before = self._searched.n_rows
        if self._rows is not None and n == before:
            return self._rows
        new = as_features(self.features).embed(dataset, source.searched, torch.arange(before, n))
        return new if self._rows is None else torch.cat((self._rows, new))
