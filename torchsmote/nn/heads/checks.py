"""What head retraining accepts, beyond the head itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from ...exceptions import DataWarning
from ..checks import real

__all__ = ["check_classes", "check_loader", "check_lr", "check_range"]

_SHOWN = 10  # classes in a warning


def check_loader(loader: Any, name: str) -> None:
    """Raise unless it can be iterated."""
    if not isinstance(loader, Iterable):
        raise TypeError(
            f"`{name}` must give batches, such as a torch DataLoader, got {type(loader).__name__}"
        )


def check_lr(lr: float | None, name: str) -> None:
    """Raise unless it is None or a positive, finite number."""
    if lr is not None:
        real(lr, name, 0, above=True)


def check_range(y: Tensor, num_classes: int, where: str) -> None:
    """Raise unless each label has an output."""
    wrong = (y < 0) | (y >= num_classes)
    if bool(wrong.any()):
        row = int(wrong.int().argmax())
        raise ValueError(
            f"labels must be in [0, {num_classes}), the head's outputs, but row {row} of {where} has "
            f"{int(y[row])}"
        )


def check_classes(rows: Sequence[int]) -> None:
    """Raise with one class only, and warn of those without a row."""
    missing = [c for c, count in enumerate(rows) if not count]
    if len(missing) == len(rows) - 1:
        raise ValueError("`loader` has rows of one class only, so there is nothing to balance")
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        warnings.warn(
            f"`loader` has no row of classes {missing[:_SHOWN]}{more}: the head will hardly ever choose them",
            DataWarning,
            stacklevel=4,
        )
