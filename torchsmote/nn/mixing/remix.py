"""Remix: MixUp whose label goes to the rarer class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..checks import every_count, real
from .base import MixDraws, Mixing
from .mixup import random_pairs
from .structure import LabelsGetter

__all__ = ["Remix"]


class Remix(Mixing):
    """Mix rows as `MixUp` does, but give the whole label to the class that is much rarer.

    With ``x = lambda * x_i + (1 - lambda) * x_j`` and n_i, n_j the training rows of the two classes, the
    share of i's label is

    * 0 where ``n_i >= kappa * n_j`` and ``lambda < tau``,
    * 1 where ``n_j >= kappa * n_i`` and ``1 - lambda < tau``,
    * lambda otherwise.

    So the rarer class gets the rows between the two that lie nearer to it, and the boundary moves towards the
    more frequent one. A row with soft labels counts as of the class of its largest share; its shares are
    passed on whole. Random numbers, compiling and workers: as in `MixUp`.

    Args:
        num_classes: Number of classes, at least 1.
        class_counts: Rows of each class in the training set, each at least 1, shape (num_classes,).
        kappa: From which ratio of the counts on a class is much rarer, at least 1.
        tau: Below which share of the row of the frequent class its label is dropped, in [0, 1].
        alpha: As in `MixUp`.
        labels_getter: As in `MixUp`; never None.
        seed: As in `MixUp`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Chou, Chang, Pan, Wei and Juan, "Remix: rebalanced mixup", ECCV 2020 workshops, arXiv:2007.03943.

    >>> remix = Remix(num_classes=2, class_counts=[90, 10], tau=1.0, seed=2)
    >>> x, y = remix(torch.eye(2), torch.tensor([0, 1]))
    >>> y
    tensor([[0., 1.],
            [0., 1.]])
    """

    needs_labels = True
    class_counts: Tensor

    def __init__(
        self,
        *,
        num_classes: int,
        class_counts: Sequence[int] | Tensor,
        kappa: float = 3.0,
        tau: float = 0.5,
        alpha: float = 1.0,
        labels_getter: LabelsGetter = "default",
        seed: int = 0,
    ) -> None:
        super().__init__(num_classes=num_classes, alpha=alpha, labels_getter=labels_getter, seed=seed)
        self.kappa = real(kappa, "kappa", 1)
        self.tau = real(tau, "tau", 0, 1)
        self.register_buffer("class_counts", every_count(class_counts, num_classes), persistent=False)

    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Partners and steps as in `MixUp`, label steps by the rule; see `Mixing`."""
        assert classes is not None
        partner, step = random_pairs(rows, self.alpha, rng)
        counts = self.class_counts.to(rows.device, non_blocking=True)
        own = counts.index_select(0, classes).double()
        other = own.index_select(0, partner)
        label_step = torch.where((other >= self.kappa * own) & (step < self.tau), 0.0, step)
        label_step = torch.where((own >= self.kappa * other) & (1 - step < self.tau), 1.0, label_step)
        return MixDraws(partner, step, label_step)
