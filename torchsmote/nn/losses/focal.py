"""Cross-entropy that fades where a row is already told right."""

from __future__ import annotations

import torch
from torch import Tensor

from ..checks import real
from .base import ClassLoss

__all__ = ["FocalLoss"]


class FocalLoss(ClassLoss):
    """Multi-class focal loss: ``-weight_c * (1 - p_c) ** gamma * log(p_c)`` with p the softmax, c the label.

    Easy rows, mostly of the frequent class, lose their say. It knows no frequencies: give ``weight`` for
    those. With shares as labels it is the mean over the classes, weighted by share. The probabilities it
    trains are not those of the data, even where classes are balanced.

    Args:
        gamma: How fast easy rows fade, at least 0; 0: plain cross-entropy.
        weight: Weights of the classes, shape (num_classes,), the paper's alpha; see
            `torchsmote.class_balanced_weights`.
        reduction: "mean", "sum" or "none". "mean" divides by the summed weights, as
            ``torch.nn.CrossEntropyLoss`` does.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Lin, Goyal, Girshick, He and Dollar, "Focal loss for dense object detection", ICCV 2017,
        arXiv:1708.02002.

    >>> loss, logits = FocalLoss(gamma=2.0), torch.tensor([[0.0, 0.0]])
    >>> round(loss(logits, torch.tensor([1])).item(), 4)  # (1 - 0.5) ** 2 * log(2)
    0.1733
    """

    def __init__(self, gamma: float = 2.0, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        super().__init__(None, weight, reduction)
        self.gamma = real(gamma, "gamma", 0)

    def per_class(self, logits: Tensor) -> Tensor:
        """Cross-entropy times its factor; see `ClassLoss`."""
        log_p = torch.log_softmax(logits, 1)
        # The slope of a power below 1 is infinite at 0, where the loss is 0: keep clear of it.
        rest = (-torch.expm1(log_p)).clamp(min=torch.finfo(log_p.dtype).tiny)
        # A class that is ruled out by a logit of -inf: its slope is 0, not infinity times 0.
        never = torch.isneginf(log_p)
        return (-(rest**self.gamma) * log_p.masked_fill(never, 0)).masked_fill(never, torch.inf)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        weight = None if self.weight is None else self.weight.tolist()
        return f"gamma={self.gamma}, weight={weight}, reduction={self.reduction!r}"
