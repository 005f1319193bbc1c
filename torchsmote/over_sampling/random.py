"""Random over-sampling: repeat rows, as they are or with a smoothing noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..devices import resolve_device
from ..draws import Shifted, synthesize_shifted
from ..engines import engine_of
from ..parameters import Interval
from ..recipe import Draws, Origin, Recipe
from ..resampler import Resampler
from ..table_reading import read_table
from ..tables import Table, take_rows
from ..tags import ResamplerTags
from ..targets import Targets
from ..variants import VARIANTS, Variant
from .class_recipe import ClassRecipe, assemble
from .class_task import tasks_of
from .drawing import Stream, draw_all, standard_normals, stream_of
from .neighbor_search import NeighborSearch

__all__ = ["RandomOverSampler"]


class RandomOverSampler(Resampler):
    r"""Repeat rows of the rare classes at random, with replacement.

    With ``shrinkage`` s, a smoothed bootstrap: each repeated row gets normal noise,

    .. math:: x = x_{base} + s \Big(\frac{4}{(d + 2) n}\Big)^{1 / (d + 4)} \sigma_c \, \epsilon, \quad
              \epsilon \sim N(0, I)

    with n rows and d columns in X and the standard deviations :math:`\sigma_c` of the class's columns.

    Without shrinkage X may hold anything (strings, missing values, dates), and keeps its dtypes.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        shrinkage: None (default): rows as they are; a factor >= 0; or a dict of class to factor.
        device: Where noise is computed; None: the tensor's own device, else the CPU.
        backend: Taken for the sake of a uniform signature; nothing is searched.

    Attributes:
        sampling_strategy_: Class -> rows asked for.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row.
        shrinkage_: Class -> factor, or None.
        draws_: `Draws` of the repeated rows: each its own neighbour, step 0.

    Reference:
        Menardi and Torelli, "Training and assessing classification rules with imbalanced data", DMKD 28, 2014
        (the smoothed bootstrap).

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0]])
    >>> X_new, y_new = RandomOverSampler(random_state=0).fit_resample(X, torch.tensor([0, 0, 1]))
    >>> X_new.flatten().tolist(), y_new.tolist()
    ([0.0, 1.0, 2.0, 2.0], [0, 0, 1, 1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        "shrinkage": [Interval(Real, 0, None, closed="left"), Mapping, None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        shrinkage: Any = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.shrinkage = shrinkage
        self.device = device
        self.backend = backend

    def __sklearn_tags__(self) -> ResamplerTags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags

    @property
    def variant(self) -> Variant:
        """No neighbours, equal weights, step 0."""
        return VARIANTS["random"]

    def batch_neighbors(self) -> tuple[int, int]:
        """One: the row itself."""
        return 1, 1

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Over-sample: the given rows, unchanged and first, then the repeated ones, by class in sorted order.

        Args:
            X: A table of any content, n rows; of numbers where ``shrinkage`` is given. Never modified.
            y: Labels, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: As in `SMOTE.fit_resample`, or for a missing or negative shrinkage factor.
            TypeError: If a count is not an int.
        """
        engine = engine_of(X)
        if engine is not None:
            return engine.fit_resample(self, X, y)
        targets = self.check(X, y)
        self.shrinkage_ = self._factors()
        table = None if self.shrinkage_ is None else _numbers(X, self.device)
        where = _precision_and_device(X, self.device)
        draws, noise = self._draw(targets, table, *where)
        self.record(draws, np.arange(len(targets.codes)))
        if table is None or noise is None:
            made = take_rows(X, self.sample_indices_)
        else:
            made = table.append(Shifted(*draws, noise), synthesize_shifted)
        return made, take_rows(y, self.sample_indices_)

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> Recipe:
        """Fit without repeating rows; see `SMOTE.recipe`.

        Raises:
            ValueError: If ``shrinkage`` is above 0: its noise is not a mix of rows.
        """
        engine = engine_of(X)
        if engine is not None:
            return engine.recipe(self, X, y, generator)
        targets = self.check(X, y)
        factors = self._factors()
        if factors and any(factors.values()):
            raise ValueError(
                f"RandomOverSampler: shrinkage={self.shrinkage!r} adds noise, which only fit_resample can; "
                "set shrinkage=None to draw rows as they are read"
            )
        dtype, device = _precision_and_device(X, self.device)
        recipe = assemble(self._parts(targets, device), len(targets.counts), self.variant, dtype, device)
        return replace(recipe, origin=Origin.of(self, targets))

    def class_recipes(
        self, search: NeighborSearch, targets: Targets, generator: torch.Generator | None = None
    ) -> list[ClassRecipe]:
        """See `SMOTE`; nothing is searched."""
        return self._parts(targets, search.device)

    def record(self, draws: Draws, real: NDArray[np.int64]) -> None:
        """Set the attributes that say where output rows come from: the real ones first, then those drawn."""
        self.draws_ = draws
        self.shrinkage_ = self._factors()
        self.sample_indices_ = np.concatenate((real, draws.base.cpu().numpy()))

    def draw(self, recipe: Recipe, parts: Sequence[ClassRecipe]) -> Draws:
        """Draw all rows once, by ``random_state``; see `SMOTE`."""
        stream, where = stream_of(self.random_state), (recipe.dtype, recipe.rows.device)
        if not parts:
            return draw_all(recipe, parts, stream, once_per_fit=True)
        drawn = [self._draw_part(part, stream, recipe.n_classes, *where) for part in parts]
        return Draws(*(torch.cat(values) for values in zip(*drawn, strict=True)))

    def _parts(self, targets: Targets, device: torch.device) -> list[ClassRecipe]:
        return [
            ClassRecipe(task.position, task.rows, task.rows.unsqueeze(1), task.n_new)
            for task in tasks_of(targets, self.sampling_strategy_, device)
        ]

    def _draw(
        self, targets: Targets, table: Table | None, dtype: torch.dtype, device: torch.device
    ) -> tuple[Draws, Tensor | None]:
        """Draw class by class, since each class's noise follows its rows in the stream of numbers."""
        stream = stream_of(self.random_state)
        drawn, noise = [], []
        for part in self._parts(targets, device):
            drawn.append(self._draw_part(part, stream, len(targets.counts), dtype, device))
            if self.shrinkage_ is not None and table is not None:
                factor = self.shrinkage_[targets.keys[part.label]]
                noise.append(_noise(stream, table.rows, part, factor))
        if not drawn:
            nothing = assemble([], len(targets.counts), self.variant, dtype, device)
            drawn.append(draw_all(nothing, [], stream, once_per_fit=True))
        return Draws(*(torch.cat(values) for values in zip(*drawn, strict=True))), torch.cat(
            noise
        ) if noise else None

    def _draw_part(
        self, part: ClassRecipe, stream: Stream, n_classes: int, dtype: torch.dtype, device: torch.device
    ) -> Draws:
        recipe = assemble([part], n_classes, self.variant, dtype, device)
        return draw_all(recipe, [part], stream, once_per_fit=True)

    def _factors(self) -> dict[Any, float] | None:
        if self.shrinkage is None:
            return None
        if not isinstance(self.shrinkage, Mapping):
            return dict.fromkeys(self.sampling_strategy_, self.shrinkage)
        missing = [label for label in self.sampling_strategy_ if label not in self.shrinkage]
        if missing:
            raise ValueError(
                f"`shrinkage` should contain a shrinkage factor for each class: {missing[0]!r} has none"
            )
        for label, factor in self.shrinkage.items():
            if not isinstance(factor, Real):
                raise TypeError(f"`shrinkage` has {factor!r} for class {label!r}; it must be a number >= 0")
            if not float(factor) >= 0:
                raise ValueError(f"The shrinkage factor needs to be >= 0, got {factor} for class {label!r}")
        return dict(self.shrinkage)


def _precision_and_device(X: Any, device: Any) -> tuple[torch.dtype, torch.device]:
    """Dtype of the steps and computing device, for X of any content."""
    if isinstance(X, Tensor):
        return X.dtype if X.is_floating_point() else torch.float64, resolve_device(device, X.device)
    single = getattr(X, "dtype", None) == np.float32
    return torch.float32 if single else torch.float64, resolve_device(device, torch.device("cpu"))


def _numbers(X: Any, device: Any) -> Table:
    try:
        return read_table(X, device)
    except TypeError as error:
        raise ValueError(
            "When shrinkage is not None, X needs to contain only numerical columns, since noise is added to "
            f"them: {error}"
        ) from error


def _noise(stream: Any, rows: Tensor, part: ClassRecipe, factor: float) -> Tensor:
    n, d = rows.shape
    spread = rows.index_select(0, part.rows).double().std(0, correction=0)
    normal = standard_normals(stream, (part.n_new, d), rows.device)
    noise: Tensor = normal * (factor * (4 / ((d + 2) * n)) ** (1 / (d + 4)) * spread)
    return noise.to(rows.dtype)
