"""Over-samplers whose rows look for neighbours within their class, in the form that SMOTE has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from ..parameters import NEIGHBORS
from ..variants import VARIANTS, Variant
from .base import OverSampler
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import batch_count, estimator_of
from .neighbor_search import NeighborSearch

__all__ = ["WithinClassSampler"]


class WithinClassSampler(OverSampler):
    """Base class: every row of a class may be a base, and its neighbours are its k nearest of the class.

    A method that differs in one of these gives that one alone.

    Attributes:
        nn_k_: The estimator given as `k_neighbors`, or a `KNeighbors` of k + 1.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OverSampler._parameter_constraints,
        "k_neighbors": NEIGHBORS,
    }

    k_neighbors: Any

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
        """``k_neighbors``, to step to and to weigh a base row by."""
        k = batch_count(self, "k_neighbors")
        return k, k

    def _start(self) -> None:
        self.nn_k_ = estimator_of(self.k_neighbors, self.backend, self.device)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        table = search.nearest_of_class(self.k_neighbors, task.rows, task.rows, task.label, "k_neighbors")
        return [ClassRecipe(task.position, task.rows, table, task.n_new)]
