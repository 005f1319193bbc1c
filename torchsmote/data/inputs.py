"""What SMOTEDataset needs of a wrapped dataset: labels, and features to search neighbors in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, Subset, TensorDataset

from .items import check_floating, floating_positions, leaves, target_position
from .plan import Rows

__all__ = ["check_dataset", "check_features", "class_codes", "read_inputs"]

Features = Tensor | Callable[[Any], Tensor] | None


def check_dataset(dataset: Any) -> int:
    """Length of a map-style dataset.

    Raises:
        TypeError: If it is not map-style.
        ValueError: If it is empty.
    """
    if isinstance(dataset, IterableDataset):
        raise TypeError(
            f"`dataset` must be map-style, got the IterableDataset {type(dataset).__name__}: a synthetic row "
            "needs its base and its neighbor by index; load the stream into a map-style dataset first"
        )
    for method in ("__getitem__", "__len__"):
        if not hasattr(dataset, method):
            raise TypeError(f"`dataset` must have {method}, but {type(dataset).__name__} has not")
    if len(dataset) == 0:
        raise ValueError("`dataset` is empty; SMOTEDataset needs at least two classes with samples")
    return len(dataset)


def read_inputs(dataset: Any, features: Features | Any, targets: Any) -> tuple[Tensor, Any]:
    """Features and labels of every item: those given, else the dataset's own, else those of the items.

    Returns:
        Features, floating, shape (n, d), and labels, a tensor or array of shape (n,).
    """
    n = check_dataset(dataset)
    labels = _labels_of(dataset) if targets is None else targets
    rows = features
    if rows is None and type(dataset) is TensorDataset:
        rows = dataset.tensors[_feature_position(dataset[0], "`dataset`")]
    walk = rows is None or callable(rows)
    if walk or labels is None:
        found, read = _walk(dataset, rows if callable(rows) else None, walk, labels is None)
        rows = found if walk else rows
        labels = read if labels is None else labels
    return check_features(rows, n), _check_labels(labels, n)


def _labels_of(dataset: Any) -> Any:
    """The labels a dataset offers as a whole; None where it offers none."""
    for name in ("targets", "labels"):
        labels = getattr(dataset, name, None)
        if labels is not None and not callable(labels):
            return labels
    if type(dataset) is TensorDataset and len(dataset.tensors) > 1:
        return dataset.tensors[1]
    if type(dataset) is Subset:
        labels = _labels_of(dataset.dataset)
        if labels is not None:
            rows = np.asarray(dataset.indices)
            return labels[torch.from_numpy(rows)] if isinstance(labels, Tensor) else np.asarray(labels)[rows]
    return None


def _walk(
    dataset: Any, of: Callable[[Any], Any] | None, features: bool, labels: bool
) -> tuple[Tensor | None, Any]:
    """Read every item once."""
    rows: list[Tensor] = []
    read: list[Any] = []
    for index in range(len(dataset)):
        item = dataset[index]
        if features:
            rows.append(_row(item if of is None else of(item), index, rows[0] if rows else None, of is None))
        if labels:
            read.append(_label(item, index))
    return torch.stack(rows) if features else None, _stack_labels(read) if labels else None


def _feature_position(item: Any, where: str) -> int:
    """Which leaf neighbors are searched in where no features are given."""
    positions = floating_positions(item, target_position(item))
    check_floating(positions, leaves(item), where)
    return positions[0]


def _row(item: Any, index: int, first: Tensor | None, is_item: bool) -> Tensor:
    leaf = leaves(item)[_feature_position(item, f"item {index}")] if is_item else item
    row = torch.as_tensor(leaf).detach().flatten()
    if first is not None and row.shape != first.shape:
        raise ValueError(
            f"ragged features: item {index} has {row.numel()} values but item 0 has {first.numel()}; "
            "pad or resize items, or pass `features`"
        )
    return row


def _label(item: Any, index: int) -> Any:
    position = target_position(item)
    label = None if position is None else leaves(item)[position]
    if label is None:
        raise ValueError(f"item {index} has no label: one value, its second leaf; pass `targets`, shape (n,)")
    return label.item() if isinstance(label, (Tensor, np.ndarray, np.generic)) else label


def _stack_labels(labels: list[Any]) -> Any:
    array = np.asarray(labels)
    return torch.from_numpy(array) if array.dtype.kind in "biuf" else array


def check_features(features: Any, n: int) -> Tensor:
    """Features as a floating tensor of shape (n, d).

    Raises:
        TypeError: If they are not floating.
        ValueError: If there are not n rows of them.
    """
    rows = torch.as_tensor(features).detach()
    if not rows.is_floating_point():
        raise TypeError(f"`features` must be floating, got {rows.dtype}; convert them with .float()")
    if rows.dim() < 1 or len(rows) != n:
        raise ValueError(f"`features` must have one row for each of {n} items, got {tuple(rows.shape)}")
    return rows.reshape(n, -1)


def _check_labels(targets: Any, n: int) -> Any:
    labels = targets.detach() if isinstance(targets, Tensor) else np.asarray(targets)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != n:
        raise ValueError(
            f"`targets` must be one label for each of {n} items, got shape {tuple(labels.shape)}"
        )
    if isinstance(labels, np.ndarray):
        if labels.dtype.kind == "O" and any(label is None for label in labels):
            raise ValueError("`targets` holds None; give every item a label")
        if labels.dtype.kind in "biuf":
            labels = torch.from_numpy(np.ascontiguousarray(labels))
    return labels


def class_codes(targets: Any, num_classes: int | None) -> Rows:
    """Labels as int64 in [0, num_classes), for soft labels.

    Raises:
        ValueError: If ``num_classes`` is missing or too small, or labels are not whole numbers from 0 on.
    """
    if num_classes is None:
        raise ValueError("`soft_labels=True` needs `num_classes`, the length of a label vector")
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
    return codes.numpy()
