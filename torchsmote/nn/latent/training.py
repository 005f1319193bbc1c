"""Training an autoencoder: which rows each step sees, and the steps themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...progress import Advance
from .penalty import step_losses

__all__ = ["Schedule", "steps_of_epoch", "train_autoencoder"]


@dataclass(frozen=True)
class Schedule:
    """How to train: epochs, rows of a batch, Adam's learning rate, and the penalty's name."""

    epochs: int
    batch_size: int
    learning_rate: float
    penalty: str | None


def steps_of_epoch(
    by_class: Sequence[Tensor], batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Row numbers of the batch, and of one class, for each step of an epoch.

    Every row is in one batch of the epoch. The class is drawn with equal chances, and of it as many rows as
    the batch has, or all where there are fewer: distinct ones, in random order.

    Args:
        by_class: Row numbers of each class, int64 on the CPU.
        batch_size: Rows of a batch; the last may have fewer.
        generator: On the CPU, so that every device sees the same steps.
    """
    mixed = [rows[torch.randperm(len(rows), generator=generator)] for rows in by_class]
    n = sum(len(rows) for rows in by_class)
    for batch in torch.randperm(n, generator=generator).split(batch_size):
        rows = mixed[int(torch.randint(len(mixed), (), generator=generator))]
        start = torch.randint(len(rows), (), generator=generator)
        yield batch, rows[(start + torch.arange(min(len(batch), len(rows)))) % len(rows)]


def train_autoencoder(
    encoder: nn.Module,
    decoder: nn.Module,
    rows: Tensor,
    by_class: Sequence[Tensor],
    schedule: Schedule,
    generator: torch.Generator,
    advance: Advance,
) -> Tensor:
    """Train both networks in place.

    Args:
        encoder: From rows to codes.
        decoder: From codes to rows.
        rows: All rows, where the networks are, shape (n, ...).
        by_class: Row numbers of each class, int64 on the CPU.
        schedule: How long, and with which loss.
        generator: Of the batches, on the CPU.
        advance: Called after each epoch.

    Returns:
        Mean reconstruction loss and penalty of each epoch, float64 on the CPU, shape (epochs, 2).

    Raises:
        ValueError: If a loss is not finite.
    """
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=schedule.learning_rate)
    curve = []
    for epoch in range(schedule.epochs):
        total = torch.zeros(2, dtype=torch.float64, device=rows.device)
        for batch, of_class in steps_of_epoch(by_class, schedule.batch_size, generator):
            one, other = (rows.index_select(0, part.to(rows.device)) for part in (batch, of_class))
            with torch.enable_grad():
                losses = step_losses(encoder, decoder, one, other, schedule.penalty)
                optimizer.zero_grad()
                losses.sum().backward()
            optimizer.step()
            total += losses.detach() * len(batch)
        curve.append(total.cpu() / len(rows))
        if not bool(curve[-1].isfinite().all()):
            raise ValueError(
                f"the loss was no longer finite in epoch {epoch + 1}: lower "
                f"`learning_rate`={schedule.learning_rate}"
            )
        advance()
    return torch.stack(curve)
