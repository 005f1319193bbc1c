"""The engine for tables that are read block by block: recipes, as of the same rows in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..engines import register
from ..neighbors.best import Best, Block, nearest_in_blocks
from ..neighbors.rows import Rows
from ..neighbors.scaling import Extent, comparable
from ..neighbors.streamed import RowBlocks, is_streamed, numbered
from ..over_sampling.class_recipe import ClassRecipe, assemble
from ..recipe import Origin, Recipe
from ..targets import Targets
from .methods import check_method, searches
from .search import Held, HeldSearch

__all__ = ["BlockEngine", "Fitted", "fit_blocks", "growing_rows"]


class BlockEngine:
    """Serves what has `RowBlocks`: recipes alone, since a whole output would have to be in memory."""

    def takes(self, X: Any) -> bool:
        """Whether X is read block by block."""
        return is_streamed(X)

    def fit_resample(self, resampler: Any, X: Any, y: Any) -> tuple[Any, Any]:
        """Not there.

        Raises:
            TypeError: Always; it says what to do.
        """
        check_method(resampler, X)
        raise TypeError(
            f"{type(resampler).__name__}: fit_resample would make a table in memory; train on "
            "SMOTEDataset(X, resampler), take recipe(X, y), or resample a Dask data frame"
        )

    def recipe(self, resampler: Any, X: Any, y: Any, generator: torch.Generator | None) -> Recipe:
        """The recipe: one pass over X, and one or two more for each class that is searched in all rows.

        ``generator`` is not used: no method served here draws numbers in its fit.
        """
        fitted = fit_blocks(resampler, X, y)
        return replace(fitted.recipe, origin=Origin.of(resampler, fitted.targets))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A resampler fitted on a table that is read block by block.

    Attributes:
        targets: The encoded labels.
        recipe: What may be drawn.
        parts: What it was assembled from.
        held: The rows of the classes that grow; none where nothing is searched.
    """

    targets: Targets
    recipe: Recipe
    parts: Sequence[ClassRecipe]
    held: Held


def fit_blocks(resampler: Any, X: RowBlocks, y: Any) -> Fitted:
    """Fit a resampler; see `BlockEngine.recipe`.

    Raises:
        TypeError: If the method needs the rows in memory.
        ValueError: As in ``fit_resample``.
    """
    check_method(resampler, X)
    targets = resampler.check(torch.empty(X.shape, device="meta"), y)
    numbers = growing_rows(resampler, targets)
    if searches(resampler):
        held = _held(X, numbers)
    else:
        held = Held(torch.empty((0, 0), device=X.device), numbers, len(X), Extent())

    def among_all(asked: Rows, k: int, own: Tensor) -> Best:
        blocks = (
            Block(comparable(block, "euclidean", held.extent, "X")[0], first) for first, block in numbered(X)
        )
        return nearest_in_blocks(asked, blocks, k, own=own, backend=resampler.backend)

    parts = resampler.class_recipes(HeldSearch(resampler, held, among_all), targets)
    recipe = assemble(parts, len(targets.counts), resampler.variant, X.dtype, held.rows.device)
    return Fitted(targets, recipe, parts, held)


def growing_rows(resampler: Any, targets: Targets) -> Tensor:
    """Numbers of the rows of all classes that are to grow, ascending, int64, after ``check``."""
    grows = torch.tensor([bool(resampler.sampling_strategy_.get(key, 0)) for key in targets.keys])
    return grows[torch.from_numpy(targets.codes)].nonzero()[:, 0]


def _held(X: RowBlocks, numbers: Tensor) -> Held:
    """One pass: the rows of these numbers, and the extent of all."""
    extent, n = Extent(), 0
    rows = torch.empty((len(numbers), X.shape[1]), dtype=X.dtype, device=X.device)
    for first, block in numbered(X):
        extent |= Extent.of(block, "X", first)
        n = first + len(block)
        low, high = torch.searchsorted(numbers, torch.tensor([first, n])).tolist()
        rows[low:high] = block.index_select(0, (numbers[low:high] - first).to(block.device))
    if n != len(X):
        raise ValueError(
            f"`X` should have {len(X)} rows, but {n} were read; its file was changed, open it anew"
        )
    return Held(rows, numbers.to(X.device), n, extent)


register(BlockEngine())
