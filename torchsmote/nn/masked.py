"""Batches of sequences of unequal length: which steps of which rows are valid."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["check_mask", "shared_steps", "steps_like"]


def check_mask(mask: Tensor, h: Tensor, *, banked: bool) -> None:
    """Raise unless ``mask`` says of each step of ``h`` whether it is valid, and no bank is kept.

    Args:
        mask: What was given.
        h: Embeddings, shape (b, t, ...).
        banked: Whether rows of earlier batches are kept; they have no mask.
    """
    if not torch.is_tensor(mask):
        raise TypeError(f"`mask` must be a tensor, got {type(mask).__name__}")
    if mask.dtype != torch.bool:
        raise TypeError(f"`mask` must be bool, True where a step is valid, got {mask.dtype}")
    if mask.shape != h.shape[:2]:
        raise ValueError(
            f"`mask` must have shape {tuple(h.shape[:2])}, one value a step of `h`, got {tuple(mask.shape)}"
        )
    if mask.device != h.device:
        raise ValueError(f"`mask` must be on {h.device} like `h`, got {mask.device}")
    if banked:
        raise ValueError(
            "`mask` cannot be used with a bank, whose rows come without masks; use bank_size=0, or pool the "
            "steps into one row before this layer"
        )


def shared_steps(valid: Tensor, base: Tensor, neighbors: Tensor) -> Tensor:
    """Which steps are valid in each base and in each of its neighbours, bool, shape (n, m, t).

    Args:
        valid: Valid steps of rows, bool, shape (p, t).
        base: Which rows, shape (n,).
        neighbors: Which rows they go to, shape (n, m).
    """
    near = valid.index_select(0, neighbors.flatten()).reshape(*neighbors.shape, valid.shape[1])
    return near & valid.index_select(0, base).unsqueeze(1)


def steps_like(steps: Tensor, rows: Tensor) -> Tensor:
    """The same values, with the axes that ``rows`` has behind its steps, so that both broadcast.

    >>> steps_like(torch.ones(2, 3), torch.ones(2, 3, 4, 5)).shape
    torch.Size([2, 3, 1, 1])
    """
    return steps.reshape(*steps.shape, *[1] * (rows.dim() - steps.dim()))
