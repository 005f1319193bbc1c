"""A feature bank: the latest embeddings of every class, so that rare classes have neighbours in any batch."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .checks import check_batch, real, whole
from .ranks import gathered

__all__ = ["FeatureBank"]


class FeatureBank(nn.Module):
    """A ring buffer of the latest rows of each class, of fixed shape.

    Class ``c`` owns ``size // num_classes`` slots; its rows are written round and round, the newest over the
    oldest. All state lives in buffers: it moves with the module, has its dtype, and is saved in its
    ``state_dict``. Nothing is read back to the host, and a push replaces the buffers instead of writing into
    them, so a compiled step can keep what it has already read.

    Rows of a momentum encoder go in by ``bank.push(encoder(x), y)``, and serve in `nn.functional.smote` as
    ``bank=bank.features, bank_labels=bank.labels``.

    Args:
        num_classes: Number of classes, at least 1.
        size: Rows in all, split evenly over the classes; what does not divide is not used.
        dim: Width of a row. None: that of the first row pushed.
        momentum: Share of the old row that stays when its slot is written again, in [0, 1]; an empty slot
            takes the row whole, and a push that reaches a slot more than once writes the last row only.
        gather: Whether each push takes the rows of all ranks of torch.distributed, in their order, so that
            every rank holds the same bank. All have to push then, each a batch of any size, also an empty
            one; what is exchanged is a bank of each, whose shape all know.

    Attributes:
        features: The rows, shape (num_classes * slots, dim), grouped by class; empty slots hold zeros.
        pushed: Rows each class was given so far, int64, shape (num_classes,).
        age: Pushes since each slot was written, int64, shape (num_classes * slots,); -1 where it is empty.

    Raises:
        TypeError: If an argument has the wrong type.
        ValueError: If there is less than one slot a class, or ``dim`` or ``momentum`` is out of range.

    >>> bank = FeatureBank(num_classes=2, size=4, dim=1)
    >>> bank.push(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([0, 0, 0]))
    >>> bank.features.flatten(), bank.labels
    (tensor([3., 2., 0., 0.]), tensor([ 0,  0, -1, -1]))
    """

    features: Tensor
    pushed: Tensor
    age: Tensor

    def __init__(
        self,
        num_classes: int,
        size: int,
        dim: int | None = None,
        *,
        momentum: float = 0.0,
        gather: bool = False,
    ) -> None:
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
        self.any_width = dim is None
        self.momentum, self.gather = real(momentum, "momentum", 0, 1), bool(gather)
        self.num_classes = num_classes
        self.slots = size // num_classes
        self.register_buffer("features", torch.zeros(num_classes * self.slots, dim or 0))
        self.register_buffer("pushed", torch.zeros(num_classes, dtype=torch.int64))
        self.register_buffer("age", torch.full((num_classes * self.slots,), -1))

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
        self._allocate(h.shape[1], h.dtype)
        if self.features.shape[1] != h.shape[1]:
            raise ValueError(
                f"the bank's rows have {self.features.shape[1]} features, these have {h.shape[1]}; use one "
                "bank for each kind of rows"
            )

    def _allocate(self, dim: int, dtype: torch.dtype) -> bool:
        """Runs while a graph is traced, not in it: were the growth part of it, step 2 would compile anew."""
        if self.features.shape[1] == 0:
            shape = (self.features.shape[0], dim)
            self.features = self.features.new_zeros(shape, dtype=self._dtype_for(dtype))
        return True

    def _dtype_for(self, dtype: torch.dtype) -> torch.dtype:
        """At least float32, unless the module was given a dtype of its own, as by ``.half()``."""
        own = self.features.dtype
        return torch.promote_types(dtype, own) if own == torch.float32 else own

    def push(self, h: Tensor, y: Tensor) -> None:
        """Write rows into the rings of their classes, in order; no gradient is kept.

        A row with NaN or inf is left out, as if it had not been given: it would spoil every search until its
        slot is written again, which for a rare class takes long.

        Args:
            h: Rows, floating point, shape (b, dim).
            y: Their classes, int64, shape (b,), each in [0, num_classes); values are read on the CPU only.

        Raises:
            TypeError: If ``h`` is not floating point, or ``y`` not int64.
            ValueError: If shapes do not fit, or a label is out of range.
        """
        check_batch(h, y, self.num_classes)
        if h.dim() != 2:
            raise ValueError(f"`h` must have shape (b, dim), got {tuple(h.shape)}; flatten it by .flatten(1)")
        self.prepare(h)
        if not y.shape[0] and not self.gather:
            return
        with torch.no_grad():
            h = h.to(self.features.dtype)
            finite = h.abs().amax(1) < torch.inf
            incoming = self.pushed.new_zeros(self.num_classes).index_add(0, y, finite.to(torch.int64))
            y = torch.where(finite, y, self.num_classes)  # behind all classes
            if self.gather:
                rows, written, incoming = self._of_all_ranks(h, y, incoming)
            else:
                rows, written = self._latest(h, y, incoming, self.pushed)
            filled = self.age.unsqueeze(1) >= 0
            if self.momentum:
                rows = torch.where(filled, torch.lerp(rows, self.features, self.momentum), rows)
            self.features = torch.where(written.unsqueeze(1), rows, self.features)
            self.age = torch.where(written, 0, self.age + (self.age >= 0))
            self.pushed = self.pushed + incoming

    def _reach(self, incoming: Tensor, pushed: Tensor) -> tuple[Tensor, Tensor]:
        """For each slot, which of its class's incoming rows is the last to reach it, and whether one does.

        Read backwards, from slot to row, the shape is static and no two rows write one slot: of those that
        reach a slot (every slots-th one), the last stays. Both of shape (num_classes, slots).
        """
        first = (torch.arange(self.slots, device=pushed.device) - pushed.unsqueeze(1)) % self.slots
        given = incoming.unsqueeze(1)
        return first + (given - 1 - first).div(self.slots, rounding_mode="floor") * self.slots, first < given

    def _latest(self, h: Tensor, y: Tensor, incoming: Tensor, pushed: Tensor) -> tuple[Tensor, Tensor]:
        """The batch's row for each slot of rings that were given ``pushed`` rows, and which slots get one."""
        last, written = self._reach(incoming, pushed)
        start = (incoming.cumsum(0) - incoming).unsqueeze(1)
        row = y.argsort(stable=True)[(start + last).clamp(0, y.shape[0] - 1).flatten()]
        return h.index_select(0, row), written.flatten()

    def _of_all_ranks(self, h: Tensor, y: Tensor, incoming: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same for the rows of all ranks, rank after rank, and how many each class gets.

        Each rank sends its rows as fresh rings, where the class's row number i stands in slot i modulo slots:
        one shape, whatever the batches are, so none waits for another's size.
        """
        if y.shape[0]:
            own, _ = self._latest(h, y, incoming, torch.zeros_like(incoming))
        else:
            own = self.features
        rings, given = gathered(own), gathered(incoming)
        last, written = self._reach(given.sum(0), self.pushed)
        ends = given.cumsum(0)
        rank = (ends.unsqueeze(2) <= last).sum(0).clamp(max=given.shape[0] - 1)
        owner = torch.arange(self.num_classes, device=y.device).unsqueeze(1)
        place = (last - (ends - given)[rank, owner]) % self.slots
        row = (rank * self.num_classes + owner) * self.slots + place
        return rings.flatten(0, 1).index_select(0, row.flatten()), written.flatten(), given.sum(0)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        """Take the width of saved rows, unless this bank was made for one."""
        saved = state_dict.get(f"{prefix}features")
        if self.any_width and isinstance(saved, Tensor) and saved.dim() == 2:
            shape, dtype = (self.features.shape[0], saved.shape[1]), self._dtype_for(saved.dtype)
            if (self.features.shape, self.features.dtype) != (shape, dtype):  # else a CUDA graph reads on
                self.features = self.features.new_zeros(shape, dtype=dtype)
        super()._load_from_state_dict(state_dict, prefix, *args)

    def extra_repr(self) -> str:
        """What ``repr`` shows between the brackets."""
        shown = f"num_classes={self.num_classes}, slots={self.slots}, dim={self.features.shape[1] or None}"
        return f"{shown}, momentum={self.momentum}, gather={self.gather}"
