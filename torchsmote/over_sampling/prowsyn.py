"""ProWSyn: more synthetic rows from the rows of a class that lie nearer to the other classes."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..parameters import COUNT, REDRAWS, Interval
from ..resampler import Resampler
from ..variants import VARIANTS, Variant
from .base import OverSampler
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_search import NeighborSearch

__all__ = ["ProWSyn"]


class ProWSyn(OverSampler):
    r"""Proximity weighted synthetic over-sampling.

    The rows of a class fall into levels. Level 1 are those among the k nearest rows of the class to any row
    of another class; they are taken away, level 2 are those among the k nearest of what is left, and so on;
    the last level is the rest. A row of level l of :math:`n_l` rows starts synthetic rows in proportion to

    .. math:: w = \frac{\exp(-\theta (l - 1))}{n_l}, \quad
              x = x_{base} + u (x_{other} - x_{base}), \quad u \sim U(0, 1)

    where the other is any further row of the class.

    Levels take one search each, by all rows of other classes.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        n_neighbors: Nearest rows of the class that a row of another class puts into a level, default 5.
        n_levels: Levels at most, default 5; 1 weighs all rows alike.
        theta: How fast weights fall from level to level, at least 0, default 1; 0: each level gets as many.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        levels_: Class -> level of each of its rows, from 1; no entry where none is asked for.

    Reference:
        Barua, Islam and Murase, "ProWSyn: proximity weighted synthetic oversampling technique for imbalanced
        data set learning", PAKDD 2013.

    >>> import torch
    >>> X = torch.tensor([[0.0], [0.2], [0.4], [0.6], [0.8], [1.0], [2.0], [3.0], [4.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 1])
    >>> sampler = ProWSyn(n_neighbors=1, n_levels=3, random_state=0)
    >>> X_new, _ = sampler.fit_resample(X, y)
    >>> sampler.levels_[1].tolist(), len(X_new)
    ([1, 2, 3, 3], 10)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        **REDRAWS,
        "n_neighbors": COUNT,
        "n_levels": COUNT,
        "theta": [Interval(Real, 0, math.inf, closed="left")],
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        n_neighbors: int = 5,
        n_levels: int = 5,
        theta: float = 1.0,
        device: Any = None,
        backend: str = "auto",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_levels = n_levels
        self.theta = theta
        self.device = device
        self.backend = backend
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Any other row of the class, a uniform step; the weights are the recipe's."""
        return VARIANTS["mesh"]

    def batch_neighbors(self) -> tuple[int, int]:
        """There are none.

        Raises:
            ValueError: Always: levels are of a whole class.
        """
        raise ValueError(
            "EmbeddingSMOTE: ProWSyn cannot run in a batch, since its levels are those of a whole class; use "
            "ADASYN or BorderlineSMOTE, which weigh rows by their neighbours"
        )

    def _start(self) -> None:
        self.levels_: dict[Any, Any] = {}

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        if len(task.rows) < 2:
            raise ValueError(
                f"ProWSyn: class {task.label!r} has 1 sample but needs 2 to draw between; collect more, or "
                "repeat it with RandomOverSampler"
            )
        level = self._levels(search, task)
        self.levels_[task.label] = level.cpu().numpy()
        weights = torch.exp(-self.theta * (level - 1).double()) / level.bincount()[level]
        return [ClassRecipe(task.position, task.rows, None, task.n_new, weights=weights)]

    def _levels(self, search: NeighborSearch, task: ClassTask) -> Tensor:
        """Level of each row of the class, from 1, int64, shape (n_c,)."""
        k, left = self.n_neighbors, task.rows
        others = task.others
        level = torch.zeros_like(task.codes)
        for number in range(1, self.n_levels):
            if len(left) <= k:  # all of them are among the k nearest of any row
                level[left] = number
                break
            level[search.found(k, others, left).flatten()] = number
            left = left[level[left] == 0]
        else:
            level[left] = self.n_levels
        return level[task.rows]
