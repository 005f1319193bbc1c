"""Where a loader's batch has its inputs and its labels."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ...data.items import TARGET_KEYS, leaves, rebuild
from ..checks import to_classes

__all__ = ["Batch", "call", "device_of", "length_of", "read_batch"]


class Batch(NamedTuple):
    """One batch.

    Attributes:
        x: What the model is called with, see `call`.
        y: Labels, int64, shape (b,).
    """

    x: Any
    y: Tensor


def read_batch(batch: Any, where: str, device: torch.device) -> Batch:
    """Inputs and labels of a batch, on the device.

    Of a tuple or list, the first element and the second; of a mapping, the labels are under the first of the
    keys y, target, targets, label, labels that it has, and all else are inputs.

    Args:
        batch: What the loader gave.
        where: How to call it in an error, such as "batch 3 of `loader`".
        device: Where the model is.

    Raises:
        TypeError: If it is neither, or the labels are no whole numbers.
        ValueError: If it has no labels, or not one for each row.
    """
    if isinstance(batch, Mapping):
        key = next((key for key in TARGET_KEYS if key in batch), None)
        if key is None:
            raise ValueError(f"{where} has the keys {list(batch)}; labels must be under one of {TARGET_KEYS}")
        rest = {name: value for name, value in batch.items() if name != key}
        x, y = (next(iter(rest.values())) if len(rest) == 1 else rest), batch[key]
    elif isinstance(batch, (tuple, list)) and len(batch) >= 2:
        x, y = batch[0], batch[1]
    else:
        found = f"{len(batch)} element" if isinstance(batch, (tuple, list)) else type(batch).__name__
        raise TypeError(f"{where} must be (x, y, ...) or a mapping with labels, got {found}")
    labels = _labels(y, where)
    moved = (leaf.to(device) if isinstance(leaf, Tensor) else leaf for leaf in leaves(x))
    return Batch(rebuild(x, moved), labels.to(device))


def call(model: nn.Module, x: Any) -> Any:
    """The model's output for a batch's inputs.

    A mapping is unpacked into arguments of its keys' names, a tuple or list into arguments in order; a model
    whose ``forward`` has no such arguments gets them whole.
    """
    if isinstance(x, Mapping):
        return model(x) if _takes_whole(model, x) else model(**x)
    if isinstance(x, (tuple, list)):
        return model(x) if _takes_whole(model, x) else model(*x)
    return model(x)


def _takes_whole(model: nn.Module, x: Any) -> bool:
    """Whether ``forward`` cannot be called with what is in ``x``, but with ``x`` itself."""
    named = isinstance(x, Mapping)
    try:
        signature = inspect.signature(model.forward)
        signature.bind(x)
    except (TypeError, ValueError):
        return False
    if named and any(key in signature.parameters for key in x):
        return False  # some arguments fit: the error about the others says more
    try:
        signature.bind(**x) if named else signature.bind(*x)
    except TypeError:
        return True
    return False


def device_of(module: nn.Module) -> torch.device:
    """Where the module's first parameter is."""
    return next(module.parameters()).device


def length_of(loader: Any) -> int | None:
    """Batches of a loader; None where it does not know."""
    try:
        return len(loader)
    except TypeError:
        return None


def _labels(y: Any, where: str) -> Tensor:
    try:
        labels = torch.as_tensor(y)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{where} must have whole numbers 0, 1, ... as labels: {error}") from error
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise TypeError(
            f"{where} must have whole numbers as labels, got {labels.dtype}; {to_classes(labels)}"
        )
    if labels.dim() != 1:
        remedy = f"; {to_classes(labels)}" if labels.dim() == 2 else ""
        raise ValueError(f"{where} must have labels of shape (b,), got {tuple(labels.shape)}{remedy}")
    return labels.long()
