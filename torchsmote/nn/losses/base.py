"""What every loss here does: checks, labels or shares, class weights and reduction, each written once."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from ..checks import check_weights
from ..soft_labels import check_soft_labels

__all__ = ["ClassLoss"]


class ClassLoss(nn.Module):
    """A loss that is linear in the label: ``sum_c share_c * weight_c * loss_c(logits)`` for each row.

    A subclass fills in ``per_class``, the loss of a row were each class its label. Losses are computed in at
    least float32, whatever the logits are. ``weight`` and ``reduction`` are those of
    ``torch.nn.CrossEntropyLoss``: "mean" divides by the summed weights of the rows' classes, with shares by
    the number of rows.
    """

    weight: Tensor | None

    def __init__(self, num_classes: int | None, weight: Tensor | None, reduction: str) -> None:
        super().__init__()
        if weight is not None:
            if not isinstance(weight, Tensor):
                raise TypeError(
                    f"`weight` must be a tensor, one number a class, got {type(weight).__name__}; convert it "
                    "with torch.tensor"
                )
            check_weights(weight, "weight", num_classes)
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f'`reduction` must be "mean", "sum" or "none", got {reduction!r}')
        self.num_classes = num_classes if weight is None else len(weight)
        self.reduction = reduction
        self.register_buffer("weight", weight, persistent=False)

    @abstractmethod
    def per_class(self, logits: Tensor) -> Tensor:
        """The loss of each row were each class its label, (b, num_classes), of logits in float32 or more."""

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            logits: Floating point, shape (b, num_classes).
            target: Classes, int64, shape (b,), or shares of the classes, floating point, shape
                (b, num_classes), such as the modules of `torchsmote.nn.mixing` return.

        Returns:
            At least float32: 0-dim, or of shape (b,) with reduction "none".

        Raises:
            TypeError: If dtypes are wrong.
            ValueError: If shapes do not fit, or a label is out of range (on the CPU).
        """
        self._check_logits(logits)
        check_soft_labels(target, "target", logits.shape[0], logits.shape[1])
        losses = self.per_class(logits.to(torch.promote_types(logits.dtype, torch.float32)))
        weight = None if self.weight is None else self.weight.to(losses.dtype)
        if weight is not None:
            losses = losses * weight
        soft = target.is_floating_point()
        rows = (losses * target).sum(1) if soft else losses.gather(1, target.unsqueeze(1)).squeeze(1)
        if self.reduction == "none":
            return rows
        if self.reduction == "sum":
            return rows.sum()
        return rows.mean() if soft or weight is None else rows.sum() / weight.index_select(0, target).sum()

    def _check_logits(self, logits: Any) -> None:
        if not isinstance(logits, Tensor) or not logits.is_floating_point():
            kind = logits.dtype if isinstance(logits, Tensor) else type(logits).__name__
            raise TypeError(f"`logits` must be a floating tensor, got {kind}")
        if self.num_classes is None and logits.dim() == 2 and logits.shape[1] == 1:
            raise ValueError(
                "`logits` must have a column for each class, but have one; a binary task needs two logits"
            )
        expected = self.num_classes or "num_classes"
        if logits.dim() != 2 or logits.shape[1] != (self.num_classes or logits.shape[1]):
            raise ValueError(f"`logits` must have shape (b, {expected}), got {tuple(logits.shape)}")
