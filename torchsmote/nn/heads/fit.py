"""Training a head on embeddings: fresh weights, mini-batches, Adam with a cosine schedule."""

from __future__ import annotations

import copy
import math
import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...exceptions import DataWarning
from ...progress import show_progress
from ...random import Purpose, stream_seed
from .find import Head
from .methods import Order

__all__ = ["BATCH_SIZE", "Scales", "Steps", "default_lr", "fit", "logits_of", "reset", "working_copy"]

BATCH_SIZE = 128  # that of EOS's code
_ROWS = 8192


class Steps(NamedTuple):
    """How a head is trained.

    Attributes:
        epochs: Times that ``order`` is asked for rows.
        batch_size: Rows a step.
        lr: First learning rate; None: `default_lr`.
        progress: Whether to show how far it is.
    """

    epochs: int
    batch_size: int
    lr: float | None
    progress: bool


class Scales(nn.Module):
    """A factor for each class's logit, at first 1: what LWS learns."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.scales = nn.Parameter(torch.ones_like(logits[0]))

    def forward(self, logits: Tensor) -> Tensor:
        """The logits, scaled."""
        return logits * self.scales


def working_copy(head: nn.Module) -> nn.Module:
    """A trainable copy in eval mode, in float32 at least: small steps would vanish in half precision."""
    work = copy.deepcopy(head).eval().requires_grad_(True)
    return work.to(torch.promote_types(next(head.parameters()).dtype, torch.float32))


def reset(work: nn.Module, head: Head, seed: int) -> None:
    """Draw fresh initial weights by each module's own law; buffers stay.

    On the CPU, so that every device starts from the same numbers.
    """
    buffers = {name: buffer.clone() for name, buffer in work.named_buffers()}
    device, kept = next(work.parameters()).device, []
    generator = torch.Generator().manual_seed(stream_seed(seed, 0, Purpose.FIT))
    work.cpu()
    with torch.no_grad():
        for name, module in work.named_modules():
            if not _redraw(module, generator):
                kept.append(f"{head.name}.{name}".strip("."))
        work.to(device)
        for name, buffer in work.named_buffers():
            buffer.copy_(buffers[name])
    if kept:
        warnings.warn(
            f"{kept} of the head have no reset_parameters(), so they start from the weights they have",
            DataWarning,
            stacklevel=5,
        )


def _redraw(module: nn.Module, generator: torch.Generator) -> bool:
    """Draw the module's own parameters anew; False where it has some, and does not say how."""
    draw = getattr(module, "reset_parameters", None)
    own = list(module.parameters(recurse=False))
    if isinstance(module, nn.Linear) and type(module).reset_parameters is nn.Linear.reset_parameters:
        for parameter in own:  # what Linear does itself, but from the generator
            nn.init.uniform_(parameter, -(module.in_features**-0.5), module.in_features**-0.5, generator)
    elif callable(draw):  # it knows the global generator alone, which is put back
        with torch.random.fork_rng([]):
            torch.default_generator.set_state(generator.get_state())
            draw()
            generator.set_state(torch.default_generator.get_state())
    else:
        return not own
    return True


def logits_of(module: nn.Module, features: Tensor) -> Tensor:
    """Outputs for all rows, shape (n, num_classes), without gradients."""
    with torch.no_grad():
        return torch.cat([module(rows) for rows in features.split(_ROWS)])


def default_lr(features: Tensor, steps: int, reach: float) -> float:
    """A learning rate that fits the size of the features.

    A step of Adam moves a weight by up to the learning rate, so a logit by that times the sum of a row's
    absolute values: 1 at first. And it is at least what reaches twice as far as the first weights, ``reach``,
    in half the steps, lest their noise stays where features are large.
    """
    size = float(features.abs().sum(1).mean())
    return max(1 / size if size > 0 else 0.0, 4 * reach / steps)


def fit(module: nn.Module, features: Tensor, y: Tensor, order: Order, how: Steps, reach: float) -> float:
    """Train the module in place by cross-entropy, Adam, and a learning rate that falls to 0 by a cosine.

    Args:
        module: Maps features to logits.
        features: Shape (n, d).
        y: Classes, int64, shape (n,).
        order: Rows of each epoch.
        how: Epochs, batch size, learning rate.
        reach: Size of the module's first weights, for `default_lr`.

    Returns:
        The first learning rate.

    Raises:
        ValueError: If the weights end as NaN or inf.
    """
    total = how.epochs * math.ceil(len(order(0)) / how.batch_size)
    lr = default_lr(features, total, reach) if how.lr is None else how.lr
    optimizer = torch.optim.Adam(module.parameters(), lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    with torch.enable_grad(), show_progress("retraining the head", total, show=how.progress) as advance:
        for epoch in range(how.epochs):
            for rows in order(epoch).to(y.device).split(how.batch_size):
                loss = cross_entropy(module(features[rows]), y[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                advance()
    if not all(bool(torch.isfinite(parameter).all()) for parameter in module.parameters()):
        raise ValueError(f"the head's weights became NaN or inf with `lr`={lr:.3g}; give a smaller `lr`")
    return lr
