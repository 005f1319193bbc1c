"""Safe-level-SMOTE: synthetic rows lie nearer to the safer of their two parents."""

from __future__ import annotations

import warnings
from dataclasses import replace

import torch

from ..exceptions import NothingSampledWarning
from ..variants import VARIANTS, Variant
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_argument import count_of
from .neighbor_search import NeighborSearch
from .within_class import WithinClassSampler

__all__ = ["SafeLevelSMOTE"]


class SafeLevelSMOTE(WithinClassSampler):
    r"""Safe-level-SMOTE.

    The safe level of a row counts the rows of its class among its k nearest of all classes. With levels
    :math:`s_b` of the base sample and :math:`s_n` of a neighbour in the same class,

    .. math:: x = x_{base} + t (x_{neighbor} - x_{base}), \quad t \sim
        \begin{cases}
            U(0, s_n / s_b)     & s_b \ge s_n \\
            U(1 - s_b / s_n, 1) & s_b < s_n
        \end{cases}

    so towards a neighbour of level 0 the base is repeated. Where both levels are 0 the paper makes no row.
    Here such pairs are left out before the draw, and all others stay equally likely, so that counts are what
    was asked for. A class that has no other pair stays as it is, with a `NothingSampledWarning`. In a batch
    of `EmbeddingSMOTE`, whose shapes are fixed, such a pair repeats its base.

    The step is one number a row, as in the paper's figures (its listing draws one for each column).

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: None, an int, a RandomState or a torch.Generator.
        k_neighbors: Neighbours to step to, and nearest rows of all classes that make the safe level, default
            5; or an estimator that is set to k + 1.
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
        nn_k_: The estimator of `k_neighbors`.

    Reference:
        Bunkhumpornpat, Sinapiromsaran and Lursinsap, "Safe-level-SMOTE: safe-level-synthetic minority
        over-sampling technique for handling the class imbalanced problem", PAKDD 2009.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [5.5], [6.0], [7.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1])
    >>> sampler = SafeLevelSMOTE(k_neighbors=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y_new.bincount().tolist()
    [6, 6]
    """

    _one_stream_per_fit = True

    @property
    def variant(self) -> Variant:
        """Neighbours of the same class; a uniform step within the span of the two safe levels."""
        return VARIANTS["safe-level"]

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        spans = self.variant.spans
        assert spans is not None
        around = search.nearest(self.k_neighbors, task.rows, None, "k_neighbors")
        levels = (~task.is_enemy(around)).sum(1)
        table = search.nearest_of_class(self.k_neighbors, task.rows, task.rows, task.label, "k_neighbors")
        base, neighbor = levels.unsqueeze(1), levels[torch.searchsorted(task.rows, table)]
        # A row that is its own neighbour is one that `few_samples` repeats.
        drawn = (base + neighbor > 0) | (table == task.rows.unsqueeze(1))
        recipe = ClassRecipe(task.position, task.rows, table, task.n_new, spans=spans(base, neighbor))
        if bool(drawn.all()):
            return [recipe]
        if bool(drawn.any()):
            return [replace(recipe, weights=drawn.sum(1)).restricted(drawn)]
        warnings.warn(
            f"SafeLevelSMOTE: no row of class {task.label!r} has another of it among its "
            f"{count_of(self.k_neighbors)} nearest, so the class stays at {len(task.rows)} samples; raise "
            "k_neighbors, or use SMOTE",
            NothingSampledWarning,
            stacklevel=6,
        )
        return []
