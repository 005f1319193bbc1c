"""MAMix: MixUp whose label changes sides where a margin-aware boundary would be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..checks import every_count
from .base import MixDraws, Mixing
from .mixup import random_pairs
from .structure import LabelsGetter

__all__ = ["MAMix"]


class MAMix(Mixing):
    """Mix rows as `MixUp` does, with labels that leave a wider margin around the rarer class.

    A classifier's boundary between a row of class i and one of class j should be nearer to the more frequent
    of the two: at ``m = k_i / (k_i + k_j)`` of the way from i to j, with ``k = n ** -1/4``, the margins of
    `torchsmote.nn.LDAMLoss`. So the label is half i, half j there, all i at the one end, all j at the other,
    and linear in between: with t the step from i to j, the share of j is ``t / (2 m)`` up to m and
    ``1 - (1 - t) / (2 (1 - m))`` from there on. Equal counts give `MixUp`.

    The formula and the exponent are those of the authors' package imbalanced-DL; there one lambda is drawn
    for a batch, here one for each pair. A row with soft labels counts as of the class of its largest share;
    its shares are passed on whole. Random numbers, compiling and workers: as in `MixUp`.

    Args:
        num_classes: Number of classes, at least 1.
        class_counts: Rows of each class in the training set, each at least 1, shape (num_classes,).
        alpha: As in `MixUp`.
        labels_getter: As in `MixUp`; never None.
        seed: As in `MixUp`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Cheng, Mai and Lin, "From SMOTE to mixup for deep imbalanced classification", 2023, arXiv:2308.15457.

    >>> mamix = MAMix(num_classes=2, class_counts=[810, 10], seed=0)
    >>> x, y = mamix(torch.eye(2), torch.tensor([0, 1]))
    >>> bool((y[:, 1] >= x[:, 1]).all())  # the rarer class gets more of the label than of the row
    True
    """

    needs_labels = True
    class_counts: Tensor

    def __init__(
        self,
        *,
        num_classes: int,
        class_counts: Sequence[int] | Tensor,
        alpha: float = 1.0,
        labels_getter: LabelsGetter = "default",
        seed: int = 0,
    ) -> None:
        super().__init__(num_classes=num_classes, alpha=alpha, labels_getter=labels_getter, seed=seed)
        self.register_buffer("class_counts", every_count(class_counts, num_classes), persistent=False)

    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Partners and steps as in `MixUp`, label steps bent at the margin; see `Mixing`."""
        assert classes is not None
        partner, step = random_pairs(rows, self.alpha, rng)
        counts = self.class_counts.to(rows.device, non_blocking=True)
        margin = counts.index_select(0, classes).double().pow(-0.25)
        middle = margin / (margin + margin.index_select(0, partner))
        before, after = step / (2 * middle), 1 - (1 - step) / (2 * (1 - middle))
        return MixDraws(partner, step, torch.where(step <= middle, before, after))
