"""MixUp: every row with a row of a random permutation."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from .base import MixDraws, Mixing, on_device
from .structure import LabelsGetter

__all__ = ["MixUp", "random_pairs"]


class MixUp(Mixing):
    """Mix each row of a training batch with another: ``lambda * x_i + (1 - lambda) * x_j``, labels alike.

    Partners are a random permutation of the batch (a row may meet itself), and lambda is drawn from
    Beta(alpha, alpha) for each pair, where torchvision's module of this name draws one for the whole batch:
    a gradient then averages over many lambdas. Arguments and calls are torchvision's, and
    ``module(x, y)`` works too. Train with a loss that takes shares, such as ``torch.nn.CrossEntropyLoss``.

    The numbers are numpy's, a pure function of (seed, step) and equal on every device; the step is counted on
    the host and saved in the ``state_dict``, so a resumed run goes on in the same stream. Under
    ``torch.compile`` the drawing breaks the graph, and a captured CUDA graph would repeat one draw. In the
    ``collate_fn`` of a DataLoader with workers, numbers also depend on the seed of each worker, thus on the
    loader's generator, and no step is saved. Give ranks of a distributed run seeds of their own.

    Args:
        num_classes: Number of classes, at least 1.
        alpha: Parameter of the Beta distribution, above 0; 1: lambda is uniform. Small values mix little.
        labels_getter: Where the labels of a batch are. "default": in a mapping, or a mapping that is the
            second element of a tuple or list, under y, target, targets, label or labels, the first of them
            that is there; else in the second element. A callable takes the batch and returns its labels.
            None: there are no labels, and rows alone are mixed.
        seed: Key of the random numbers, in [0, 2**64).

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018,
        arXiv:1710.09412.

    >>> import torch
    >>> x, y = MixUp(num_classes=3, seed=0)(torch.eye(3), torch.tensor([0, 1, 2]))
    >>> y.shape, bool((x == y).all())
    (torch.Size([3, 3]), True)
    """

    def __init__(
        self, *, num_classes: int, alpha: float = 1.0, labels_getter: LabelsGetter = "default", seed: int = 0
    ) -> None:
        super().__init__(num_classes=num_classes, alpha=alpha, labels_getter=labels_getter, seed=seed)

    def draw(self, rows: Tensor, classes: Tensor | None, rng: np.random.Generator) -> MixDraws:
        """Partners of a permutation, steps from Beta(alpha, alpha); see `Mixing`."""
        partner, step = random_pairs(rows, self.alpha, rng)
        return MixDraws(partner, step, step)


def random_pairs(rows: Tensor, alpha: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """A permutation of the rows, int64, and 1 - lambda of each from Beta(alpha, alpha), float64."""
    partner, step = rng.permutation(len(rows)), rng.beta(alpha, alpha, len(rows))
    return on_device(partner, rows.device), on_device(step, rows.device)
