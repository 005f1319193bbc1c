"""Fit: a resampler fitted to features of a dataset's items, and the drawer that this gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from sklearn.base import clone
from torch import Tensor

from ..neighbors.streamed import is_streamed
from ..over_sampling import SMOTE
from ..over_sampling.base import OverSampler
from ..over_sampling.neighbor_search import NeighborSearch
from ..over_sampling.searched_table import SearchedTable
from ..random import Purpose, stream_seed
from ..recipe import Recipe
from ..streamed.methods import check_method
from ..targets import encode
from .drawing import Drawer
from .fingerprint import fingerprint

__all__ = ["Fit", "own_resampler"]


@dataclass(frozen=True, eq=False)
class Fit:
    """A resampler fitted to features.

    Attributes:
        resampler: The fitted over-sampler.
        drawer: Draws by (epoch, row); its recipe is on the CPU.
        labels: Shape (n,).
        votes: Whether items hold categories, which neighbors vote on.
    """

    resampler: Any
    drawer: Drawer
    labels: Any
    votes: bool

    @classmethod
    def of(
        cls,
        resampler: Any,
        rows: Any,
        labels: Any,
        seed: int,
        votes: bool,
        recipe: Recipe | None = None,
        search: Callable[..., NeighborSearch] | None = None,
    ) -> Fit:
        """Fit a resampler.

        Args:
            resampler: An over-sampler; it is fitted.
            rows: Features, floating, shape (n, d): a tensor, or a table that is read block by block.
            labels: Shape (n,).
            seed: In [0, 2**64).
            votes: Whether items hold categories.
            recipe: What an earlier fit of the same resampler to the same labels allows; None: fit now.
            search: What finds neighbors, see `SearchedTable`; None: the resampler's own search, as always
                where categories count in the distance.

        Raises:
            ValueError: If the resampler votes on categories and there are none, it cannot be fitted, or the
                recipe is of another fit.
        """
        if getattr(resampler, "votes", False) and not votes:
            raise ValueError(
                f"SMOTEDataset: {type(resampler).__name__} votes on categories, but no leaf is named in "
                "`categorical`"
            )
        if recipe is None:
            generator = torch.Generator().manual_seed(stream_seed(seed, 0, Purpose.FIT))
            X = rows if search is None else _searched(resampler, rows, search)
            recipe = resampler.recipe(X, labels, generator=generator)
        else:
            _check_recipe(recipe, resampler, labels)
            if is_streamed(rows):
                check_method(resampler, rows)
                resampler.check(torch.empty(rows.shape, device="meta"), labels)
            else:
                resampler.fit(rows, labels)
        kept = None if is_streamed(rows) else rows  # what works on streamed ones has no rule
        drawer = Drawer.of(resampler, recipe.to("cpu"), kept, labels, seed, votes)
        return cls(resampler, drawer, labels, votes)

    def with_recipe(self, recipe: Recipe) -> Fit:
        """The same resampler with the recipe of another fit to the same labels.

        Raises:
            TypeError: If it is no recipe.
            ValueError: If it is of another resampler or other labels, or this one keeps rules that need the
                features.
        """
        _check_recipe(recipe, self.resampler, self.labels)
        if self.drawer.rules:
            raise ValueError(
                f"a recipe alone does not do for this {type(self.resampler).__name__}, whose rows must also "
                "keep rules (a constraint, or rejections); give the features"
            )
        return Fit(self.resampler, self.restore(recipe.to("cpu"), None), self.labels, self.votes)

    @cached_property
    def fingerprint(self) -> dict[str, str]:
        """What tells the dataset from others, for saved states."""
        return fingerprint(self.labels, self.resampler, self.drawer.recipe.n_new)

    @property
    def restore(self) -> Callable[[Recipe, Tensor | None], Drawer]:
        """Makes the drawer of another fit to the same labels, from its recipe and what rules need."""
        seed, votes = self.drawer.seed, self.votes
        return partial(Drawer.of, self.resampler, labels=self.labels, seed=seed, votes=votes)


def _searched(resampler: Any, rows: Any, search: Callable[..., NeighborSearch]) -> Any:
    """The table with its own search, where the resampler has nothing but such a search."""
    plain = isinstance(resampler, OverSampler) and not getattr(resampler, "votes", False)
    return SearchedTable(rows, search) if plain and not is_streamed(rows) else rows


def own_resampler(resampler: Any) -> Any:
    """A clone of the resampler, SMOTE for None.

    Raises:
        TypeError: If it is no over-sampler.
    """
    if resampler is None:
        return SMOTE()
    if isinstance(resampler, type) or not hasattr(resampler, "recipe"):
        got = f"the class {resampler.__name__}" if isinstance(resampler, type) else type(resampler).__name__
        data = hasattr(resampler, "__len__") and not isinstance(resampler, str)  # SMOTEDataset(X, y)
        remedy = (
            "labels go into the dataset, TensorDataset(X, y), or `targets`"
            if data
            else "one that only has fit_resample goes before the dataset"
        )
        raise TypeError(
            f"`resampler` must be an over-sampler object of torchsmote, such as SMOTE(), got {got}; {remedy}"
        )
    return clone(resampler)


def _check_recipe(recipe: Any, resampler: Any, labels: Any) -> None:
    """Raise unless the recipe is of a fit of this resampler to these labels."""
    if not isinstance(recipe, Recipe):
        raise TypeError(f"`recipe` must be a Recipe, such as Recipe.load(path), got {type(recipe).__name__}")
    if recipe.origin is None:
        raise ValueError("`recipe` does not say what it was fitted on; take one of resampler.recipe(X, y)")
    recipe.origin.check(resampler, encode(labels))
