"""Cluster centroids: the centres of a common class's clusters, or the rows nearest to them, stand for it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from sklearn.cluster import KMeans
from torch import Tensor

from ..devices import on_host
from ..exceptions import UnsuitableError
from ..neighbors import knn
from ..over_sampling.seeded import seeded
from ..parameters import RANDOM_STATE, HasMethods, StrOptions
from ..random import host_state
from ..strategy import SamplingStrategy
from ..table_reading import read_table
from ..tables import take_rows
from ..tags import ResamplerTags
from ..targets import Targets
from .base import LabeledRows, UnderSampler, by_class

__all__ = ["ClusterCentroids"]

_WANTED = "`estimator` should be a clustering estimator exposing a"


class ClusterCentroids(UnderSampler):
    """Cluster each common class into as many clusters as it is to keep rows, and keep one row for each.

    Soft voting makes new rows, the centres (whole-number columns are rounded, with a `DataWarning`); hard
    voting keeps the row of the class that is nearest to each centre; the centre of two rows is as near to
    both, up to rounding. The clusterer is scikit-learn's and runs on the host.

    Args:
        sampling_strategy: See `RandomUnderSampler`.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator,
            which gives a seed. An ``estimator`` without a seed of its own gets an int.
        estimator: A clusterer with ``n_clusters`` and ``cluster_centers_``; None: ``KMeans``.
        voting: "soft", "hard", or "auto": hard for a sparse table, else soft.
        device: Where to search for the nearest rows; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: Class -> rows to keep.
        classes_: The classes, sorted.
        estimator_: The clusterer, fitted to the last class.
        voting_: "soft" or "hard".
        sample_indices_: Input row of each output row, class by class; only with hard voting.

    Reference:
        Yen and Lee, "Cluster-based under-sampling approaches for imbalanced data distributions", Expert
        Systems with Applications 36, 2009.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [8.0], [9.0], [20.0], [21.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 1, 1])
    >>> ClusterCentroids(random_state=0).fit_resample(X, y)[0].flatten().sort()[0].tolist()
    [0.5, 8.5, 20.0, 21.0]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **UnderSampler._parameter_constraints,
        **RANDOM_STATE,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "voting": [StrOptions({"auto", "hard", "soft"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Any = None,
        estimator: Any = None,
        voting: str = "auto",
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.estimator = estimator
        self.voting = voting
        self.device = device
        self.backend = backend

    def __sklearn_tags__(self) -> ResamplerTags:
        tags = super().__sklearn_tags__()
        tags.sampler_tags.sample_indices = self.voting == "hard"
        return tags

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Under-sample: class by class in sorted order, one row for a cluster, all rows of the other classes.

        Args:
            X: As in `RandomUnderSampler.fit_resample`, but numbers.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: As in the other under-samplers, or for an estimator that is no such clusterer (then it
                is a RuntimeError too).
            TypeError: If X is not numeric or a count is not an int.
        """
        self.voting_ = self.voting if self.voting != "auto" else "hard" if sparse.issparse(X) else "soft"
        if self.voting_ == "hard":
            return super().fit_resample(X, y)
        targets = self.check(X, y)
        table = read_table(X, self.device)
        centers = self._centers(table.rows, targets)

        def stand_ins(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            return rows[:1].repeat(len(centers[position]))

        first = by_class(targets, list(centers), stand_ins)
        is_center = np.isin(targets.codes[first], list(centers))
        made = torch.cat(list(centers.values())) if centers else table.rows[:0]
        if hasattr(self, "sample_indices_"):  # of an earlier fit with hard voting
            del self.sample_indices_
        grown = table.append((made,), _as_they_are, kept=first[~is_center])
        # The kept rows come first, then the centres: back to the order of the classes.
        order = np.argsort(np.argsort(is_center, kind="stable"), kind="stable")
        return take_rows(grown, order), take_rows(y, first)

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        centers = self._centers(data.rows, data.targets)

        def nearest(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            if not len(centers[position]):
                return rows[:0]
            members = data.rows.index_select(0, data.of_class(position))
            found = knn(centers[position], members, 1, backend=self.backend).indices[:, 0]
            return np.asarray(rows[found.cpu().numpy()])

        return by_class(data.targets, list(centers), nearest)

    def _centers(self, rows: Tensor, targets: Targets) -> dict[int, Tensor]:
        """For each class that shrinks, the centres of its clusters, shape (count, d)."""
        state = host_state(self.random_state)
        given = KMeans(random_state=state) if self.estimator is None else self.estimator
        self.estimator_ = seeded(given, state)
        if "n_clusters" not in self.estimator_.get_params():
            raise ValueError(f"{_WANTED} parameter `n_clusters` and a fitted parameter `cluster_centers_`.")
        host, centers = on_host(rows), {}
        for position in targets.positions(self.sampling_strategy_):
            count = self.sampling_strategy_[targets.keys[position]]
            found: Any = np.empty((0, rows.shape[1]))
            if count:
                self.estimator_.set_params(n_clusters=count).fit(host[targets.rows_of(position)])
                found = getattr(self.estimator_, "cluster_centers_", None)
            if found is None:
                raise UnsuitableError(f"{_WANTED} fitted parameter `cluster_centers_`.")
            centers[position] = torch.as_tensor(np.asarray(found)).to(rows)
        return centers


def _as_they_are(rows: Tensor, drawn: tuple[Tensor], out: Tensor | None = None) -> Tensor:
    """Rows that were made before, to be put into the container."""
    return drawn[0] if out is None else out.copy_(drawn[0])
