"""Gaussian SMOTE: draw from the normal distribution of a row and its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor

from ..parameters import NEIGHBORS
from ..variants import VARIANTS, Variant
from .class_recipe import ClassRecipe
from .class_task import ClassTask
from .neighbor_search import NeighborSearch
from .within_class import WithinClassSampler

__all__ = ["GaussianSMOTE"]


class GaussianSMOTE(WithinClassSampler):
    r"""Multivariate Gaussian SMOTE (MGS).

    For a base sample :math:`x_0` and its K nearest rows of the same class,

    .. math:: x \sim N(\mu, \Sigma), \quad \mu = \frac{1}{K + 1} \sum_{i=0}^{K} x_i, \quad
              \Sigma = \frac{1}{K + 1} \sum_{i=0}^{K} (x_i - \mu)(x_i - \mu)^T

    which is drawn exactly, as a mix of the K + 1 rows by normal numbers, without a covariance matrix. With K
    above the number of columns d the covariance has full rank, so that a draw leaves the segments between
    rows, unlike SMOTE's.

    ``draws_`` holds a step towards each of the K neighbours: 12 K bytes a synthetic row (16 K for float64);
    the fit needs some 30 K at its peak.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: None, an int, a RandomState or a torch.Generator.
        k_neighbors: Neighbours K; or an estimator that is set to K + 1. None (default): d + 1, or all other
            rows of a class that has fewer.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Sakho, Malherbe and Scornet, "Do we need rebalancing strategies? A theoretical and empirical study
        around SMOTE and its variants", 2024, arXiv 2402.03819.

    >>> import torch
    >>> X = torch.arange(24, dtype=torch.float32).reshape(12, 2)
    >>> y = torch.tensor([0] * 8 + [1] * 4)
    >>> sampler = GaussianSMOTE(random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> sampler.draws_.steps.shape, y_new.bincount().tolist()
    (torch.Size([4, 3]), [8, 8])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "k_neighbors": [*NEIGHBORS, None],
    }
    _one_stream_per_fit = True

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        k_neighbors: Any = None,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws

    @property
    def variant(self) -> Variant:
        """Neighbours of the same class, equal weights, a normal mix of them all."""
        return VARIANTS["gaussian"]

    def batch_neighbors(self) -> tuple[int, int]:
        """``k_neighbors``, and the same again, since no weight needs neighbours.

        Raises:
            ValueError: If it is None.
        """
        if self.k_neighbors is None:
            raise ValueError(
                "GaussianSMOTE: k_neighbors=None counts the columns of a table, which a batch of embeddings "
                "has not shown yet; give k_neighbors as an int"
            )
        return super().batch_neighbors()

    def _start(self) -> None:
        """Nothing is set before a class is seen: how many neighbours there are may depend on it."""

    def _class_recipes(self, search: NeighborSearch, task: ClassTask) -> list[ClassRecipe]:
        k = self.k_neighbors
        if k is None:
            k = max(1, min(search.rows.shape[1] + 1, len(task.rows) - 1))
        table = search.nearest_of_class(k, task.rows, task.rows, task.label, "k_neighbors")
        return [ClassRecipe(task.position, task.rows, table, task.n_new)]
