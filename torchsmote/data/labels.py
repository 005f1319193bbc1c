"""The labels of a dataset: those it offers as a whole, their checks, and whether a leaf holds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset, TensorDataset

from .columns import without_gradient
from .items import is_floating
from .plan import Rows

__all__ = ["check_labels", "class_codes", "differs", "is_label", "labels_of", "stack_labels"]


def labels_of(dataset: Any, categorical: Collection[int] = ()) -> Any:
    """The labels a dataset offers as a whole; None where it offers none.

    Of a TensorDataset, its second tensor besides those of categories.
    """
    for name in ("targets", "labels"):
        labels = getattr(dataset, name, None)
        if labels is not None and not callable(labels):
            return labels
    if type(dataset) is TensorDataset:
        others = [tensor for place, tensor in enumerate(dataset.tensors) if place not in categorical]
        return others[1] if len(others) > 1 else None
    if type(dataset) is Subset:
        labels = labels_of(dataset.dataset, categorical)
        if labels is not None:
            rows = np.asarray(dataset.indices)
            return labels[torch.from_numpy(rows)] if isinstance(labels, Tensor) else np.asarray(labels)[rows]
    return None


def stack_labels(labels: list[Any]) -> Any:
    """Labels that were read one by one, as a tensor for numbers, else as an array."""
    array = np.asarray(labels)
    return torch.from_numpy(array) if array.dtype.kind in "biuf" else array


def check_labels(targets: Any, n: int) -> Any:
    """Labels of shape (n,): a tensor for numbers, else an array.

    Raises:
        ValueError: If they have another shape, or one is None.
    """
    labels = without_gradient(targets) if isinstance(targets, Tensor) else np.asarray(targets)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != n:
        several = labels.ndim == 2 and len(labels) == n
        raise ValueError(
            f"`targets` must be one label for each of {n} items, got shape {tuple(labels.shape)}"
            + ("; where an item has several, make rows before the loop with MLSMOTE" if several else "")
        )
    if isinstance(labels, np.ndarray):
        if labels.dtype.kind == "O" and any(label is None for label in labels):
            raise ValueError("`targets` holds None; give every item a label")
        if labels.dtype.kind in "biuf":
            labels = torch.from_numpy(np.ascontiguousarray(labels))
    return labels


def differs(leaf: Any, targets: Any) -> bool:
    """Whether a leaf is data besides the labels: floating, with another value than the label somewhere.

    Args:
        leaf: Of one item, or of all items in a tensor.
        targets: The label of that item, or of all, shape (n,), as `check_labels` gives them.

    >>> differs(torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1])), differs(0.5, torch.tensor([0]))
    (False, True)
    """
    if not is_floating(leaf):
        return False
    values = torch.as_tensor(leaf).detach()
    return not isinstance(targets, Tensor) or not torch.equal(values.reshape(-1), targets.to(values))


def is_label(leaf: Any, targets: Any) -> bool:
    """Whether a leaf of whole numbers is the label itself: one value a row, everywhere the row's label.

    Args:
        leaf: Of one item, or of all items in a tensor.
        targets: The label of that item, or of all, shape (n,), as `check_labels` gives them.

    >>> is_label(torch.tensor([0, 1]), torch.tensor([0, 1])), is_label(3, torch.tensor([0]))
    (True, False)
    """
    values = torch.as_tensor(leaf).reshape(-1)
    return isinstance(targets, Tensor) and torch.equal(values.double(), targets.to(values.device).double())


def class_codes(targets: Any, num_classes: int | None) -> Rows:
    """Labels as int64 in [0, num_classes), for soft labels.

    Raises:
        TypeError: If ``num_classes`` is no int.
        ValueError: If ``num_classes`` is missing or too small, or labels are not whole numbers from 0 on.
    """
    if num_classes is None:
        raise ValueError("`soft_labels=True` needs `num_classes`, the length of a label vector")
    if isinstance(num_classes, bool) or not hasattr(num_classes, "__index__"):
        raise TypeError(f"`num_classes` must be an int, got {type(num_classes).__name__}")
    if not isinstance(targets, Tensor):
        raise ValueError(f"`soft_labels=True` needs labels 0, 1, ..., got dtype {targets.dtype}; encode them")
    codes = targets.long().cpu()
    if not torch.equal(codes.to(targets.dtype), targets.cpu()) or int(codes.min()) < 0:
        raise ValueError("`soft_labels=True` needs labels 0, 1, ..., got a negative or fractional one")
    if int(codes.max()) >= num_classes:
        raise ValueError(
            f"`num_classes`={num_classes} is too small: the largest label is {int(codes.max())}; "
            f"it must be at least {int(codes.max()) + 1}"
        )
    return codes.numpy().copy()  # a tensor may move: it does when it is sent to a spawned process
