"""Class weights by the effective number of samples, for any loss that takes `weight`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..checks import every_count, real

__all__ = ["class_balanced_weights"]


def class_balanced_weights(class_counts: Sequence[int] | Tensor, beta: float = 0.999) -> Tensor:
    """Weights of the classes, ``(1 - beta) / (1 - beta ** n_c)`` over their mean.

    ``(1 - beta ** n) / (1 - beta)`` is how many of n rows are effectively there, if rows overlap: n itself in
    the limit beta -> 1 (weights by inverse frequency), 1 at beta 0 (no weights). Give them to
    ``torch.nn.CrossEntropyLoss(weight=)`` or a loss of this package, from the start or, as a rule better, in
    the last epochs only (deferred re-weighting, Cao et al. 2019).

    Args:
        class_counts: Rows of each class in the training set, each at least 1, shape (num_classes,).
        beta: At least 0 and below 1; common are 0.9 to 0.9999, near 1 - 1 / n.

    Returns:
        float32, shape (num_classes,), mean 1, on the CPU.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If a class has no row or ``beta`` is out of range.

    Reference:
        Cui, Jia, Lin, Song and Belongie, "Class-balanced loss based on effective number of samples", CVPR
        2019, arXiv:1901.05555.

    >>> class_balanced_weights([900, 100], beta=0.99)
    tensor([0.7760, 1.2240])
    """
    beta = real(beta, "beta", 0, 1)
    if beta == 1:
        raise ValueError("`beta` must be below 1, got 1; for weights by inverse frequency take 1 - 1e-9")
    counts = every_count(class_counts).double()
    log_beta = torch.tensor(beta, dtype=torch.float64).log()
    # 1 - beta ** n, without cancellation where beta is near 1; at beta 0 log is -inf, and the result 1.
    weights = -1 / torch.expm1(counts * log_beta)
    return (weights / weights.mean()).float()
