"""Cross-entropy with logits shifted by the classes' frequency."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import every_count, real
from .base import ClassLoss

__all__ = ["LogitAdjustedLoss"]


class LogitAdjustedLoss(ClassLoss):
    """Cross-entropy of ``logits + tau * log(prior)``, with the prior n_c / n of the training set.

    A rare class must earn a higher logit to be told apart, so the bare logits, which are used for
    prediction, come out as for classes of equal frequency: train with this loss, predict with ``argmax`` of
    the logits as they are. Their softmax is a probability under balanced classes, not under the training
    set's. With tau 1 this is the balanced softmax of Ren et al. (arXiv:2007.10740), thus no loss of its own.

    Args:
        class_counts: Rows of each class in the training set, each at least 1, shape (num_classes,).
        tau: Strength, at least 0; 0: plain cross-entropy.
        weight: Weights of the classes, shape (num_classes,), as of ``torch.nn.CrossEntropyLoss``.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Menon, Jayasumana, Rawat, Jain, Veit and Kumar, "Long-tail learning via logit adjustment", ICLR 2021,
        arXiv:2007.07314.

    >>> loss = LogitAdjustedLoss([90, 10])
    >>> [round(loss(torch.zeros(1, 2), torch.tensor([c])).item(), 4) for c in (0, 1)]  # -log(0.9), -log(0.1)
    [0.1054, 2.3026]
    """

    class_counts: Tensor

    def __init__(
        self,
        class_counts: Sequence[int] | Tensor,
        tau: float = 1.0,
        *,
        weight: Tensor | None = None,
        reduction: str = "mean",
    ) -> None:
        counts = every_count(class_counts)
        super().__init__(len(counts), weight, reduction)
        self.tau = real(tau, "tau", 0)
        self.register_buffer("class_counts", counts, persistent=False)

    def per_class(self, logits: Tensor) -> Tensor:
        """Minus the log of the softmax of the shifted logits; see `ClassLoss`."""
        counts = self.class_counts.to(logits.dtype)
        return -torch.log_softmax(logits + self.tau * (counts / counts.sum()).log(), 1)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        return f"class_counts={self.class_counts.tolist()}, tau={self.tau}, reduction={self.reduction!r}"
