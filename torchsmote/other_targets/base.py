"""What the over-samplers of other targets share: groups of rows to search in, and no part in a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, NoReturn

import numpy as np
import torch
from torch import Tensor

from ..over_sampling.class_recipe import ClassRecipe
from ..over_sampling.drawing import Stream, draw_all, some_of
from ..over_sampling.within_class import WithinClassSampler
from ..recipe import Draws, Recipe
from ..tables import Table
from ..targets import Targets

__all__ = ["OtherTargetSampler", "equally"]


class OtherTargetSampler(WithinClassSampler):
    """Base class: groups of rows take the place of classes, and every row of a group is a base equally often.

    Attributes:
        sampling_strategy_: Group -> synthetic rows asked for.
        nn_k_: The estimator given as `k_neighbors`, or a `KNeighbors` of k + 1.
    """

    _no_loop: ClassVar[str]

    def batch_neighbors(self) -> NoReturn:
        """None: a batch has no such targets.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"EmbeddingSMOTE: {self._outside_a_loop()}")

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> NoReturn:
        """None: a recipe knows one class a row, and these targets have to be made.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"SMOTEDataset: {self._outside_a_loop()}")

    def _outside_a_loop(self) -> str:
        name = type(self).__name__
        return (
            f"{name} cannot draw rows in a training loop, since {self._no_loop}; "
            f"make them before it, with {name}().fit_resample on the training split"
        )

    def _drawn_once(
        self, table: Table, targets: Targets, parts: list[ClassRecipe], stream: Stream
    ) -> tuple[Recipe, Draws]:
        recipe = self._assembled(table, targets, parts)
        return recipe, draw_all(recipe, parts, stream, once_per_fit=True)

    def _again(self, recipe: Recipe) -> Callable[[Tensor, int], Draws]:
        # A row that the constraint refuses gets a new base too, so its base cannot be the one of its number.
        return super()._again(replace(recipe, repeats=None))


def equally(part: ClassRecipe, stream: Stream) -> ClassRecipe:
    """Every row a base equally often, as the loops of the papers have it; what is left over goes by lot."""
    n = len(part.rows)
    each, over = divmod(part.n_new, n)
    repeats = np.full(n, each, dtype=np.int64)
    if over:
        repeats[some_of(stream, n, over)] += 1
    return replace(part, repeats=torch.from_numpy(repeats).to(part.rows.device))
