"""Decoupled training in one call: the whole network on the data as they are, then its head."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...isolation import modes_kept, own_randomness
from ...progress import Advance, show_progress
from ..checks import whole
from .batches import call, device_of, length_of, read_batch
from .checks import check_loader, check_lr, check_range
from .fit import BATCH_SIZE, Steps
from .job import Retraining
from .report import HeadReport

__all__ = ["DecoupledReport", "train_decoupled"]

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class DecoupledReport:
    """What `train_decoupled` did; ``str()`` is at most 80 columns wide.

    Attributes:
        losses: Mean training loss of each epoch of the whole network.
        retraining: What retraining the head changed; its ``before`` is the network after the first phase.

    >>> from torchsmote.nn.heads.report import HeadReport, score
    >>> scores = score(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    >>> head = HeadReport("fc", "tau", scores, scores, "validation", (9, 1), (), 0, None)
    >>> print(str(DecoupledReport((0.9, 0.4), head)).splitlines()[0])
    whole network: 2 epochs, training loss 0.9000 -> 0.4000
    """

    losses: tuple[float, ...]
    retraining: HeadReport

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values; ``json.dumps(..., allow_nan=False)`` takes it."""
        return {"losses": list(self.losses), "retraining": self.retraining.to_dict()}

    def __str__(self) -> str:
        first, last = self.losses[0], self.losses[-1]
        words = f"whole network: {len(self.losses)} epochs, training loss {first:.4f} -> {last:.4f}"
        return f"{words}\n{self.retraining}"


def train_decoupled(
    model: nn.Module,
    loader: Iterable[Any],
    *,
    epochs: int,
    method: Any = "crt",
    head: str | None = None,
    head_epochs: int = 10,
    lr: float | None = None,
    head_lr: float | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    loss: Loss | None = None,
    seed: int = 0,
    progress: bool = True,
    validation: Iterable[Any] | None = None,
    tau: float = 1.0,
) -> DecoupledReport:
    """Train a network on imbalanced data in three phases: the whole of it, its embeddings, its head.

    1. The whole network is trained on the batches as they come, which is what representations are best
       learned from (Kang et al.). 2. Its embeddings are read and, with "smote", "eos" or a resampler,
       over-sampled. 3. The head is retrained on them. Phases 2 and 3 are `retrain_head`, and with
       ``method="eos"`` all of it is the framework of Dablain et al.

    From the papers: the phases, and 10 epochs of the third. Ours: AdamW in the first, with a cosine schedule.

    Args:
        model: A network whose output for a batch's inputs is its logits, or has them in ``.logits``. Train or
            eval mode of every module is put back afterwards; gradients are None.
        loader: See `retrain_head`; read once an epoch and once more, so no one-time iterator.
        epochs: Of the whole network.
        method: See `retrain_head`.
        head: See `retrain_head`.
        head_epochs: Of the head.
        lr: Learning rate of AdamW in the first epoch, falling by a cosine after each, to 0 after the last;
            None: 0.001.
        head_lr: See ``lr`` of `retrain_head`.
        optimizer: One of yours over the model's parameters, in place of AdamW; its learning rate stays.
        loss: Function of (logits, labels) to a 0-dim tensor; None: cross-entropy.
        seed: Of the head's training, and of global generators during the whole (the loader's order, dropout),
            which are put back afterwards.
        progress: Whether to show progress on standard error.
        validation: See `retrain_head`.
        tau: See `retrain_head`.

    Returns:
        `DecoupledReport`: losses of the first phase, and `HeadReport`.

    Raises:
        TypeError: As `retrain_head`; before any work where it can be known.
        ValueError: As `retrain_head`; also if the loss becomes NaN or inf, or no parameter requires a
            gradient. What is raised in the first phase leaves the network as far trained as it is.

    Reference:
        Kang et al., arXiv 1910.09217; Dablain et al., arXiv 2207.06080.

    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> with torch.random.fork_rng():
    ...     _ = torch.manual_seed(0)
    ...     x, y = torch.randn(60, 4), torch.tensor([0] * 50 + [1] * 10)
    ...     model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> loader = DataLoader(TensorDataset(x + y.unsqueeze(1), y), batch_size=20, shuffle=True)
    >>> report = train_decoupled(model, loader, epochs=3, method="eos", seed=0, progress=False)
    >>> len(report.losses), report.retraining.rows_trained
    (3, (50, 50))
    """
    whole(epochs, "epochs", 1)
    whole(head_epochs, "head_epochs", 1)
    check_lr(lr, "lr")
    check_lr(head_lr, "head_lr")
    _check_optimizer(optimizer, lr, loss)
    job = Retraining.checked(
        model, method, head, Steps(head_epochs, BATCH_SIZE, head_lr, progress), seed, tau
    )
    for given, name in ((loader, "loader"), (validation, "validation")):
        if given is not None:
            check_loader(given, name)
    with torch.inference_mode(False), torch.enable_grad(), modes_kept(model), own_randomness(seed, model):
        losses = _train(model, loader, epochs, lr, optimizer, loss or cross_entropy, progress)
    return DecoupledReport(tuple(losses), job.run(loader, validation))


def _check_optimizer(optimizer: Any, lr: float | None, loss: Any) -> None:
    if optimizer is not None and not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(f"`optimizer` must be a torch.optim.Optimizer, got {type(optimizer).__name__}")
    if optimizer is not None and lr is not None:
        raise ValueError("`lr` is that of AdamW; give it to your `optimizer` instead")
    if loss is not None and not callable(loss):
        raise TypeError(f"`loss` must be a function of (logits, labels), got {type(loss).__name__}")


def _train(
    model: nn.Module,
    loader: Any,
    epochs: int,
    lr: float | None,
    optimizer: torch.optim.Optimizer | None,
    loss: Loss,
    progress: bool,
) -> list[float]:
    """The first phase; returns the mean loss of each epoch."""
    batches = length_of(loader)
    schedule = None
    if optimizer is None:
        learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not learning:
            raise ValueError("no parameter of `model` requires a gradient; call model.requires_grad_(True)")
        optimizer = torch.optim.AdamW(learning, 1e-3 if lr is None else lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    losses = []
    show = progress and batches is not None
    with show_progress("training the network", epochs * (batches or 0), show=show) as advance:
        for epoch in range(epochs):
            model.train()
            losses.append(_epoch(model, loader, epoch, optimizer, loss, advance))
            if schedule is not None:
                schedule.step()
    model.zero_grad(set_to_none=True)
    return losses


def _epoch(
    model: nn.Module, loader: Any, epoch: int, optimizer: torch.optim.Optimizer, loss: Loss, advance: Advance
) -> float:
    total, device = [], device_of(model)
    for number, given in enumerate(loader):
        where = f"batch {number} of `loader`"
        batch = read_batch(given, where, device)
        output = call(model, batch.x)
        logits = getattr(output, "logits", output)
        if epoch == 0:  # once: on CUDA the host has to wait for the labels
            _check_logits(logits, batch.y, where)
        value = loss(logits, batch.y)
        _check_value(value)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        total.append(value.detach())
        advance()
    if not total:
        raise ValueError("`loader` gave no batch; give a loader that can be read several times")
    mean = float(torch.stack(total).mean())
    if not math.isfinite(mean):
        raise ValueError(f"the training loss is {mean} in epoch {epoch}; lower the learning rate")
    return mean


def _check_value(value: Any) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"`loss` must return a tensor, got {type(value).__name__}")
    if value.dim():
        raise ValueError(
            f"`loss` must return a 0-dim tensor, got shape {tuple(value.shape)}; take the mean over the rows"
        )


def _check_logits(logits: Any, y: Tensor, where: str) -> None:
    if not isinstance(logits, Tensor) or logits.dim() != 2 or len(logits) != len(y):
        shape = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(
            f"{where}: the model must give logits ({len(y)}, num_classes), or an output with `.logits`, got "
            f"{shape}"
        )
    check_range(y, logits.shape[1], where)
