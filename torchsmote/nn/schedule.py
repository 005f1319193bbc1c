"""How many synthetic rows a batch gets, and whether that depends on the epoch."""

from __future__ import annotations

from collections.abc import Callable

from .checks import real

__all__ = ["Ratio", "ratio_at"]

Ratio = float | Callable[[int], float]


def ratio_at(ratio: Ratio, epoch: int) -> float:
    """Synthetic rows per real row in an epoch, or raise unless that is a finite number of at least 0.

    >>> ratio_at(lambda epoch: min(1.0, epoch / 4), 3)
    0.75
    """
    return real(ratio(epoch), f"ratio({epoch})", 0) if callable(ratio) else real(ratio, "ratio", 0)
