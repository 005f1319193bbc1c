"""The table door of every over-sampler: check, plan each class, draw, interpolate, append."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..constraint import DomainRule, Drawn, Rule, redraw_invalid
from ..draws import Make
from ..engines import engine_of
from ..parameters import FEW_SAMPLES, REDRAWS
from ..recipe import Draws, Origin, Recipe, synthesize
from ..resampler import Resampler
from ..table_reading import read_table
from ..tables import Table, take_rows
from ..targets import Targets
from ..variants import Variant
from .ball import BallShape
from .class_recipe import ClassRecipe, assemble
from .class_task import ClassTask, tasks_of
from .drawing import draw_all, seed_of
from .neighbor_search import NeighborSearch

__all__ = ["OverSampler"]

Self = TypeVar("Self", bound="OverSampler")


class OverSampler(Resampler):
    """Base class of the over-samplers that mix rows.

    A variant gives its ``variant`` data, how many neighbours it uses, and ``_class_recipes``: which rows of a
    class may be a base and which neighbours each has; or, where the classes share some work, ``_recipes``.
    Everything else stands here once.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows of the last ``fit_resample``, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one, int64 array.
        recall_: The lowest recall of the searches, see `Neighbors`; 1.0 unless ``backend`` is approximate.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        **FEW_SAMPLES,
        **REDRAWS,
    }
    _one_stream_per_fit = False
    _group = "class"

    random_state: Any
    few_samples: str = "raise"  # a method that asks nothing of a class's own neighbours has no such argument
    backend: str
    device: Any
    constraint: Callable[[Tensor], Tensor] | None
    max_redraws: int

    @property
    @abstractmethod
    def variant(self) -> Variant:
        """The method's data: relation of the neighbours, weight of a base row, law of the step."""

    @abstractmethod
    def batch_neighbors(self) -> tuple[int, int]:
        """Neighbours to step to and to weigh a base row by, in a batch; TypeError for estimators."""

    @property
    def ball(self) -> BallShape | None:
        """The ball around a base that rows are drawn from in a single batch; None: they lie on segments."""
        return None

    @abstractmethod
    def _start(self) -> None:
        """Set the fitted attributes that do not depend on a class."""

    @abstractmethod
    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        """Plan one class, mostly as one part; empty where it has no row to start from (and has warned)."""

    def _recipes(
        self, search: NeighborSearch, tasks: list[ClassTask], random_state: Any
    ) -> list[ClassRecipe]:
        """Plan every class that is to grow, in order.

        A method that first fits something on the whole table, or draws numbers in its fit, does it here;
        ``random_state`` is what to draw them from: the generator given to ``recipe``, else the resampler's.
        """
        parts: list[ClassRecipe] = []
        for task in tasks:
            parts += self._class_recipes(search, task)
        return parts

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Check the data and set ``sampling_strategy_``; no row is made.

        Args:
            X: The table, as in ``fit_resample``.
            y: Labels, shape (n,).

        Returns:
            The resampler itself.
        """
        super().fit(X, y)
        self._read(X)
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Over-sample: the given rows, unchanged and first, then synthetic ones, by class in sorted order.

        Needs the output, one float32 copy of the rows searched, and at most 64 MiB more.

        Args:
            X: Numbers, shape (n, d) or (n, ...): a tensor on any device, array, data frame, list, or scipy
                CSR/CSC table. Never modified.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: If contents are unusable: NaN or inf, lengths that differ, one class only, a class
                with too few rows, an impossible `sampling_strategy`, a bad parameter.
            TypeError: If X is not numeric or a count is not an int.
        """
        engine = engine_of(X)
        if engine is not None:
            return engine.fit_resample(self, X, y)
        table, targets, parts = self._plan(X, y)
        recipe = self._assembled(table, targets, parts)
        draws = self.draw(recipe, parts)
        draws, rows = self._finish(table, draws, recipe, self.rules(table.rows, targets))
        self.record(draws, np.arange(len(targets.codes)))
        return rows, take_rows(y, targets.labeled(draws.labels.cpu().numpy()))

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> Recipe:
        """Fit without making rows: what the training-loop doors and a loop of your own draw from.

        Args:
            X: The table, as in ``fit_resample``.
            y: Its labels.
            generator: Randomness of a fit that has any (SVMSMOTE's and KMeansSMOTE's), in place of
                ``random_state``.

        Returns:
            The recipe; its row numbers count in X.

        Raises:
            ValueError: As in ``fit_resample``.
            TypeError: As in ``fit_resample``.
        """
        engine = engine_of(X)
        if engine is not None:
            return engine.recipe(self, X, y, generator)
        table, targets, parts = self._plan(X, y, generator)
        return replace(self._assembled(table, targets, parts), origin=Origin.of(self, targets))

    def rules(self, rows: Tensor, targets: Targets) -> list[Rule]:
        """What synthetic rows must satisfy beyond the recipe: here the ``constraint``, where there is one.

        Args:
            rows: The table, shape (n, d).
            targets: Its labels.
        """
        return [] if self.constraint is None else [DomainRule(self.constraint)]

    def _plan(
        self, X: Any, y: Any, generator: torch.Generator | None = None
    ) -> tuple[Any, Targets, list[ClassRecipe]]:
        """The table, its classes, and what each class that is to grow allows."""
        targets = self.check(X, y)
        table = self._read(X)
        return table, targets, self.class_recipes(self._search(table, targets), targets, generator)

    def class_recipes(
        self, search: NeighborSearch, targets: Targets, generator: torch.Generator | None = None
    ) -> list[ClassRecipe]:
        """What each class that is to grow allows, once ``check`` has been called on the table.

        Args:
            search: Finds neighbours among the rows of the table, wherever they are.
            targets: Its labels.
            generator: See ``recipe``.
        """
        tasks = tasks_of(targets, self.sampling_strategy_, search.device)
        self._start()
        parts = self._recipes(search, tasks, self.random_state if generator is None else generator)
        self.recall_ = search.recall
        return parts

    def draw(self, recipe: Recipe, parts: Sequence[ClassRecipe]) -> Draws:
        """Draw all rows of a recipe once, by ``random_state``; ``parts`` is what it was assembled from."""
        return draw_all(recipe, parts, self.random_state, once_per_fit=self._one_stream_per_fit)

    def _assembled(self, table: Any, targets: Targets, parts: Sequence[ClassRecipe]) -> Recipe:
        return assemble(parts, len(targets.counts), self.variant, table.rows.dtype, table.rows.device)

    def record(self, draws: Draws, real: NDArray[np.int64]) -> None:
        """Set the attributes that say where output rows come from: the real ones first, then those drawn."""
        self.draws_ = draws
        self.sample_indices_ = np.concatenate((real, np.full(len(draws.base), -1, dtype=np.int64)))

    def _read(self, X: Any) -> Any:
        """The table as the method computes with it: an object with the numbers as ``rows``."""
        return read_table(X, self.device)

    def _search(self, table: Any, targets: Targets) -> NeighborSearch:
        return NeighborSearch(table.rows, self.backend, type(self).__name__, self.few_samples, self._group)

    def _finish(self, table: Table, draws: Draws, recipe: Recipe, rules: list[Rule]) -> tuple[Draws, Any]:
        """The draws once every row keeps the rules, and the table with these rows."""
        make = self._make(table, recipe)
        if rules:
            draws = self._redraw(table, draws, self._again(recipe), rules, make)
        return draws, table.append(draws, make)

    def _make(self, table: Table, recipe: Recipe) -> Make:
        """How rows follow from their draws."""
        return synthesize

    def _again(self, recipe: Recipe) -> Callable[[Tensor, int], Draws]:
        """Fresh draws of the rows in some positions, at some attempt."""
        state = self.random_state
        if isinstance(state, torch.Generator):
            return lambda positions, attempt: recipe.draw_from(state, positions)
        seed = seed_of(state)
        return lambda positions, attempt: recipe.draw(positions, seed, attempt=attempt)

    def _redraw(
        self,
        table: Any,
        drawn: Drawn,
        again: Callable[[Tensor, int], Drawn],
        rules: list[Rule],
        make: Make = synthesize,
    ) -> Drawn:
        """What was drawn, and drawn again where a row, as the user will get it, broke a rule."""

        def as_returned(rows: Tensor, part: Any) -> Tensor:
            made: Tensor = table.rounded(make(rows, part)).to(table.dtype)
            return made

        return redraw_invalid(table.rows, drawn, again, rules, self.max_redraws, make=as_returned)
