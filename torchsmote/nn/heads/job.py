"""One retraining of a head: read, train a copy, score it, write it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ...isolation import own_randomness
from ...random import check_seed
from ..checks import real, whole
from .checks import check_classes, check_lr, check_range
from .embed import Embedded, embed
from .find import Head, check_linear, find_head
from .fit import Scales, Steps, fit, logits_of, reset, working_copy
from .methods import Order, balanced_order, check_method, name_of, resample, shuffled_order
from .report import HeadReport, score
from .tau import normalize_weights

__all__ = ["Retraining"]


@dataclass(frozen=True)
class Retraining:
    """One retraining with checked arguments, as `retrain_head` documents them."""

    model: nn.Module
    head: Head
    method: Any
    steps: Steps
    seed: int
    tau: float

    @classmethod
    def checked(
        cls, model: nn.Module, method: Any, head: str | None, steps: Steps, seed: int, tau: float
    ) -> Retraining:
        """Check everything that needs no data."""
        check_method(method)
        whole(steps.epochs, "epochs", 1)
        whole(steps.batch_size, "batch_size", 1)
        check_lr(steps.lr, "lr")
        if real(tau, "tau", 0) != 1 and method != "tau":
            raise ValueError(f"`tau`={tau} is for method='tau' only; leave it out with {name_of(method)!r}")
        if method == "tau" and steps.lr is not None:
            raise ValueError(f"`lr`={steps.lr} has no use with method='tau', which trains nothing")
        found = find_head(model, head)
        if method in ("lws", "tau"):
            check_linear(found, f"method={method!r}")
        return cls(model, found, method, steps, check_seed(seed), tau)

    def run(self, loader: Any, validation: Any) -> HeadReport:
        """Read embeddings, train a copy of the head, score it, and only then write it back."""
        with torch.inference_mode(False), own_randomness(self.seed, self.model):
            data = self._read(loader, "loader")
            held = data if validation is None else self._read(validation, "validation")
            work = working_copy(self.head.module)
            logits = self._logits(work, data)
            num_classes = logits.shape[1]
            for part, name in ((data, "`loader`"), (held, "`validation`")):
                check_range(part.y, num_classes, name)
            rows = data.counts(num_classes)
            check_classes(rows)
            before = score(self._logits(work, held), held.y)
            trained, lr = self._train(work, data, logits)
            self._round(work)
            after = score(self._logits(work, held), held.y)
            self._write(work)
        return HeadReport(
            head=self.head.name,
            method=name_of(self.method),
            before=before,
            after=after,
            scored_on="training" if validation is None else "validation",
            rows=tuple(rows),
            rows_trained=tuple(trained),
            epochs=0 if lr is None else self.steps.epochs,
            lr=lr,
        )

    def _read(self, loader: Any, name: str) -> Embedded:
        return embed(self.model, self.head, loader, name=name, seed=self.seed, progress=self.steps.progress)

    def _logits(self, work: nn.Module, data: Embedded) -> Tensor:
        logits = logits_of(work, data.h)
        if logits.dim() != 2 or logits.shape[1] < 2:
            raise ValueError(
                f"the head {self.head.name!r} must give logits (b, num_classes) of at least 2 classes, got "
                f"shape {tuple(logits.shape)}; give a binary head two outputs"
            )
        if not bool(torch.isfinite(logits).all()):
            raise ValueError(f"the head {self.head.name!r} gives NaN or inf; look at its weights")
        return logits

    def _train(self, work: nn.Module, data: Embedded, logits: Tensor) -> tuple[Sequence[int], float | None]:
        """Change ``work`` by the method; returns rows of each class in an epoch, and the learning rate."""
        num_classes = logits.shape[1]
        if self.method == "tau":
            assert isinstance(work, nn.Linear)
            with torch.no_grad():
                normalize_weights(work, self.tau)
            return (), None
        if self.method in ("crt", "lws"):
            order = balanced_order(data.y, self.seed)
        else:
            data = resample(self.method, data, self.seed)
            check_range(data.y, num_classes, f"what `method` ({name_of(self.method)}) returned")
            order = shuffled_order(len(data.y), self.seed)
        trained = Embedded(data.h, data.y[order(0).to(data.y.device)]).counts(num_classes)
        if self.method == "lws":
            assert isinstance(work, nn.Linear)
            return trained, self._scale(work, logits, data.y, order)
        reset(work, self.head, self.seed)
        reach = data.h.shape[1] ** -0.5
        return trained, fit(work, data.h, data.y, order, self.steps, reach)

    def _scale(self, work: nn.Linear, logits: Tensor, y: Tensor, order: Order) -> float:
        scales = Scales(logits)
        lr = fit(scales, logits, y, order, self.steps, 1.0)
        with torch.no_grad():
            work.weight.mul_(scales.scales.unsqueeze(1))
            if work.bias is not None:
                work.bias.mul_(scales.scales)
        return lr

    @torch.no_grad()
    def _round(self, work: nn.Module) -> None:
        """To the head's dtype, so that the scores are those of what is written."""
        for new, old in zip(work.parameters(), self.head.module.parameters(), strict=True):
            new.copy_(new.to(old.dtype))

    @torch.no_grad()
    def _write(self, work: nn.Module) -> None:
        for new, old in zip(work.parameters(), self.head.module.parameters(), strict=True):
            old.copy_(new)
