"""One training loop for every method: the same network, initial weights, optimiser, schedule and steps."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from torchsmote import FewSamplesWarning
from torchsmote.evaluate.networks.batches import shuffled_batches, until_steps

from .network import SmallCNN
from .parts import Parts
from .settings import Settings

__all__ = ["Loss", "Mix", "Predictor", "Trainer", "few_images"]

Loss = Callable[[Tensor, Tensor], Tensor]  # (logits, labels or shares) -> 0-dim
Predictor = Callable[[Tensor], Tensor]  # images (n, 1, side, side) -> logits (n, num_classes)
Mix = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]  # (images, labels) -> (images, shares)


@contextmanager
def few_images() -> Iterator[None]:
    """Say nothing of classes with fewer images than SMOTE has neighbours: a long tail has some."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewSamplesWarning)
        yield


class Trainer:
    """What every method of one seed starts from.

    Args:
        parts: The images; of the validation images a method may choose a setting, as its paper does.
        settings: Budget and seed.

    Attributes:
        counts: Images of each class, int64, shape (num_classes,).
        plain_seconds: What the training of the plain network took; 0 before it is asked for.
    """

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self.x, self.y = parts.train
        self.validation = parts.validation
        self.settings = settings
        self.seed = settings.seed
        self.counts = torch.bincount(self.y)
        self.num_classes = len(self.counts)
        self.plain_seconds = 0.0

    def batches(self, x: Tensor | None = None, y: Tensor | None = None) -> DataLoader[Any]:
        """Shuffled batches of the training images, or of those given, in an order that the seed decides."""
        given = (self.x if x is None else x, self.y if y is None else y)
        return shuffled_batches(*given, self.settings.batch_size, self.seed)

    def start_epoch(self) -> int:
        """The epoch from which deferred methods begin."""
        steps = self.settings.start_share * self.settings.steps
        return int(steps / max(1, len(self.y) // self.settings.batch_size))

    def validated(self, predictor: Predictor) -> float:
        """Accuracy on the validation images."""
        with torch.no_grad():
            right = predictor(self.validation.x).argmax(1) == self.validation.y
        return float(right.double().mean())

    @cached_property
    def _plain(self) -> SmallCNN:
        started = time.perf_counter()
        model = self.train()
        self.plain_seconds = time.perf_counter() - started
        return model

    def plain(self) -> SmallCNN:
        """A copy of the plainly trained network, which is trained once."""
        return deepcopy(self._plain)

    def train(
        self,
        loader: Iterable[Any] | None = None,
        *,
        loss: Loss = cross_entropy,
        between: nn.Module | None = None,
        mix: Mix | None = None,
        head: type[nn.Linear] = nn.Linear,
    ) -> SmallCNN:
        """Train a network from its initial weights.

        Args:
            loader: Batches (images, labels) of one epoch each time it is iterated; None: ``batches()``.
            loss: What is minimised; told the epoch where it has ``set_epoch``.
            between: A layer between embedding and head, in training only.
            mix: What is done to each batch before the network sees it.
            head: Class of the network's last layer.
        """
        settings = self.settings
        model = self._network(between, head).train()
        optimizer = torch.optim.AdamW(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, settings.learning_rate, total_steps=settings.steps
        )

        def set_epoch(epoch: int) -> None:
            for part in (loss, between, mix):
                if hasattr(part, "set_epoch"):
                    part.set_epoch(epoch)

        loader = self.batches() if loader is None else loader
        for x, y in until_steps(loader, settings.steps, settings.batch_size, set_epoch):
            if mix is not None:
                x, y = mix(x, y)
            logits, target = model(x, y)
            optimizer.zero_grad()
            loss(logits, target).backward()
            optimizer.step()
            schedule.step()
        model.between = None
        return model.eval()

    def _network(self, between: nn.Module | None, head: type[nn.Linear]) -> SmallCNN:
        side, width = self.x.shape[-1], self.settings.embedding
        return SmallCNN(side, self.num_classes, width, between=between, head=head, seed=self.seed)
