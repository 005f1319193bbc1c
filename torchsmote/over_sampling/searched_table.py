"""A table in memory whose neighbours are found in a way of its own, and the engine that serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

import torch
from torch import Tensor

from ..engines import register
from ..origin import Origin
from ..recipe import Recipe
from ..table_reading import read_table
from .class_recipe import assemble
from .neighbor_search import NeighborSearch

__all__ = ["SearchedTable"]


class SearchedTable(NamedTuple):
    """A table, and what searches it.

    Attributes:
        rows: Floating, shape (n, d).
        search: Makes the search from what a `NeighborSearch` is made of.
    """

    rows: Tensor
    search: Callable[..., NeighborSearch]


class _Searched:
    """The engine: all is as for a table in memory, but for the search."""

    def takes(self, X: Any) -> bool:
        """Whether ``X`` brings its own search."""
        return isinstance(X, SearchedTable)

    def recipe(self, resampler: Any, X: Any, y: Any, generator: torch.Generator | None) -> Recipe:
        """What ``resampler.recipe(X.rows, y, generator)`` returns."""
        targets = resampler.check(X.rows, y)
        rows = read_table(X.rows, resampler.device).rows
        search = X.search(rows, resampler.backend, type(resampler).__name__, resampler.few_samples)
        parts = resampler.class_recipes(search, targets, generator)
        recipe = assemble(parts, len(targets.counts), resampler.variant, rows.dtype, rows.device)
        return replace(recipe, origin=Origin.of(resampler, targets))

    def fit_resample(self, resampler: Any, X: Any, y: Any) -> NoReturn:
        """Not offered: what has a search of its own is drawn from by recipe."""
        raise TypeError(f"{type(resampler).__name__}: a SearchedTable has recipes alone; pass its rows")


register(_Searched())
