"""Geometric SMOTE: draw from a ball around a row, rather than from the segment to a neighbour."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..constraint import Rule
from ..neighbors.exact import exact_squared
from ..neighbors.rows import Rows
from ..parameters import COUNT, Interval, StrOptions
from ..recipe import Draws, Recipe
from ..tables import Table
from ..variants import VARIANTS, Variant
from .ball import Ball, BallDraws, BallShape
from .base import OverSampler
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .drawing import seed_of
from .neighbor_argument import batch_count
from .neighbor_search import NeighborSearch

__all__ = ["GeometricSMOTE"]


class GeometricSMOTE(OverSampler):
    r"""Geometric SMOTE.

    .. math:: x = x_{base} + R \, g, \quad R = \lVert x_{surface} - x_{base} \rVert

    where g is a uniform point of the unit ball, first truncated, then deformed. With its component
    :math:`g_e` in the direction e of the surface row: where :math:`|truncation - g_e| > 1`, that component
    changes its sign; then the part of g across e shrinks by the factor 1 - deformation.

    The surface row is, by ``selection_strategy``: "minority", one of the k nearest rows of the class;
    "majority", the nearest row of another class; "combined", the nearer one of both. So under the last two no
    row of another class lies inside the ball, except on its surface.

    Rows are made by ``fit_resample`` and in `EmbeddingSMOTE` alone: they lie beside the segments, so they are
    no mix of rows that a recipe could draw. ``draws_`` holds the component along the segment as the step;
    `synthesize` with them gives the rows of ``deformation_factor=1``.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: None, an int, a RandomState or a torch.Generator.
        k_neighbors: Neighbours of the same class to choose from, default 5; not used under "majority".
        truncation_factor: In [-1, 1]: 1 (default) is the half of the ball towards the surface row, 0 the
            whole ball, -1 the half away from it; numbers between keep more than a half.
        deformation_factor: In [0, 1]: 0 (default) is the ball, 1 the segment towards the surface row.
        selection_strategy: "combined" (default), "minority" or "majority".
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`; not used under "majority".
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Douzas and Bacao, "Geometric SMOTE: a geometrically enhanced drop-in replacement for SMOTE",
        Information Sciences 501, 2019.

    >>> import torch
    >>> X = torch.arange(24, dtype=torch.float32).reshape(12, 2)
    >>> y = torch.tensor([0] * 8 + [1] * 4)
    >>> sampler = GeometricSMOTE(k_neighbors=2, random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> y_new.bincount().tolist(), bool((sampler.draws_.step >= 0).all())
    ([8, 8], True)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **OverSampler._parameter_constraints,
        "k_neighbors": COUNT,
        "truncation_factor": [Interval(Real, -1, 1, closed="both")],
        "deformation_factor": [Interval(Real, 0, 1, closed="both")],
        "selection_strategy": [StrOptions({"combined", "majority", "minority"})],
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: int = 5,
        truncation_factor: float = 1.0,
        deformation_factor: float = 0.0,
        selection_strategy: str = "combined",
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.truncation_factor = truncation_factor
        self.deformation_factor = deformation_factor
        self.selection_strategy = selection_strategy
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Equal weights, one of k surface rows; where in its ball a row lies is no matter of the variant."""
        return VARIANTS["smote"]

    def batch_neighbors(self) -> tuple[int, int]:
        """Neighbours to choose a surface row from; none are counted."""
        k = batch_count(self, "k_neighbors")
        return k, k

    @property
    def ball(self) -> BallShape:
        """The shape of the balls that rows are drawn from, for a single batch."""
        return BallShape(self.selection_strategy, self.truncation_factor, self.deformation_factor)

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> Recipe:
        """There is none: rows are made by ``fit_resample`` and inside a network.

        Raises:
            ValueError: Always.
        """
        raise ValueError(
            "GeometricSMOTE: its rows lie beside the segments between rows, so no recipe can mix them when "
            "they are read; call fit_resample first, or use SMOTE or GaussianSMOTE"
        )

    def _start(self) -> None:
        """Nothing is set before a class is seen."""

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        X, rows = search.rows, task.rows
        if self.selection_strategy == "minority":
            table = search.nearest_of_class(self.k_neighbors, rows, rows, task.label, "k_neighbors")
            return [ClassRecipe(task.position, rows, table, task.n_new)]
        enemy = search.found(1, rows, task.others)
        if self.selection_strategy == "majority":
            return [ClassRecipe(task.position, rows, enemy, task.n_new)]
        table = search.nearest_of_class(self.k_neighbors, rows, rows, task.label, "k_neighbors")
        both = torch.cat((table, enemy), 1)
        squared = exact_squared(X.index_select(0, rows).double(), Rows(X), both)
        nearer = torch.where(squared[:, -1:] < squared[:, :-1], enemy, table)
        return [ClassRecipe(task.position, rows, nearer, task.n_new)]

    def _finish(self, table: Table, draws: Draws, recipe: Recipe, rules: list[Rule]) -> tuple[Draws, Any]:
        seed, n_new = seed_of(self.random_state), len(draws.base)
        ball = Ball(table.rows.shape[1], self.truncation_factor, self.deformation_factor, seed, n_new)
        drawn = ball.place(draws, torch.arange(n_new, device=draws.base.device))
        if rules:
            again = self._again(recipe)

            def placed(positions: Tensor, attempt: int) -> BallDraws:
                return ball.place(again(positions, attempt), positions, attempt)

            drawn = self._redraw(table, drawn, placed, rules, ball.make)
        return Draws(*drawn[:4]), table.append(drawn, ball.make)
