"""SMOGN: SMOTER, with Gaussian noise where the neighbour is too far away."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any, ClassVar

from torch import Tensor

from ..draws import Make
from ..over_sampling.class_recipe import ClassRecipe
from ..over_sampling.drawing import Stream
from ..parameters import Interval
from ..tables import Table
from .bins import Bins
from .noise import Noisy, noisy_parts, synthesize_noisy
from .regression import RegressionSampler

__all__ = ["SMOGN"]


class SMOGN(RegressionSampler):
    r"""SMOTER that steps to near neighbours only, and else adds a little noise to the base.

    A neighbour is near where its distance from the base is below half the median distance m from the base to
    the other rows of its bin. Then row and target are those of `SMOTER`; else

    .. math:: x = x_{base} + \min(p, m / 2) \, \sigma \, \epsilon, \quad \epsilon \sim N(0, I)

    and y likewise, with the standard deviations :math:`\sigma` of columns and target in the bin, and p the
    ``perturbation``.

    The advice of `SMOTER` holds here too. In many columns distances are alike, so that hardly a neighbour is
    near and all is noise (see ``draws_``): noise this small repeats rare rows and little else.

    Memory: as `SMOTE`, three times the synthetic rows in float64, and a float64 copy of a bin that grows;
    time grows with the square of such a bin.

    Args:
        sampling_strategy: See `SMOTER`.
        random_state: See `SMOTE`.
        k_neighbors: See `SMOTE`; default 5.
        relevance: See `SMOTER`.
        relevance_threshold: See `SMOTER`.
        under_sample: See `SMOTER`.
        perturbation: The noise in standard deviations, at most, >= 0, default 0.02.
        device: See `SMOTE`.
        backend: See `knn`.
        few_samples: See `SMOTER`.
        constraint: See `SMOTER`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Bin -> synthetic rows asked for.
        bins_: See `SMOTER`.
        relevance_: See `SMOTER`.
        relevance_function_: See `SMOTER`.
        classes_: The bins' numbers.
        draws_: `Draws` of the synthetic rows, in output order, before noise; a row made by noise has step 0.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: See `SMOTE`.

    Reference:
        Branco, Torgo and Ribeiro, "SMOGN: a pre-processing approach for imbalanced regression", PMLR 74,
        2017.

    >>> import numpy as np
    >>> rng = np.random.RandomState(0)
    >>> X = rng.randn(100, 2)
    >>> y = np.where(X[:, 0] > 1, 10 * X[:, 0], X[:, 0])
    >>> sampler = SMOGN(k_neighbors=3, relevance="high", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> X_new.shape, int((sampler.draws_.step == 0).sum())
    ((100, 2), 2)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **RegressionSampler._parameter_constraints,
        "perturbation": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "balance",
        random_state: Any = None,
        k_neighbors: Any = 5,
        relevance: Any = "auto",
        relevance_threshold: float = 0.8,
        under_sample: bool = True,
        perturbation: float = 0.02,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.relevance = relevance
        self.relevance_threshold = relevance_threshold
        self.under_sample = under_sample
        self.perturbation = perturbation
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    def _drawn(
        self, table: Table, bins: Bins, parts: list[ClassRecipe], stream: Stream
    ) -> tuple[Noisy, Make]:
        noisy = noisy_parts(table.rows, bins.labels, len(bins.counts), parts, self.perturbation)
        recipe, draws = self._drawn_once(table, bins, noisy.parts, stream)
        drawn, rules = noisy.draw(stream, draws), self.rules(table.rows, bins)
        if rules:
            plain = self._again(recipe)

            def again(positions: Tensor, attempt: int) -> Noisy:
                return noisy.draw(stream, plain(positions, attempt))

            drawn = self._redraw(table, drawn, again, rules, synthesize_noisy)
        return drawn, synthesize_noisy
