"""Labels that are classes or shares of classes: their checks, one as the other, and their mixes."""

from __future__ import annotations

import torch
from torch import Tensor

from ..draws import Draws, synthesize
from .checks import to_classes

__all__ = ["as_shares", "check_soft_labels", "mixed_shares"]

_ROUNDING = 0.02  # 256 shares in bfloat16 can miss 1 by as much


def check_soft_labels(y: object, name: str, rows: int | None, num_classes: int) -> Tensor:
    """Return ``y``, or raise unless it holds classes (b,) or shares of the classes (b, num_classes).

    Values are read on the CPU only, since on CUDA the host would have to wait for them.

    Args:
        y: Classes, int64, or shares, floating point.
        name: Its name in the error.
        rows: How many rows it belongs to; None: any number.
        num_classes: How many classes there are.

    Raises:
        TypeError: If it is no tensor or has another dtype.
        ValueError: If its shape or a value is wrong.
    """
    if not isinstance(y, Tensor):
        raise TypeError(
            f"`{name}` must be a tensor of labels, got {type(y).__name__}; convert it with torch.as_tensor"
        )
    soft = y.is_floating_point()
    if not soft and y.dtype != torch.int64:
        raise TypeError(
            f"`{name}` must be int64 classes or floating shares of them, got {y.dtype}; {to_classes(y)}"
        )
    shape = (y.shape[0] if y.dim() and rows is None else rows, *[num_classes] * soft)
    if y.shape != shape:
        rule = f"(b, {num_classes}), shares of each class" if soft else "(b,), one class a row"
        where = "" if rows is None else f" with b={rows}"
        remedy = f"; {to_classes(y)}" if y.dim() == 1 + (not soft) else ""
        raise ValueError(f"`{name}` in {y.dtype} must have shape {rule}{where}, got {tuple(y.shape)}{remedy}")
    if y.device.type == "cpu" and y.numel() and not torch.compiler.is_compiling():
        _check_values(y.detach(), name, num_classes)
    return y


def _check_values(y: Tensor, name: str, num_classes: int) -> None:
    if not y.is_floating_point():
        low, high = (int(value) for value in torch.aminmax(y))
        if low < 0 or high >= num_classes:
            raise ValueError(f"`{name}` must be in [0, {num_classes}), got {low if low < 0 else high}")
        return
    wrong = ~((y >= 0).all(1) & ((y.float().sum(1) - 1).abs() <= _ROUNDING))
    if bool(wrong.any()):
        row = int(wrong.int().argmax())
        raise ValueError(
            f"`{name}` must be shares of at least 0 that sum to 1, but row {row} has {y[row].tolist()}"
        )


def as_shares(y: Tensor, num_classes: int) -> Tensor:
    """Shares of the classes, (b, num_classes), at least float32: one-hot rows for classes, zeros for a -1.

    >>> as_shares(torch.tensor([1, 0]), 2)
    tensor([[0., 1.],
            [1., 0.]])
    """
    shares = y
    if not y.is_floating_point():
        shares = y.unsqueeze(1) == torch.arange(num_classes, device=y.device)
    return shares.to(torch.promote_types(shares.dtype, torch.float32))


def mixed_shares(labels: Tensor, draws: Draws, num_classes: int, dtype: torch.dtype) -> Tensor:
    """Shares of synthetic rows, mixed by the steps of their rows, shape (n_new, num_classes).

    A single step away from a neighbour, as in a ball, leaves the whole share to the base's class.
    """
    if draws.steps.shape[1] == 1:
        draws = draws._replace(steps=draws.steps.clamp(min=0))
    return synthesize(as_shares(labels, num_classes).to(dtype), draws)
