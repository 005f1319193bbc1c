"""k-means SMOTE: cluster all rows, and grow a class inside the clusters where it is frequent."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import MiniBatchKMeans
from torch import Tensor

from ..exceptions import UnsuitableError
from ..parameters import COUNT, HasMethods, Interval, StrOptions
from ..random import host_state
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .mean_distance import mean_distance
from .neighbor_argument import count_of
from .neighbor_search import NeighborSearch
from .seeded import seeded
from .within_class import WithinClassSampler

__all__ = ["KMeansSMOTE"]

_FEWEST = {"shrink": 2, "duplicate": 1}  # rows of the class in a cluster, where k + 1 are not to be had


class KMeansSMOTE(WithinClassSampler):
    r"""SMOTE inside clusters of all rows, more of it where a class is sparse.

    A cluster serves a class that makes up at least the share ``cluster_balance_threshold`` of it, with at
    least k + 1 rows. Cluster c, with :math:`n_c` of the class's rows at a mean distance :math:`\bar d_c` from
    one another, starts

    .. math:: g_c = \lceil n_{new} s_c / \textstyle\sum_j s_j \rceil, \quad s_c = \bar d_c^{\,e} / n_c

    rows, each as `SMOTE` makes them within the cluster. The g are rounded up one by one, so the number of
    synthetic rows can exceed what was asked for by less than the number of clusters.

    All pairs of a class's rows in a cluster are looked at, in blocks of at most 8 MiB. The clusters are found
    once, on the host.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`; it seeds the clustering too. A RandomState gives imbalanced-learn's rows
            where one class grows; with several the order of its numbers differs.
        k_neighbors: Neighbours within class and cluster, default 2; or an estimator set to k + 1.
        n_jobs: Taken for imbalanced-learn's sake; distances use torch's threads.
        kmeans_estimator: A clusterer, which takes a seed as `SVMSMOTE`'s estimator does; or the number of
            clusters of a ``MiniBatchKMeans``; None: its default, 8.
        cluster_balance_threshold: Share; "auto" (default): half of the class's share in all rows to make.
        density_exponent: The exponent e; "auto" (default): ``0.16 * log(n_c, 1.6) ** 1.8``.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: A class that has k + 1 rows in no such cluster: "raise"; "shrink" takes clusters with at
            least 2 rows and the neighbours there are; "duplicate" repeats rows. The last two warn.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order: by class, then by cluster.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: The estimator of `k_neighbors`.
        kmeans_estimator_: The fitted clusterer.
        cluster_balance_threshold_: The threshold; minus infinity where there is one cluster only.

    Raises:
        RuntimeError: If no cluster serves a class (it is a ValueError too).

    Reference:
        Last, Douzas and Bacao, "Oversampling for imbalanced learning based on k-means and SMOTE",
        arXiv 1711.00837, 2017.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [9.0], [9.5], [10.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1])
    >>> X_new, y_new = KMeansSMOTE(kmeans_estimator=2, random_state=0).fit_resample(X, y)
    >>> y_new.bincount().tolist(), bool((X_new[9:] >= 9).all())
    ([6, 6], True)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "n_jobs": [Integral, None],
        "kmeans_estimator": [HasMethods(["fit", "predict"]), HasMethods(["fit_predict"]), *COUNT, None],
        "cluster_balance_threshold": [StrOptions({"auto"}), Interval(Real, None, None, closed="both")],
        "density_exponent": [StrOptions({"auto"}), Interval(Real, None, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 2,
        n_jobs: int | None = None,
        kmeans_estimator: Any = None,
        cluster_balance_threshold: Any = "auto",
        density_exponent: Any = "auto",
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_jobs = n_jobs
        self.kmeans_estimator = kmeans_estimator
        self.cluster_balance_threshold = cluster_balance_threshold
        self.density_exponent = density_exponent
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    def batch_neighbors(self) -> tuple[int, int]:
        """None: there are no clusters in a batch."""
        raise TypeError(
            "EmbeddingSMOTE: KMeansSMOTE cannot run in a batch, since it would have to cluster the rows at "
            "every step; use SMOTE, or KMeansSMOTE in a SMOTEDataset"
        )

    def _recipes(
        self, search: NeighborSearch, tasks: list[ClassTask], random_state: Any
    ) -> list[ClassRecipe]:
        given, state = self.kmeans_estimator, host_state(random_state)
        if given is None:
            self.kmeans_estimator_ = MiniBatchKMeans(random_state=state)
        elif isinstance(given, Integral):
            self.kmeans_estimator_ = MiniBatchKMeans(n_clusters=int(given), random_state=state)
        else:
            self.kmeans_estimator_ = seeded(given, state)
        alone = getattr(self.kmeans_estimator_, "n_clusters", None) == 1
        self.cluster_balance_threshold_ = -math.inf if alone else self.cluster_balance_threshold
        if not tasks:
            return []
        clusters = _clusters(self.kmeans_estimator_, search.on_host)
        asked = sum(task.n_new for task in tasks)
        parts: list[ClassRecipe] = []
        for task in tasks:
            parts += self._class_parts(search, task, clusters, asked)
        return parts

    def _class_parts(
        self, search: NeighborSearch, task: ClassTask, clusters: NDArray[np.int64], asked: int
    ) -> list[ClassRecipe]:
        """One part for each cluster that serves the class."""
        threshold = self.cluster_balance_threshold_
        of_rows = clusters[task.rows.cpu().numpy()]
        chosen = self._serving(
            task, clusters, of_rows, task.n_new / asked / 2 if threshold == "auto" else threshold
        )
        members = [task.rows[torch.from_numpy(of_rows == cluster).to(task.rows.device)] for cluster in chosen]
        shares = self._shares(search.rows, members)
        parts = []
        for cluster, rows, share in zip(chosen, members, shares, strict=True):
            table = search.nearest_of_class(
                self.k_neighbors, rows, rows, task.label, "k_neighbors", place=f" in cluster {cluster}"
            )
            parts.append(ClassRecipe(task.position, rows, table, math.ceil(task.n_new * share)))
        return parts

    def _serving(
        self, task: ClassTask, clusters: NDArray[np.int64], of_rows: NDArray[np.int64], threshold: float
    ) -> list[int]:
        """The clusters that serve a class, in order."""
        needed = count_of(self.k_neighbors) + 1
        sizes = np.bincount(clusters[clusters >= 0])
        own = np.bincount(of_rows[of_rows >= 0], minlength=len(sizes))
        share = own / np.maximum(sizes, 1)
        # The product, rounded as it is, decides whether k + 1 rows are enough in imbalanced-learn too.
        serving = (share >= threshold) & (share * sizes >= needed)
        if not serving.any() and self.few_samples in _FEWEST:
            serving = (share >= threshold) & (own >= _FEWEST[self.few_samples])
        if not serving.any():
            raise UnsuitableError(
                f"KMeansSMOTE: none of {len(sizes)} clusters serves class {task.label!r}: its share in a "
                f"cluster is at most {share.max(initial=0):.2g} (cluster_balance_threshold: {threshold:.2g}) "
                f"and it has at most {own.max(initial=0)} rows in one (k_neighbors={needed - 1} needs "
                f"{needed}); lower cluster_balance_threshold or k_neighbors, give another kmeans_estimator "
                "or number of clusters, or use SMOTE"
            )
        return [int(cluster) for cluster in np.flatnonzero(serving)]

    def _shares(self, table: Tensor, members: list[Tensor]) -> NDArray[np.float64]:
        """Each cluster's share of the new rows, by sparsity; in logarithms, since powers overflow."""
        logs = np.empty(len(members))
        for place, rows in enumerate(members):
            n, exponent = len(rows), self.density_exponent
            if exponent == "auto":
                exponent = math.log(n, 1.6) ** 1.8 * 0.16
            # Rows that are all the same lie at the smallest distance there is, so that no share is NaN.
            distance = max(mean_distance(table.index_select(0, rows)), sys.float_info.min)
            logs[place] = exponent * math.log(distance) - math.log(n)
        weights = np.exp(logs - logs.max())
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares


def _clusters(estimator: Any, rows: NDArray[Any]) -> NDArray[np.int64]:
    """The cluster of each row; what a clusterer leaves out as noise has a negative number."""
    n, wanted = len(rows), getattr(estimator, "n_clusters", None)
    if isinstance(wanted, Integral) and int(wanted) > n:
        raise ValueError(
            f"KMeansSMOTE: the table has {n} rows, too few for {wanted} clusters; lower kmeans_estimator"
        )
    if hasattr(estimator, "fit_predict"):
        return np.asarray(estimator.fit_predict(rows), np.int64)
    return np.asarray(estimator.fit(rows).predict(rows), np.int64)
