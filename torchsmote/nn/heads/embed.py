"""What the head sees: the embeddings of a loader's rows, read once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ...isolation import own_randomness, reading
from ...progress import show_progress
from .batches import Batch, call, device_of, length_of, read_batch
from .find import Head

__all__ = ["Embedded", "embed"]


class Embedded(NamedTuple):
    """Embeddings and their classes, on the head's device.

    Attributes:
        h: Shape (n, d), in the head's dtype, float32 at least.
        y: int64, shape (n,).
    """

    h: Tensor
    y: Tensor

    def counts(self, num_classes: int) -> list[int]:
        """Rows of each class."""
        counts: list[int] = self.y.bincount(minlength=num_classes).tolist()
        return counts


def embed(
    model: nn.Module, head: Head, loader: Any, *, name: str = "loader", seed: int = 0, progress: bool = False
) -> Embedded:
    """Run every batch through the model in eval mode, and keep what reaches the head.

    Modes, buffers and global random state are as before afterwards.

    Args:
        model: The model.
        head: Its head.
        loader: Batches, as `read_batch` takes them.
        name: The loader's argument, for errors.
        seed: Of the global generators that the loader draws from meanwhile.
        progress: Whether to show how far it is.

    Raises:
        TypeError: If a batch, its labels or its embeddings are of another kind.
        ValueError: If there is no row; or the head is not called exactly once a batch, with finite embeddings
            of shape (b, d), one for each label.
    """
    total, kept = length_of(loader), []
    show = show_progress("reading embeddings", total or 0, show=progress and total is not None)
    with own_randomness(seed, model), reading(model), _tapped(head.module) as calls, show as advance:
        for number, given in enumerate(loader):
            where = f"batch {number} of `{name}`"
            batch = read_batch(given, where, device_of(model))
            call(model, batch.x)
            kept.append(_embeddings(calls, batch, head, where))
            calls.clear()
            advance()
    if not sum(len(part.y) for part in kept):
        raise ValueError(f"`{name}` gave no rows; give a loader that can be read")
    return Embedded(torch.cat([part.h for part in kept]), torch.cat([part.y for part in kept]))


@contextmanager
def _tapped(module: nn.Module) -> Iterator[list[list[Any]]]:
    """A list that gets the arguments of each call of the module, as its caller gives them."""
    calls: list[list[Any]] = []

    def keep(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        given = [*args, *kwargs.values()]
        # Copied, since a head may begin with an operation in place.
        calls.append([value.detach().clone() if isinstance(value, Tensor) else value for value in given])

    # Before the user's hooks: a copy of the head has these as well, and would apply them a second time.
    handle = module.register_forward_pre_hook(keep, prepend=True, with_kwargs=True)
    try:
        yield calls
    finally:
        handle.remove()


def _embeddings(calls: list[list[Any]], batch: Batch, head: Head, where: str) -> Embedded:
    if len(calls) != 1:
        raise ValueError(
            f"{where}: the head {head.name!r} was called {len(calls)} times in a forward, but must be called "
            "once; name the module that maps embeddings to logits with `head` (of a compiled or wrapped "
            "model, pass the model inside)"
        )
    h = calls[0][0] if len(calls[0]) == 1 else None
    if not isinstance(h, Tensor) or not h.is_floating_point():
        kinds = [str(v.dtype) if isinstance(v, Tensor) else type(v).__name__ for v in calls[0]]
        raise TypeError(f"{where}: the head {head.name!r} must take one floating tensor, got {kinds}")
    if h.dim() != 2 or len(h) != len(batch.y):
        raise ValueError(
            f"{where}: the head {head.name!r} must take embeddings (b, d), one for each of {len(batch.y)} "
            f"labels, got shape {tuple(h.shape)}; name another module with `head`"
        )
    finite = torch.isfinite(h).all(1)
    if not bool(finite.all()):
        row = int(finite.int().argmin())
        raise ValueError(f"{where}: the embedding of row {row} has NaN or inf; look at that input")
    parameter = next(head.module.parameters())
    dtype = torch.promote_types(parameter.dtype, torch.float32)
    return Embedded(h.to(parameter.device, dtype), batch.y.to(parameter.device))
