"""BalancedMixUp: every row with a row of a random class."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..pool import class_counts
from .base import MixDraws, Mixing, on_device
from .structure import LabelsGetter

__all__ = ["BalancedMixUp"]


class BalancedMixUp(Mixing):
    """Mix each row of a training batch with one whose class was drawn uniformly: rare classes come up often.

    ``(1 - lambda) * x_i + lambda * x_j``, labels alike, with lambda from Beta(alpha, 1) for each row: mostly
    near 0 where alpha is small, so a batch keeps its own rows and gets a little of each class.

    The paper draws x_j from the whole training set, one class as often as another. Here it comes from the
    batch: the class uniformly among those that are there, then a row of it uniformly. A class without a row
    in the batch cannot come up, so take batches in which the rare ones mostly occur. Random numbers,
    compiling and workers: as in `MixUp`. With soft labels, the class of a row is its largest share.

    Args:
        num_classes: Number of classes, at least 1.
        alpha: Parameter of Beta(alpha, 1), above 0: lambda is alpha / (alpha + 1) in the mean. The paper
            tries 0.1 to 0.3.
        labels_getter: As in `MixUp`; never None.
        seed: As in `MixUp`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Galdran, Carneiro and Gonzalez Ballester, "Balanced-MixUp for highly imbalanced medical image
        classification", MICCAI 2021, arXiv:2109.09850.

    >>> y = torch.tensor([0] * 98 + [1] * 2)
    >>> _, shares = BalancedMixUp(num_classes=2, alpha=1.0, seed=0)(torch.zeros(100, 1), y)
    >>> bool(shares[:, 1].sum() > 20)  # of 2 rows
    True
    """

    needs_labels = True

    def __init__(
        self, *, num_classes: int, alpha: float = 0.2, labels_getter: LabelsGetter = "default", seed: int = 0
    ) -> None:
        super().__init__(num_classes=num_classes, alpha=alpha, labels_getter=labels_getter, seed=seed)

    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Partners by class, then row; steps from Beta(alpha, 1); see `Mixing`."""
        assert classes is not None
        b = len(rows)
        u, v = on_device(rng.random((2, b)), rows.device)
        counts = class_counts(classes, self.num_classes)
        present = (counts > 0).cumsum(0)
        drawn = torch.searchsorted(present, (u * present[-1]).long(), right=True)
        inside = (v * counts.index_select(0, drawn)).long()
        first = (counts.cumsum(0) - counts).index_select(0, drawn)
        partner = classes.argsort(stable=True).index_select(0, first + inside)
        step = on_device(rng.beta(self.alpha, 1.0, b), rows.device)
        return MixDraws(partner, step, step)
