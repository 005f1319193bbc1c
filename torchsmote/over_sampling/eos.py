"""EOS: step from a row of the class towards one of its nearest enemies, so that the class expands."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from ..exceptions import DataWarning
from ..parameters import NEIGHBORS, REDRAWS
from ..resampler import Resampler
from ..variants import VARIANTS, Variant
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import count_of
from .neighbor_search import NeighborSearch
from .within_class import WithinClassSampler

__all__ = ["EOS"]


class EOS(WithinClassSampler):
    r"""Expansive over-sampling: mix rows with their nearest enemies, rows of another class.

    .. math:: x = x_{base} + u (x_{enemy} - x_{base}), \quad u \sim U(0, 1)

    A base sample is a row of the class with at least one enemy among its k nearest rows of all classes; the
    enemy is any of those, and the label that of the base. Interpolation within a class, as in SMOTE, never
    leaves the range of its features; these rows do, towards where test rows of a rare class lie. The paper
    draws them in the embeddings of a trained network, to train its head again.

    A class without such a base is over-sampled by SMOTE, with a `DataWarning`; in a batch of `EmbeddingSMOTE`
    it gets no row where another class has such bases.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: None, an int, a RandomState or a torch.Generator.
        k_neighbors: Nearest rows among which enemies are looked for, default 10; or an estimator that is set
            to k + 1.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: The estimator of `k_neighbors`.

    Reference:
        Dablain, Bellinger, Krawczyk and Chawla, "Efficient augmentation for imbalanced deep learning", ICDE
        2023, arXiv 2207.06080.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.5], [6.0], [7.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1])
    >>> sampler = EOS(k_neighbors=3, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y[sampler.draws_.base].tolist(), y[sampler.draws_.neighbor].tolist(), y_new[9:].tolist()
    ([1, 1, 1], [0, 0, 0], [1, 1, 1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        **REDRAWS,
        "k_neighbors": NEIGHBORS,
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = 10,
        device: Any = None,
        backend: str = "auto",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.device = device
        self.backend = backend
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Base rows with an enemy, equal weights; neighbours are the enemies."""
        return VARIANTS["eos"]

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        table = search.nearest(self.k_neighbors, task.rows, None, "k_neighbors")
        enemies = task.is_enemy(table)
        recipe = ClassRecipe(task.position, task.rows, table, task.n_new)
        if bool(enemies.any()):
            return [recipe.restricted(enemies)]
        warnings.warn(
            f"EOS: no row of class {task.label!r} has one of another class among its "
            f"{count_of(self.k_neighbors)} nearest, so it is over-sampled by SMOTE; raise k_neighbors to "
            "reach its enemies",
            DataWarning,
            stacklevel=6,
        )
        return [recipe]  # all its nearest rows are of the class, so they are what SMOTE would find
