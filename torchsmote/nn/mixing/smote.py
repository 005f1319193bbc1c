"""SMOTEMixUp: every row with one of its nearest rows."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..checks import whole
from ..pool import Pool, standardized
from .base import MixDraws, Mixing, on_device
from .structure import LabelsGetter

__all__ = ["SMOTEMixUp"]


class SMOTEMixUp(Mixing):
    """Mix each row of a training batch with one of its k nearest rows, of whatever class, labels alike.

    ``x_i + step * (x_j - x_i)`` as in SMOTE, with j drawn uniformly among the k nearest other rows of i in
    the batch and step from Beta(alpha, alpha), uniform by default; the label moves by the same step, so a row
    between two classes has shares of both. Distances are Euclidean, on the first floating tensor of the
    batch, flattened: put the module where distances mean something, after the encoder. A batch of at most k
    rows uses those it has. The search takes ``4 * b**2`` bytes; a row of NaN makes all partners of its batch
    arbitrary. No row is added; to add rows of rare classes, take `torchsmote.nn.EmbeddingSMOTE`.

    Between MixUp and SMOTE with soft labels (arXiv:2308.15457 joins the two in one framework); neighbours of
    the batch, of any class, are this library's choice. Random numbers, compiling and workers: as in `MixUp`;
    distances that are equal but for rounding may be ranked differently on another device.

    Args:
        num_classes: Number of classes, at least 1.
        k: Nearest rows among which the partner is drawn, at least 1.
        alpha: As in `MixUp`.
        labels_getter: As in `MixUp`.
        seed: As in `MixUp`.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Chawla, Bowyer, Hall and Kegelmeyer, "SMOTE: synthetic minority over-sampling technique", JAIR 2002.

    >>> x = torch.tensor([[0.0], [1.0], [10.0], [11.0]])
    >>> mixed, shares = SMOTEMixUp(num_classes=2, k=1)(x, torch.tensor([0, 0, 1, 1]))
    >>> shares  # the nearest row is of the same class
    tensor([[1., 0.],
            [1., 0.],
            [0., 1.],
            [0., 1.]])
    """

    def __init__(
        self,
        *,
        num_classes: int,
        k: int = 5,
        alpha: float = 1.0,
        labels_getter: LabelsGetter = "default",
        seed: int = 0,
    ) -> None:
        super().__init__(num_classes=num_classes, alpha=alpha, labels_getter=labels_getter, seed=seed)
        self.k = whole(k, "k", 1)

    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Partners among the k nearest, steps from Beta(alpha, alpha); see `Mixing`."""
        b = len(rows)
        everyone = torch.arange(b, device=rows.device)
        alike = torch.zeros_like(everyone)  # any row may be a neighbour, so one class for all
        pool = Pool(standardized(rows, alike), alike, torch.full_like(alike[:1], b))
        near, there = pool.nearest(everyone, self.k, "any")
        column = (on_device(rng.random(b), rows.device) * there.sum(1)).long()
        partner = near.gather(1, column.unsqueeze(1)).squeeze(1)
        step = on_device(rng.beta(self.alpha, self.alpha, b), rows.device)
        return MixDraws(partner, step, step)
