"""What ``debug`` looks for: at once where values can be read for free, else without a wait for the device."""

from __future__ import annotations

import torch
from torch import Tensor

from .masked import steps_like

__all__ = ["faults_of", "finite_at_once", "raise_faults"]


def finite_at_once(h: Tensor, mask: Tensor | None) -> bool:
    """Raise if a row holds NaN or inf in a valid step; False where values cannot be read here and now."""
    if h.device.type != "cpu" or torch.compiler.is_compiling():
        return False
    wrong = _not_finite(h, mask).flatten(1).any(1)
    if bool(wrong.any()):
        raise ValueError(f"`h` must be finite, but row {int(wrong.int().argmax())} has NaN or inf")
    return True


def faults_of(h: Tensor, y: Tensor, num_classes: int, mask: Tensor | None) -> Tensor:
    """Rows with NaN or inf, and labels out of range, int64, shape (2,); nothing is read back."""
    rows = _not_finite(h, mask).flatten(1).any(1).sum()
    return torch.stack((rows, ((y < 0) | (y >= num_classes)).sum()))


def raise_faults(faults: Tensor, num_classes: int) -> None:
    """Raise if any were counted; here the host waits for the device."""
    rows, labels = faults.tolist()
    if rows:
        raise ValueError(
            f"`h` must be finite, but {rows} rows since the last check have NaN or inf; look at the loss and "
            "the learning rate"
        )
    if labels:
        raise ValueError(
            f"`y` must be in [0, {num_classes}), but {labels} labels since the last check are not"
        )


def _not_finite(h: Tensor, mask: Tensor | None) -> Tensor:
    wrong = ~torch.isfinite(h.detach())
    return wrong if mask is None else wrong & steps_like(mask, h)
