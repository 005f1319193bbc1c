"""Polynomial fitting: rows on the segments of a simple network that joins the rows of a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..draws import Draws, Make, synthesize
from ..parameters import REDRAWS, StrOptions
from ..recipe import Recipe
from ..resampler import Resampler
from ..tables import Table
from ..variants import VARIANTS, Variant
from .base import OverSampler
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_search import NeighborSearch

__all__ = ["PolynomFitSMOTE"]

_CHUNK = 1 << 17  # values of means repeated at a time, so that they stay in cache


class PolynomFitSMOTE(OverSampler):
    r"""Polynomial fitting, of degree 1, in three topologies.

    The rows of a class are joined by segments; each synthetic row lies at a random step on a random one:

    .. math:: x = x_{base} + u (x_{end} - x_{base}), \quad u \sim U(0, 1)

    "star" joins each row to the mean of the class; "bus" consecutive rows, in the order of the table; "mesh"
    every pair. Nothing is searched, and rows of other classes play no part.

    The paper puts its rows at even steps, as many on each segment; here segments and steps are drawn, so that
    the counts are exact. The mean is no row of the table, so only "bus" and "mesh" can be drawn in a dataset,
    and only "mesh" in a batch, which has its rows in no order.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        topology: "star" (default), "bus" or "mesh".
        device: See `SMOTE`.
        backend: Taken for the sake of a uniform signature; nothing is searched.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order. Of "star", each row is its own neighbour, and
            the step is how far it goes towards the mean.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Gazzah and Essoukri Ben Amara, "New oversampling approaches based on polynomial fitting for imbalanced
        data sets", DAS 2008.

    >>> import torch
    >>> X = torch.tensor([[5.0, 5.0]] * 5 + [[0.0, 0.0], [2.0, 0.0], [1.0, 3.0]])  # the last 3: mean (1, 1)
    >>> sampler = PolynomFitSMOTE(random_state=0)
    >>> X_new, _ = sampler.fit_resample(X, torch.tensor([0] * 5 + [1] * 3))
    >>> base, step = X[sampler.draws_.base], sampler.draws_.steps
    >>> torch.allclose(X_new[8:], base + step * (1.0 - base))
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        **REDRAWS,
        "topology": [StrOptions({"star", "bus", "mesh"})],
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        topology: str = "star",
        device: Any = None,
        backend: str = "auto",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.topology = topology
        self.device = device
        self.backend = backend
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Every base row alike, a uniform step; towards any other row of the class ("mesh")."""
        return VARIANTS["mesh" if self.topology == "mesh" else "smote"]

    def batch_neighbors(self) -> tuple[int, int]:
        """One: of "mesh", any other row of the class in the batch.

        Raises:
            ValueError: Of "star" and "bus".
        """
        if self.topology == "mesh":
            return 1, 1
        why = (
            "steps towards the mean of the class, which is no row"
            if self.topology == "star"
            else "joins rows that are consecutive in the table, which a batch does not show"
        )
        raise ValueError(
            f"EmbeddingSMOTE: PolynomFitSMOTE(topology={self.topology!r}) cannot run in a batch, since it "
            f'{why}; use topology="mesh"'
        )

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> Recipe:
        """Fit without making rows; see `SMOTE.recipe`.

        Raises:
            ValueError: Of "star", too.
        """
        if self.topology == "star":
            raise ValueError(
                "PolynomFitSMOTE(topology='star') steps towards the mean of a class, which is no row that a "
                'recipe could name; call fit_resample first, or use topology="mesh" or "bus"'
            )
        return super().recipe(X, y, generator)

    def _start(self) -> None:
        """Nothing is fitted but the classes."""

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        rows = task.rows
        if len(rows) < 2:
            raise ValueError(
                f"PolynomFitSMOTE: class {task.label!r} has 1 sample but topology={self.topology!r} needs 2 "
                "to draw between; collect more, or repeat it with RandomOverSampler"
            )
        if self.topology == "mesh":
            return [ClassRecipe(task.position, rows, None, task.n_new)]
        start, end = (rows, rows) if self.topology == "star" else (rows[:-1], rows[1:])
        return [ClassRecipe(task.position, start, end.unsqueeze(1), task.n_new)]

    def _make(self, table: Table, recipe: Recipe) -> Make:
        return Star.of(table.rows, recipe) if self.topology == "star" else super()._make(table, recipe)


@dataclass(frozen=True, eq=False)
class Star:
    """Makes rows between their bases and the means of their classes.

    Attributes:
        means: Shape (c, d), dtype of the table; 0 for a class that does not grow.
    """

    means: Tensor

    @classmethod
    def of(cls, rows: Tensor, recipe: Recipe) -> Star:
        """The star of a recipe whose parts are whole classes of the table ``rows``."""
        means = rows.new_zeros((recipe.n_classes, rows.shape[1]))
        for part, first in zip(recipe.parts, recipe.layout.first.tolist(), strict=True):
            own = rows.index_select(0, recipe.rows[first : first + part.size])
            # Within the class's range, so that a column that is constant has exactly that constant as mean.
            low, high = own.amin(0).double(), own.amax(0).double()
            means[part.label] = own.mean(0, dtype=torch.float64).clamp(low, high).to(rows.dtype)
        return cls(means)

    def __call__(self, X: Tensor, drawn: Draws, /, *, out: Tensor | None = None) -> Tensor:
        """The rows, shape (n_new, d)."""
        rows = synthesize(X, drawn, out=out)  # each is its own neighbour: the base rows themselves
        step = max(1, _CHUNK // X.shape[1])
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            rows[part].lerp_(self.means.index_select(0, drawn.labels[part]), drawn.steps[part].to(rows.dtype))
        return rows
