"""Borderline-SMOTE: start only from rows in danger, those with many neighbours of other classes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from ..exceptions import NothingSampledWarning
from ..parameters import NEIGHBORS, StrOptions
from ..variants import VARIANTS, Variant
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import batch_count, count_of, estimator_of
from .neighbor_search import NeighborSearch
from .within_class import WithinClassSampler

__all__ = ["BorderlineSMOTE"]


class BorderlineSMOTE(WithinClassSampler):
    r"""Borderline-SMOTE, kinds 1 and 2.

    A row of the class is in danger when, of its m nearest rows of all classes, at least half but not all are
    enemies (of another class). Base samples are the rows in danger, and

    .. math:: x = x_{base} + u (x_{neighbor} - x_{base}), \quad u \sim U(0, 1)

    Kind 1 takes neighbours of the same class. Kind 2 takes them from all rows, and multiplies a step towards
    an enemy by a further number from U(0, 0.5).

    A class without a row in danger stays as it is, with a `NothingSampledWarning`.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        k_neighbors: Neighbours to step to, default 5; or an estimator that is set to k + 1.
        m_neighbors: Neighbours that decide about danger, default 10; or an estimator that is set to m + 1.
        kind: "borderline-1" (default) or "borderline-2".
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        in_danger_indices: Class -> its rows in danger; no entry where there are none.
        nn_k_: The estimator of `k_neighbors`.
        nn_m_: The estimator of `m_neighbors`.

    Reference:
        Han, Wang and Mao, "Borderline-SMOTE: a new over-sampling method in imbalanced data sets learning",
        ICIC 2005.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.5], [6.0], [7.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1])
    >>> sampler = BorderlineSMOTE(k_neighbors=2, m_neighbors=4, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.in_danger_indices[1].tolist(), y_new.bincount().tolist()
    ([6, 7, 8], [6, 6])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "m_neighbors": NEIGHBORS,
        "kind": [StrOptions({"borderline-1", "borderline-2"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 5,
        m_neighbors: Any = 10,
        kind: str = "borderline-1",
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.m_neighbors = m_neighbors
        self.kind = kind
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Base rows in danger; neighbours of the same class, or of any (kind 2)."""
        return VARIANTS[self.kind]

    def batch_neighbors(self) -> tuple[int, int]:
        """``k_neighbors`` and ``m_neighbors``."""
        return batch_count(self, "k_neighbors"), batch_count(self, "m_neighbors")

    def _start(self) -> None:
        self.in_danger_indices: dict[Any, Any] = {}
        super()._start()
        self.nn_m_ = estimator_of(self.m_neighbors, self.backend, self.device)

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        variant = self.variant
        assert variant.weight is not None
        around = search.nearest(self.m_neighbors, task.rows, None, "m_neighbors")
        enemies = task.is_enemy(around).sum(1)
        danger = task.rows[variant.weight(enemies, count_of(self.m_neighbors)) > 0]
        if not len(danger):
            warnings.warn(
                f"BorderlineSMOTE: class {task.label!r} has no row in danger, so it stays at "
                f"{len(task.rows)} samples; raise m_neighbors, or use SMOTE",
                NothingSampledWarning,
                stacklevel=6,
            )
            return []
        self.in_danger_indices[task.label] = danger.cpu().numpy()
        if variant.relation == "same":
            table = search.nearest_of_class(self.k_neighbors, danger, task.rows, task.label, "k_neighbors")
            return [ClassRecipe(task.position, danger, table, task.n_new)]
        table = search.nearest(self.k_neighbors, danger, None, "k_neighbors")
        enemies = task.is_enemy(table)
        return [ClassRecipe(task.position, danger, table, task.n_new, enemies=enemies)]
