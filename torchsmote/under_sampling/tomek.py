"""Tomek links: two rows of different classes that are each other's nearest neighbour."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..neighbors import neighbors_among
from ..parameters import N_JOBS
from ..strategy import CleaningStrategy
from .base import CleaningSampler, LabeledRows

__all__ = ["TomekLinks", "in_links"]

_FEW = 0.75  # above this share of the largest class, two searches of parts cost less than one of all rows


class TomekLinks(CleaningSampler):
    r"""Remove the rows of Tomek links.

    .. math:: \{a, b\}: \quad b = \arg\min_{r \ne a} |a - r|, \quad a = \arg\min_{r \ne b} |b - r|, \quad
        y_a \ne y_b

    Of each link, the rows of the targeted classes go: with "auto" all but the smallest class's, with "all"
    both.

    Args:
        sampling_strategy: Classes to clean: "auto" (= "not minority": all but the smallest), "majority", "not
            majority", "all"; a list of classes; or a function of y that returns one.
        n_jobs: Not used, torch's own threads do the work; kept for imbalanced-learn's users.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row, ascending.

    Reference:
        Tomek, "Two modifications of CNN", IEEE Transactions on Systems, Man and Cybernetics 6, 1976.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [2.4], [9.0]])
    >>> TomekLinks().fit_resample(X, torch.tensor([0, 0, 0, 1, 1]))[1].tolist()
    [0, 0, 1, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CleaningSampler._parameter_constraints,
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        goes = in_links(data.rows, data.codes, self.backend)
        goes &= data.in_classes(data.targets.positions(self.sampling_strategy_))
        return np.flatnonzero((~goes).cpu().numpy())


def in_links(rows: Tensor, codes: Tensor, backend: str = "auto") -> Tensor:
    """Which rows are in a Tomek link.

    A link has a row outside the largest class, so where that class dominates it is enough to search for the
    neighbours of the other rows, and of those of its rows that they found.

    Args:
        rows: Floating, shape (n, d).
        codes: Classes as 0, 1, ..., int64, shape (n,).
        backend: See `knn`.

    Returns:
        bool tensor, shape (n,).

    >>> in_links(torch.tensor([[0.0], [1.0], [1.2]]), torch.tensor([0, 0, 1])).tolist()
    [False, True, True]
    """
    counts = codes.bincount()
    most = int(counts.argmax())
    every = torch.arange(len(rows), device=rows.device)
    nearest = torch.full_like(every, -1)
    if int(counts[most]) <= _FEW * len(rows):
        nearest = neighbors_among(rows, 1, backend=backend).indices[:, 0]
    else:
        others = (codes != most).nonzero()[:, 0]
        nearest[others] = found = neighbors_among(rows, 1, queries=others, backend=backend).indices[:, 0]
        partners = found[codes[found] == most].unique()
        if len(partners):
            nearest[partners] = neighbors_among(rows, 1, queries=partners, backend=backend).indices[:, 0]
    known = nearest >= 0
    partner = nearest.clamp_min(0)
    return known & (nearest[partner] == every) & (codes[partner] != codes)
