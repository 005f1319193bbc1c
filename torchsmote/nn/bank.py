"""A feature bank: the latest embeddings of every class, so that rare classes have neighbours in any batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .checks import whole

__all__ = ["FeatureBank"]


class FeatureBank(nn.Module):
    """A ring buffer of the latest rows of each class, of fixed shape.

    Class ``c`` owns ``size // num_classes`` slots; its rows are written round and round, the newest over the
    oldest. All state lives in buffers: it moves with the module and is saved in its ``state_dict``. Nothing
    is read back to the host, and a push replaces the buffers instead of writing into them, so a compiled
    step can keep what it has already read.

    Args:
        num_classes: Number of classes, at least 1.
        size: Rows in all, split evenly over the classes; what does not divide is not used.
        dim: Width of a row. None: that of the first row pushed.

    Attributes:
        features: The rows, shape (num_classes * slots, dim), grouped by class; empty slots hold zeros.
        pushed: Rows each class was given so far, int64, shape (num_classes,).

    Raises:
        TypeError: If an argument is not an int.
        ValueError: If there is less than one slot a class, or ``dim`` is below 1.

    >>> bank = FeatureBank(num_classes=2, size=4, dim=1)
    >>> bank.push(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 0, 0]))
    >>> bank.features.flatten(), bank.labels
    (tensor([3., 2., 0., 0.]), tensor([ 0,  0, -1, -1]))
    """

    features: Tensor
    pushed: Tensor

    def __init__(self, num_classes: int, size: int, dim: int | None = None) -> None:
        super().__init__()
        whole(num_classes, "num_classes", 1)
        whole(size, "size", 1)
        if dim is not None:
            whole(dim, "dim", 1)
        if size < num_classes:
            raise ValueError(
                f"`size` (`bank_size` of EmbeddingSMOTE) is {size} rows for {num_classes} classes, so "
                f"some would have no slot; use at least {num_classes}"
            )
        if dim is None:
            # Marks the method itself. Here, not as a decorator, since it imports torch's compiler.
            torch.compiler.assume_constant_result(FeatureBank._allocate)
        self.num_classes = num_classes
        self.slots = size // num_classes
        self.register_buffer("features", torch.zeros(num_classes * self.slots, dim or 0))
        self.register_buffer("pushed", torch.zeros(num_classes, dtype=torch.int64))

    @property
    def labels(self) -> Tensor:
        """Class of each slot, int64, shape (num_classes * slots,); -1 where nothing was written yet."""
        device = self.pushed.device
        slot = torch.arange(self.slots, device=device)
        owner = torch.arange(self.num_classes, device=device).unsqueeze(1)
        return torch.where(slot < self.pushed.unsqueeze(1), owner, -1).flatten()

    def prepare(self, h: Tensor) -> None:
        """Give a bank made without ``dim`` the width of these rows, before its first use.

        Args:
            h: Rows, shape (b, dim).

        Raises:
            ValueError: If the bank already has another width.
        """
        self._allocate(h.shape[1], torch.promote_types(h.dtype, torch.float32))
        if self.features.shape[1] != h.shape[1]:
            raise ValueError(
                f"the bank's rows have {self.features.shape[1]} features, these have {h.shape[1]}; use one "
                "bank for each kind of rows"
            )

    def _allocate(self, dim: int, dtype: torch.dtype) -> bool:
        """Runs while a graph is traced, not in it: were the growth part of it, step 2 would compile anew."""
        if self.features.shape[1] == 0:
            self.features = self.features.new_zeros((self.features.shape[0], dim), dtype=dtype)
        return True

    def push(self, h: Tensor, y: Tensor) -> None:
        """Write rows into the rings of their classes, in order; no gradient is kept.

        Args:
            h: Rows, floating point, shape (b, dim).
            y: Their classes, int64, shape (b,), each in [0, num_classes).
        """
        self.prepare(h)
        if not y.shape[0]:
            return
        with torch.no_grad():
            device, slots = y.device, self.slots
            order = torch.argsort(y, stable=True)
            incoming = self.pushed.new_zeros(self.num_classes).index_add(0, y, torch.ones_like(y))
            start = (incoming.cumsum(0) - incoming).unsqueeze(1)
            given = incoming.unsqueeze(1)
            # Read backwards, from slot to row, the shape is static and no two rows write one slot: of the
            # class's rows that reach a slot (every slots-th one), the last stays.
            first = (torch.arange(slots, device=device) - self.pushed.unsqueeze(1)) % slots
            last = first + (given - 1 - first).div(slots, rounding_mode="floor") * slots
            row = order[(start + last).clamp(0, y.shape[0] - 1).flatten()]
            rows = h.detach().to(self.features.dtype).index_select(0, row)
            self.features = torch.where((first < given).reshape(-1, 1), rows, self.features)
            self.pushed = self.pushed + incoming

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Take the width of saved rows, where this bank has none yet."""
        saved = state_dict.get(f"{prefix}features")
        if isinstance(saved, Tensor) and saved.dim() == 2 and self.features.shape[1] == 0:
            rows = self.features.shape[0]
            self.features = self.features.new_zeros((rows, saved.shape[1]), dtype=saved.dtype)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        return f"num_classes={self.num_classes}, slots={self.slots}, dim={self.features.shape[1] or None}"
