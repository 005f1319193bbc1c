"""The training loop: so many steps of AdamW under a one-cycle learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["descend"]


def descend(
    model: nn.Module,
    loss: Callable[..., Tensor],
    batches: Iterable[tuple[Any, ...]],
    *,
    steps: int,
    learning_rate: float,
    weight_decay: float,
    fused: bool = False,
    advance: Callable[[], None] | None = None,
) -> None:
    """Train a network in place; it is left in train mode.

    Args:
        model: Whose parameters learn.
        loss: From the parts of a batch to a scalar.
        batches: As many as there are steps.
        steps: How many, for the schedule.
        learning_rate: Peak of the one-cycle schedule (Smith and Topin, arXiv:1708.07120).
        weight_decay: Of AdamW.
        fused: Whether one kernel does a step of AdamW: faster, and rounded otherwise.
        advance: Called after each step, for a progress bar.
    """
    model.train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=learning_rate, weight_decay=weight_decay, fused=fused or None
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    for batch in batches:
        value = loss(*batch)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        if advance is not None:
            advance()
