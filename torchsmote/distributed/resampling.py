"""Fits over rows that are spread over ranks, and the synthetic rows that each rank makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import Draws, synthesize
from ..origin import Origin
from ..over_sampling.class_recipe import ClassRecipe, assemble
from ..over_sampling.drawing import seed_of
from ..process_group import Ranks
from ..recipe import Recipe
from ..tables import extend
from ..targets import Targets
from .search import ShardedSearch
from .shards import Shards

__all__ = ["Fit", "fit_resample", "recipe"]


def fit_resample(resampler: Any, X: Any, y: Any, group: Any = None) -> tuple[Any, Any]:
    """Over-sample a table of which each rank holds some rows; all ranks of the group call it.

    The real rows of all ranks, in the order of ranks, and then the synthetic ones of all ranks, are what one
    process makes of the whole table, bit for bit, for every number of ranks. Each rank makes an equal share
    of the synthetic rows, give or take one, whatever the shares of real ones.

    Args:
        resampler: SMOTE, BorderlineSMOTE, ADASYN or RandomOverSampler, with the same arguments on all ranks.
            With ``random_state=None`` each rank draws its share alone, from a seed of rank 0. With an int, or
            a stream that all have in the same state, each draws the numbers of all rows and keeps its own:
            some 60 bytes for each synthetic row of all ranks, for a moment.
        X: This rank's rows, at least one: a tensor, or an array of numbers. Never modified.
        y: Their labels, shape (n,). A rank need not have rows of every class.
        group: A torch.distributed process group; None: the default one.

    Returns:
        This rank's rows, unchanged and first, then its share of the synthetic ones; and their labels. In the
        containers and dtypes, and on the device, that came in. ``draws_`` and ``sample_indices_`` of the
        resampler describe them, with row numbers over all ranks, in the order of ranks.

    Raises:
        ValueError: On all ranks, if ranks disagree, one has no row, or one found an error.
        TypeError: The same; also if the resampler needs all rows in one process.

    >>> import torch
    >>> from torch import distributed
    >>> from torchsmote import SMOTE
    >>> distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    >>> X, y = torch.arange(8.0).reshape(8, 1), torch.tensor([0, 0, 0, 0, 0, 1, 1, 1])
    >>> X_more, y_more = fit_resample(SMOTE(k_neighbors=2, random_state=0), X, y)
    >>> y_more.tolist()
    [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    >>> distributed.destroy_process_group()
    """
    fit = Fit.of(Ranks.of(group), resampler, X, y)
    n, ranks = fit.recipe.n_synthetic, fit.shards.ranks
    draws = fit.drawn(n * ranks.rank // ranks.size, n * (ranks.rank + 1) // ranks.size)
    resampler.record(draws, np.arange(*fit.shards.own))
    return fit.extended(X, draws), extend(fit.widened(y), fit.labels(draws))


def recipe(
    resampler: Any, X: Any, y: Any, generator: torch.Generator | None = None, group: Any = None
) -> Recipe:
    """Fit a table of which each rank holds some rows, without making rows; all ranks of the group call it.

    Args:
        resampler: See ``fit_resample``.
        X: This rank's rows.
        y: Their labels.
        generator: See `SMOTE.recipe`; none of the methods that work here draws in its fit.
        group: See ``fit_resample``.

    Returns:
        The whole recipe, the same on every rank: row numbers count over all ranks, in the order of ranks.

    Raises:
        ValueError: As in ``fit_resample``.
        TypeError: As in ``fit_resample``.

    >>> import torch
    >>> from torch import distributed
    >>> from torchsmote import SMOTE
    >>> distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    >>> X, y = torch.arange(8.0).reshape(8, 1), torch.tensor([0, 0, 0, 0, 0, 1, 1, 1])
    >>> recipe(SMOTE(k_neighbors=2), X, y).n_synthetic
    2
    >>> distributed.destroy_process_group()
    """
    fit = Fit.of(Ranks.of(group), resampler, X, y, generator)
    return replace(fit.recipe, origin=Origin.of(resampler, fit.shards.targets))


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted over-sampler of rows that are spread over ranks; all ranks call its methods together.

    Attributes:
        resampler: The over-sampler.
        shards: The table.
        parts: What each class allows, the same on every rank.
        recipe: All of them.
    """

    resampler: Any
    shards: Shards
    parts: Sequence[ClassRecipe]
    recipe: Recipe

    @classmethod
    def of(
        cls, ranks: Ranks, resampler: Any, X: Any, y: Any, generator: torch.Generator | None = None
    ) -> Fit:
        """Fit; the arguments are those of ``recipe``, with its errors."""
        shards = Shards.read(ranks, resampler, X, y)
        rows = shards.table.rows
        whole = torch.empty((shards.n_rows, *X.shape[1:]), device="meta")  # of a shape, and nothing else
        targets: Targets = resampler.check(whole, shards.targets)
        parts = resampler.class_recipes(ShardedSearch(resampler, shards), targets, generator)
        dtype = rows.dtype if rows.is_floating_point() else torch.float64
        recipe = assemble(parts, len(targets.counts), resampler.variant, dtype, rows.device)
        return cls(resampler, shards, parts, recipe)

    def drawn(self, first: int, end: int) -> Draws:
        """What is drawn of the synthetic rows ``first`` to ``end - 1``; each rank asks for its own."""
        ranks = self.shards.ranks
        if self.resampler.random_state is not None:
            every = self.resampler.draw(self.recipe, self.parts)
            return Draws(*(values[first:end].clone() for values in every))
        seed = ranks.told(seed_of(None) if ranks.rank == 0 else 0)[0]
        return self.recipe.draw(torch.arange(first, end, device=self.recipe.rows.device), seed)

    def extended(self, real: Any, draws: Draws) -> Any:
        """Some real rows, then those that were drawn, whose parents come from the ranks that have them."""
        numbers = torch.cat((draws.base, draws.neighbors.flatten())).unique()
        parents = self.shards.take(self.shards.table.rows, numbers)
        here = draws._replace(
            base=torch.searchsorted(numbers, draws.base),
            neighbors=torch.searchsorted(numbers, draws.neighbors),
        )

        def make(rows: Tensor, drawn: Any, /, *, out: Tensor | None = None) -> Tensor:
            if self.resampler.variant.relation == "none":
                return torch.index_select(parents, 0, drawn.base, out=out)
            return synthesize(parents, drawn, out=out)

        return replace(self.shards.table, given=real).append(here, make)

    def labels(self, draws: Draws) -> NDArray[Any]:
        """The labels of the rows drawn, on the host."""
        labels: NDArray[Any] = self.shards.targets.classes[draws.labels.cpu().numpy()]
        return labels

    def widened(self, y: Any) -> Any:
        """Real labels of this rank in a dtype that holds those of all ranks: strings may be longer there."""
        if isinstance(y, np.ndarray) and y.dtype.kind in "US":
            return y.astype(self.shards.targets.classes.dtype)
        return y
