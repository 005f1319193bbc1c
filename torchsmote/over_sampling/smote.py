"""SMOTE: step from a row of the class towards one of its nearest neighbours within the class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from ..parameters import NEIGHBORS
from ..variants import VARIANTS, Variant
from .base import ClassTask, OverSampler
from .class_recipe import ClassRecipe, NeighborSearch
from .neighbor_argument import batch_count, estimator_of

__all__ = ["SMOTE"]


class SMOTE(OverSampler):
    r"""Synthetic minority over-sampling technique.

    .. math:: x = x_{base} + u (x_{neighbor} - x_{base}), \quad u \sim U(0, 1)

    where the neighbour is one of the k nearest rows of the same class, without the row itself.

    Resample the training split only, after scaling its features: distances mix their units. Where a strong
    booster, a tuned threshold or class weights are an option, compare with them first.

    Args:
        sampling_strategy: "auto" (= "not majority": every class but the largest gets as many rows as it),
            "minority", "not minority", "all"; a float in (0, 1], minority over majority afterwards (binary
            only); a dict of class to final count; or a function of y that returns one.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator
            (numbers are drawn on its device).
        k_neighbors: Neighbours to choose from, default 5; or an estimator with ``kneighbors`` that counts the
            row itself, so one that is set to k + 1.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.
        few_samples: A class with fewer than k + 1 rows: "raise"; "shrink" uses the neighbours there are;
            "duplicate" repeats its rows. The last two warn.
        constraint: Function of synthetic rows (m, d), a tensor in X's dtype, to bool (m,): which are valid.
            Rows that are not get a new base, neighbour and step.
        max_redraws: How often, at most, before a ValueError says how many stayed invalid.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: The estimator given as `k_neighbors`, or a `KNeighbors` of k + 1.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 16,
        2002.

    >>> import torch
    >>> X = torch.arange(12, dtype=torch.float32).reshape(12, 1)
    >>> y = torch.tensor([0] * 8 + [1] * 4)
    >>> X_new, y_new = SMOTE(k_neighbors=2, random_state=0).fit_resample(X, y)
    >>> X_new.shape, y_new.bincount().tolist()
    (torch.Size([16, 1]), [8, 8])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OverSampler._parameter_constraints,
        "k_neighbors": NEIGHBORS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Neighbours of the same class, equal weights, a uniform step."""
        return VARIANTS["smote"]

    def batch_neighbors(self) -> tuple[int, int]:
        """``k_neighbors``, and the same again, since no weight needs neighbours."""
        k = batch_count(self, "k_neighbors")
        return k, k

    def _start(self) -> None:
        self.nn_k_ = estimator_of(self.k_neighbors, self.backend, self.device)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        table = search.nearest_of_class(self.k_neighbors, task.rows, task.rows, task.label, "k_neighbors")
        return [ClassRecipe(task.position, task.rows, table, task.n_new)]
