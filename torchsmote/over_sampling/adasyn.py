"""ADASYN: more synthetic rows where a row has more neighbours of other classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ..parameters import NEIGHBORS
from ..variants import VARIANTS, Variant
from .base import OverSampler
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import batch_count, count_of, estimator_of
from .neighbor_search import NeighborSearch

__all__ = ["ADASYN"]


class ADASYN(OverSampler):
    r"""Adaptive synthetic sampling.

    Row i of a class starts :math:`g_i` synthetic rows, by its share of the class's enemies (rows of another
    class) among the k nearest rows of all classes:

    .. math:: g_i = \mathrm{rint}\Big(n_{new} \frac{enemies_i}{\sum_j enemies_j}\Big), \quad
              x = x_{base} + u (x_{neighbor} - x_{base}), \quad u \sim U(0, 1)

    with neighbours of the same class. The g are rounded one by one, so their sum, and with it the number of
    synthetic rows, can differ a little from what was asked for.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        n_neighbors: Neighbours that count enemies and to step to, default 5; or an estimator set to k + 1.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`; a row that is drawn again keeps its base, since ADASYN fixes it.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_: The estimator of `n_neighbors`.

    Reference:
        He, Bai, Garcia and Li, "ADASYN: adaptive synthetic sampling approach for imbalanced learning",
        IJCNN 2008.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.5], [6.0], [7.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1])
    >>> X_new, y_new = ADASYN(n_neighbors=2, random_state=0).fit_resample(X, y)
    >>> y_new.bincount().tolist()  # 3 asked for, 4 after rounding
    [6, 7]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OverSampler._parameter_constraints,
        "n_neighbors": NEIGHBORS,
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        n_neighbors: Any = 5,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Base rows weighted by their enemies; neighbours of the same class."""
        return VARIANTS["adasyn"]

    def batch_neighbors(self) -> tuple[int, int]:
        """``n_neighbors``, for both."""
        k = batch_count(self, "n_neighbors")
        return k, k

    def _start(self) -> None:
        self.nn_ = estimator_of(self.n_neighbors, self.backend, self.device)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        variant, k = self.variant, count_of(self.n_neighbors)
        assert variant.weight is not None
        around = search.nearest(self.n_neighbors, task.rows, None, "n_neighbors")
        weights = variant.weight(task.is_enemy(around).sum(1), k)
        if not bool(weights.any()):
            raise ValueError(
                f"ADASYN: no row of class {task.label!r} has one of another class among its {k} nearest, "
                "so there is no border to sample at; raise n_neighbors, or use SMOTE"
            )
        # On the host, in numpy and in this order: then a share that ends in .5 rounds as imbalanced-learn's.
        share = weights.cpu().numpy() / k
        share /= np.sum(share)
        repeats = torch.from_numpy(np.rint(share * task.n_new).astype(np.int64)).to(task.rows.device)
        if not bool(repeats.any()):
            raise ValueError(
                f"ADASYN: the {task.n_new} samples asked for class {task.label!r} are too few for its "
                f"{len(task.rows)} rows: each share rounds to 0; ask for more, or use SMOTE"
            )
        table = search.nearest_of_class(self.n_neighbors, task.rows, task.rows, task.label, "n_neighbors")
        n_new = int(torch.sum(repeats))
        return [ClassRecipe(task.position, task.rows, table, n_new, weights=weights, repeats=repeats)]
