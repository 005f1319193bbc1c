"""One training loop for every method: the same steps, optimiser and schedule."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from ..evaluate.networks.batches import until_steps
from ..evaluate.networks.descent import descend
from ..evaluate.networks.mlp import TabularMLP
from .methods import Plan
from .settings import Settings

__all__ = ["predict", "train"]

_PREDICT_ROWS = 8192


def train(plan: Plan, settings: Settings, advance: Callable[[], None] | None = None) -> float:
    """Train the plan's network in place.

    Args:
        plan: Loader, network and loss weight.
        settings: Steps, learning rate, weight decay.
        advance: Called after each step, for a progress bar.

    Returns:
        Rows of the loader per second, loading included.

    Raises:
        ValueError: If the loader has no full batch.
    """

    def loss(x: Tensor, y: Tensor) -> Tensor:
        logits, target = plan.model(x, y)
        return binary_cross_entropy_with_logits(logits, target.to(logits.dtype), pos_weight=plan.pos_weight)

    start = time.perf_counter()
    descend(
        plan.model,
        loss,
        until_steps(plan.loader, settings.steps, settings.batch_size, plan.model.set_epoch),
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        advance=advance,
    )
    return settings.steps * settings.batch_size / (time.perf_counter() - start)


def predict(model: TabularMLP, X: Tensor) -> Tensor:
    """Probability of the rare class.

    Args:
        model: The network; left in eval mode.
        X: Rows, float32, shape (n, d).

    Returns:
        float64, shape (n,).
    """
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(rows)[0] for rows in X.split(_PREDICT_ROWS)])
    return torch.sigmoid(logits.double())
