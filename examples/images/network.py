"""The network that every method trains, with room for a layer between its embedding and its head."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

__all__ = ["CosineHead", "SmallCNN"]


class CosineHead(nn.Linear):
    """Logits are cosines between the embedding and each class's weights; the bias is not used."""

    def forward(self, h: Tensor) -> Tensor:
        """Cosines in [-1, 1]."""
        return linear(normalize(h), normalize(self.weight))


class SmallCNN(nn.Module):
    """Two convolutions, an embedding and a linear head.

    Initial weights are a function of ``seed`` alone; the global random state is neither read nor moved.

    Args:
        side: Pixels in a row of the square images.
        num_classes: Outputs.
        embedding: Width of the layer before the head.
        between: A module that takes and returns (embedding, labels), such as ``EmbeddingSMOTE``, or None.
        head: Class of the last layer: ``torch.nn.Linear``, or ``CosineHead``.
        seed: Of the initial weights.
    """

    def __init__(
        self,
        side: int,
        num_classes: int,
        embedding: int,
        *,
        between: nn.Module | None = None,
        head: type[nn.Linear] = nn.Linear,
        seed: int = 0,
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.body = nn.Sequential(
            _seeded(generator, nn.Conv2d, 1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            _seeded(generator, nn.Conv2d, 16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            _seeded(generator, nn.Linear, 32 * (side // 4) ** 2, embedding),
            nn.ReLU(),
        )
        self.between = between
        self.head = _seeded(generator, head, embedding, num_classes)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Any:
        """Logits; with labels, the logits and the labels that go with them: more of both where rows are made.

        Args:
            x: Images, float32, shape (b, 1, side, side).
            y: Labels, int64, shape (b,), or shares, shape (b, num_classes).
        """
        h = self.body(x)
        if y is None:
            return self.head(h)
        if self.between is not None:
            h, y = self.between(h, y)
        return self.head(h), y


def _seeded(generator: torch.Generator, kind: Any, *sizes: int, **more: int) -> Any:
    layer = nn.utils.skip_init(kind, *sizes, **more)  # torch's own would use global random numbers
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
