"""Cross-entropy with a margin for each class, wider for rare ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..checks import every_count, real
from .base import ClassLoss

__all__ = ["LDAMLoss"]


class LDAMLoss(ClassLoss):
    """Label-distribution-aware margin loss: cross-entropy of ``scale * (logits - m_c at the label c)``.

    The margin of a class is ``m_c = C / n_c ** (1/4)``, with C such that the largest is ``max_margin``: a
    rare class must win by more. With shares as labels it is the mean over the classes, weighted by share.

    Margins of at most 0.5 mean something to logits that are cosines, in [-1, 1]: features and the rows of
    the last weight normalised to length 1, no bias, as in the paper (docs/mixing.md has such a head in five
    lines). Then ``scale`` sets the temperature; leave it at 30. For logits of a usual linear head, which
    find their scale themselves, take ``scale=1`` and margins to match, or `LogitAdjustedLoss`. The paper adds
    class weights in the last epochs (deferred re-weighting): give ``weight`` to a second loss.

    Args:
        class_counts: Rows of each class in the training set, each at least 1, shape (num_classes,).
        max_margin: Margin of the rarest class, in logits before scaling, at least 0.
        scale: What logits are multiplied by, above 0.
        weight: Weights of the classes, shape (num_classes,), as of ``torch.nn.CrossEntropyLoss``.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If an argument is out of range.

    Reference:
        Cao, Wei, Gaidon, Arechiga and Ma, "Learning imbalanced datasets with label-distribution-aware margin
        loss", NeurIPS 2019, arXiv:1906.07413.

    >>> loss = LDAMLoss([810, 10], max_margin=0.5, scale=1.0)
    >>> [round(margin, 4) for margin in loss.margins.tolist()]  # 81 ** (1/4) is 3
    [0.1667, 0.5]
    >>> round(loss(torch.zeros(1, 2), torch.tensor([1])).item(), 4)  # log(1 + exp(0.5))
    0.9741
    """

    class_counts: Tensor

    def __init__(
        self,
        class_counts: Sequence[int] | Tensor,
        max_margin: float = 0.5,
        scale: float = 30.0,
        *,
        weight: Tensor | None = None,
        reduction: str = "mean",
    ) -> None:
        counts = every_count(class_counts)
        if len(counts) < 2:
            raise ValueError(f"`class_counts` must hold at least two classes, got {counts.tolist()}")
        super().__init__(len(counts), weight, reduction)
        self.max_margin = real(max_margin, "max_margin", 0)
        self.scale = real(scale, "scale", 0, above=True)
        self.register_buffer("class_counts", counts, persistent=False)

    @property
    def margins(self) -> Tensor:
        """Margin of each class, float64, shape (num_classes,)."""
        return self.max_margin * (self.class_counts.min() / self.class_counts.double()) ** 0.25

    def per_class(self, logits: Tensor) -> Tensor:
        """``log(1 + exp(others - (logit - margin)))``, all scaled; see `ClassLoss`."""
        scaled = self.scale * logits
        lost = _others(scaled) - scaled + self.scale * self.margins.to(logits.dtype)
        return softplus(lost, threshold=50.0)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        return (
            f"class_counts={self.class_counts.tolist()}, max_margin={self.max_margin}, scale={self.scale}, "
            f"reduction={self.reduction!r}"
        )


def _others(logits: Tensor) -> Tensor:
    """For each class the log of the summed exponentials of the other classes, (b, num_classes).

    The largest is left out by a mask, since a difference of sums would cancel; of the others each has at
    most half of the sum, so its difference does not.
    """
    top = logits.argmax(1, keepdim=True)
    total = logits.logsumexp(1, keepdim=True)
    # Not -inf: were the other logits -inf too, there would be no slope.
    runners_up = logits.scatter(1, top, torch.finfo(logits.dtype).min).logsumexp(1, keepdim=True)
    share = (logits - total).exp().scatter(1, top, 0.0)
    # Not log1p, which takes 50 times as long on a CPU: the sum beside it is no more precise than this.
    return (total + (1 - share).log()).scatter(1, top, runners_up)
