"""LeeSMOTE: SMOTE that rejects a synthetic row among rows of other classes and draws it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..constraint import Rule
from ..neighbors import KNeighbors
from ..parameters import COUNT
from ..targets import Targets
from .within_class import WithinClassSampler

__all__ = ["LeeSMOTE"]


class LeeSMOTE(WithinClassSampler):
    r"""SMOTE with rejection.

    .. math:: x = x_{base} + u (x_{neighbor} - x_{base}), \quad u \sim U(0, 1)

    as in `SMOTE`. Then the k nearest real rows of x, of all classes, decide: where at least half of them are
    enemies (of another class), x is rejected, and gets a new base, neighbour and step. With an int seed the
    rows that stay are those of `SMOTE` for that seed.

    Each round of redraws searches all real rows once for the rows that are left.

    Args:
        sampling_strategy: See `SMOTE`.
        random_state: See `SMOTE`.
        k_neighbors: Neighbours to step to, and nearest real rows that decide, default 5.
        device: See `SMOTE`.
        backend: See `SMOTE`.
        few_samples: See `SMOTE`.
        constraint: See `SMOTE`; a row must satisfy both.
        max_redraws: How often, at most, before a ValueError says how many stayed rejected, default 20. Where
            classes overlap much, most rows are rejected: then raise it.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for.
        classes_: The classes, sorted.
        draws_: `Draws` of the synthetic rows, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Lee, Kim and Lee, "An over-sampling technique with rejection for imbalanced class learning", IMCOM
        2015.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [4.0], [5.0], [6.0], [7.0], [10.0], [11.0], [12.0]])
    >>> y = torch.tensor([1, 1, 1, 0, 0, 0, 0, 1, 1, 1])  # between 2 and 10, a row would be among enemies
    >>> X_new, _ = LeeSMOTE(k_neighbors=3, sampling_strategy={1: 106}, random_state=0).fit_resample(X, y)
    >>> bool(((X_new[10:] < 3.5) | (X_new[10:] > 8.5)).all())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **WithinClassSampler._parameter_constraints,
        "k_neighbors": COUNT,
    }

    def batch_neighbors(self) -> tuple[int, int]:
        """There are none.

        Raises:
            ValueError: Always: a batch has no second draw.
        """
        raise ValueError(
            "EmbeddingSMOTE: LeeSMOTE cannot run in a batch, since it draws rejected rows again; use SMOTE, "
            "or BorderlineSMOTE, which starts from no row that only enemies surround"
        )

    def rules(self, rows: Tensor, targets: Targets) -> list[Rule]:
        """The ``constraint``, where there is one, and the rejection; see `SMOTE.rules`."""
        codes = torch.from_numpy(targets.codes).to(rows.device)
        rejection = Rejection(rows, codes, min(self.k_neighbors, len(rows)), self.backend, targets.keys)
        return [*super().rules(rows, targets), rejection]

    def _start(self) -> None:
        """Nothing is fitted but the classes."""


@dataclass(frozen=True, eq=False)
class Rejection:
    """The rule that fewer than half of a row's k nearest real rows are enemies.

    Attributes:
        rows: The real rows, shape (n, d).
        codes: Their classes, int64, shape (n,).
        k: How many decide.
        backend: See `knn`.
        labels: The classes' names.
    """

    rows: Tensor
    codes: Tensor
    k: int
    backend: str
    labels: list[Any]

    @cached_property
    def searched(self) -> KNeighbors:
        """The real rows, kept for all redraws: an approximate backend then builds its index once."""
        return KNeighbors(self.k, backend=self.backend).fit(self.rows)

    def allows(self, rows: Tensor, labels: Tensor) -> Tensor:
        """Which rows are accepted."""
        found = self.searched.kneighbors(rows.to(self.rows.dtype), return_distance=False)
        enemies = (self.codes[found] != labels.unsqueeze(1)).sum(1)
        return 2 * enemies < self.k

    def complaint(self, labels: Tensor, n_new: int, max_redraws: int) -> str:
        """How many rows stayed rejected, most of them of which class, and what to do."""
        counts = labels.bincount()
        worst = int(counts.argmax())
        return (
            f"LeeSMOTE: {labels.numel()} of {n_new} synthetic rows stayed rejected after "
            f"max_redraws={max_redraws} redraws, {int(counts[worst])} of them of class "
            f"{self.labels[worst]!r}: at least half of their k_neighbors={self.k} nearest real rows are of "
            "other classes; raise max_redraws, change k_neighbors, or use SMOTE"
        )
