"""A small network for tables, with room for a layer between its hidden layers and its head."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ...nn.initialized import initialized

__all__ = ["TabularMLP"]


class TabularMLP(nn.Module):
    """Linear and ReLU layers and a linear head.

    Initial weights are a function of ``seed``; the global random state is neither read nor moved.

    Args:
        n_features: Columns of the table.
        hidden: Widths of the hidden layers.
        n_outputs: Logits of a row: 1 for a binary target, else the number of classes.
        between: A module that takes and returns (embedding, target), such as ``EmbeddingSMOTE``, or None.
        seed: Of the initial weights.

    >>> logits, _ = TabularMLP(3, [8])(torch.zeros(5, 3))
    >>> logits.shape
    torch.Size([5])
    """

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int],
        n_outputs: int = 1,
        *,
        between: nn.Module | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        sizes = [n_features, *hidden]
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise(sizes):
            layers += [initialized(nn.Linear, n_in, n_out, generator=generator), nn.ReLU()]
        self.hidden = nn.Sequential(*layers)
        self.between = between
        self.head = initialized(nn.Linear, sizes[-1], n_outputs, generator=generator)

    def forward(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Logits, and the target that goes with them.

        Args:
            x: Rows, float32, shape (b, n_features).
            y: Target, int64, shape (b,); needed in training mode where ``between`` makes rows.

        Returns:
            Logits, (b,) of the one output or (b, n_outputs), and ``y``; both longer where ``between`` added
            rows.
        """
        h = self.hidden(x)
        if self.between is not None:
            h, y = self.between(h, y)
        logits = self.head(h)
        return (logits.squeeze(1) if logits.shape[1] == 1 else logits), y

    def set_epoch(self, epoch: int) -> None:
        """Pass the epoch on to ``between``, if it wants to know."""
        tell = getattr(self.between, "set_epoch", None)
        if callable(tell):
            tell(epoch)
