"""Planner: a resampler fitted to features, and the batches of real and synthetic rows that it allows."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from sklearn.base import clone
from torch import Tensor

from ..over_sampling import SMOTE
from ..random import Purpose, stream_seed
from ..recipe import Recipe
from ..targets import encode
from .drawing import DrawCache, Drawer
from .indices import locate
from .plan import Plan, Rows

__all__ = ["Planner", "own_resampler"]


class Planner:
    """Fits a resampler and plans batches.

    Args:
        resampler: An over-sampler; it is fitted.
        rows: Features, floating, shape (n, d).
        labels: Shape (n,).
        seed: In [0, 2**64).
        votes: Whether items hold categories, which neighbors vote on.
        recipe: What an earlier fit of the same resampler to the same labels allows; None: fit now.

    Attributes:
        recipe: What may be drawn, on the CPU.
        drawer: Draws by (epoch, row).

    Raises:
        ValueError: If the resampler votes on categories and there are none, it cannot be fitted, or the
            recipe is of another fit.
    """

    def __init__(
        self,
        resampler: Any,
        rows: Tensor,
        labels: Any,
        seed: int,
        votes: bool,
        recipe: Recipe | None = None,
    ) -> None:
        if getattr(resampler, "votes", False) and not votes:
            raise ValueError(
                f"SMOTEDataset: {type(resampler).__name__} votes on categories, but no leaf is named in "
                "`categorical`"
            )
        if recipe is None:
            generator = torch.Generator().manual_seed(stream_seed(seed, 0, Purpose.FIT))
            recipe = resampler.recipe(rows, labels, generator=generator)
        else:
            _check_recipe(recipe, resampler, rows, labels)
        self.recipe = recipe.to("cpu")
        self.drawer = Drawer.of(resampler, self.recipe, rows, labels, seed, votes)
        self._cache = DrawCache(self.drawer)
        self._length = len(rows) + self.recipe.n_synthetic

    def plan(self, indices: Rows, epoch: int) -> Plan:
        """The plan of a batch.

        Args:
            indices: Any indices, of any epochs, shape (b,).
            epoch: The epoch of indices below the longer dataset's length.
        """
        rows, epochs = locate(indices, self._length, epoch)
        return self.drawer.plan(rows, epochs, partial(self._cache.draw, epochs=epochs))


def own_resampler(resampler: Any) -> Any:
    """A clone of the resampler, SMOTE for None.

    Raises:
        TypeError: If it is no over-sampler.
    """
    if resampler is None:
        return SMOTE()
    if isinstance(resampler, type) or not hasattr(resampler, "recipe"):
        got = resampler.__name__ if isinstance(resampler, type) else type(resampler).__name__
        raise TypeError(
            f"`resampler` must be an over-sampler object of torchsmote, such as SMOTE(), got {got}; one that "
            "only has fit_resample goes before the dataset"
        )
    return clone(resampler)


def _check_recipe(recipe: Any, resampler: Any, rows: Tensor, labels: Any) -> None:
    """Raise unless the recipe is of a fit of this resampler to these labels; set what else a fit sets."""
    if not isinstance(recipe, Recipe):
        raise TypeError(f"`recipe` must be a Recipe, such as Recipe.load(path), got {type(recipe).__name__}")
    if recipe.origin is None:
        raise ValueError("`recipe` does not say what it was fitted on; take one of resampler.recipe(X, y)")
    recipe.origin.check(type(resampler).__name__, encode(labels))
    resampler.fit(rows, labels)
