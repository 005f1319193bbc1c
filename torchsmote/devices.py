"""Where to compute, and the way to the host."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["on_host", "resolve_device"]


def resolve_device(device: torch.device | str | None, own: torch.device) -> torch.device:
    """The computing device: the one asked for, or the data's own; ValueError if it is not usable here.

    "cuda" becomes the device that is meant by it, such as cuda:0, so that it compares equal to a tensor's.
    """
    if device is None:
        return own
    try:
        wanted = torch.device(device)
        wanted = torch.empty(0, device=wanted).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        if "device type at start" in reason:  # torch lists all that it ever knew
            reason = "there is no such device; use 'cpu', 'cuda', 'cuda:1' or 'mps'"
        raise ValueError(f"`device`={str(device)!r} cannot be used here: {reason}") from error
    if wanted.type == "meta":
        raise ValueError(
            "`device`='meta' holds no values, so nothing can be computed there; use 'cpu' or 'cuda'"
        )
    return wanted


def on_host(rows: Tensor) -> NDArray[Any]:
    """Floating rows for estimators that are not ours: float32 or float64, in the shape they have."""
    rows = rows.cpu()
    array: NDArray[Any] = (rows if rows.dtype in (torch.float32, torch.float64) else rows.float()).numpy()
    return array
