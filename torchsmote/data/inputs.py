"""What SMOTEDataset needs of a wrapped dataset: labels, and features to search neighbors in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import IterableDataset

from .encoding import BatchedFeatures, as_features
from .features_cache import cached_features
from .items import leaf_names, leaf_shape, leaves, searched_leaf, target_position
from .labels import check_labels, labels_of, stack_labels
from .sources import ItemSource, TensorSource

__all__ = ["check_dataset", "check_features", "read_inputs"]


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
    frame = hasattr(dataset, "iloc")  # pandas is no requirement, so its types cannot be named
    if frame or isinstance(dataset, np.ndarray):
        x = "X.to_numpy()" if frame else "X"
        raise TypeError(
            f"`dataset` must be a map-style dataset, got a {type(dataset).__name__}; wrap it and its labels: "
            f"TensorDataset(torch.tensor({x}), torch.tensor(y))"
        )
    for method in ("__getitem__", "__len__"):
        if not hasattr(dataset, method):
            raise TypeError(f"`dataset` must have {method}, but {type(dataset).__name__} has not")
    if len(dataset) == 0:
        raise ValueError("`dataset` is empty; SMOTEDataset needs at least two classes with samples")
    return len(dataset)


def read_inputs(
    dataset: Any, source: TensorSource | ItemSource, features: Any, targets: Any, cache: Any = None
) -> tuple[Tensor, Any]:
    """Features and labels of every item: those given, else the dataset's own, else those of the items.

    Args:
        dataset: A map-style dataset.
        source: Its source, which knows what its leaves are.
        features: A tensor, an encoder of batches, a callable from an item to a tensor, or None.
        targets: Labels that are checked already, or None.
        cache: A file to keep computed features in, or None.

    Returns:
        Features, floating, shape (n, d), and labels, a tensor or array of shape (n,).
    """
    labels = labels_of(dataset, source.categorical) if targets is None else targets
    rows = features
    if cache is not None:
        _check_cache(features, source)
        rows = cached_features(cache, as_features(features), dataset, source.mixed[0])
    elif isinstance(features, (nn.Module, BatchedFeatures)):
        rows = as_features(features).embed(dataset, source.mixed[0])
    elif rows is None and isinstance(source, TensorSource):
        rows = source.leaf(source.mixed[0])
    walk = rows is None or callable(rows)
    if walk or labels is None:
        found, read = _walk(dataset, source, rows if callable(rows) else None, walk, labels is None)
        rows = found if walk else rows
        labels = read if labels is None else labels
    n = len(dataset)
    rows, labels = check_features(rows, n), check_labels(labels, n)
    for place in source.categorical:
        if source.holds_labels(place, labels):
            raise ValueError(
                f"`categorical` names {leaf_names(dataset[0])[place]}, which is the label; synthetic samples "
                "have the label of their class, which is not voted for: leave it out"
            )
    return rows, labels


def _check_cache(features: Any, source: TensorSource | ItemSource) -> None:
    """Raise unless there is something to compute that a cache can keep."""
    computed = callable(features) or isinstance(features, BatchedFeatures)
    if not computed and not (features is None and isinstance(source, ItemSource)):
        given = (
            "features are the rows of the dataset" if features is None else "`features` are given as values"
        )
        raise ValueError(
            f"`features_cache` keeps computed features, but {given}; leave it out, or give `features` as an "
            "encoder or a function of an item"
        )


def _walk(
    dataset: Any,
    source: TensorSource | ItemSource,
    of: Callable[[Any], Any] | None,
    features: bool,
    labels: bool,
) -> tuple[Tensor | None, Any]:
    """Read every item once."""
    rows: list[Tensor] = []
    read: list[Any] = []
    shapes: list[tuple[int, ...]] = []
    for index in range(len(dataset)):
        item = dataset[index]
        shapes = shapes or [leaf_shape(leaf) for leaf in leaves(item)]
        _check_shapes(item, index, source.mixed, shapes)
        if features:
            row = searched_leaf(item, index, source.mixed[0]) if of is None else of(item)
            rows.append(_row(row, index, rows[0] if rows else None))
        if labels:
            read.append(_label(item, index, source.categorical))
    return torch.stack(rows) if features else None, stack_labels(read) if labels else None


def _check_shapes(item: Any, index: int, mixed: list[int], shapes: list[tuple[int, ...]]) -> None:
    """Raise unless the leaves to be interpolated have the shapes they have in item 0."""
    own = leaves(item)
    if len(own) != len(shapes):
        raise ValueError(
            f"ragged items: item {index} has {len(own)} leaves but item 0 has {len(shapes)}; "
            "give all items one structure"
        )
    for place in mixed:
        if leaf_shape(own[place]) != shapes[place]:
            raise ValueError(
                f"ragged items: {leaf_names(item)[place]} of item {index} has shape {leaf_shape(own[place])} "
                f"but that of item 0 has {shapes[place]}; pad or resize items to one shape"
            )


def _row(leaf: Any, index: int, first: Tensor | None) -> Tensor:
    row = torch.as_tensor(leaf).detach().flatten()
    if first is not None and row.shape != first.shape:
        raise ValueError(
            f"ragged features: item {index} has {row.numel()} values but item 0 has {first.numel()}; "
            "`features` must give as many for each"
        )
    return row


def _label(item: Any, index: int, categorical: Collection[int]) -> Any:
    position = target_position(item, categorical)
    label = None if position is None else leaves(item)[position]
    if label is None:
        besides = " besides the categories; leave it out of `categorical`, or" if categorical else ";"
        raise ValueError(
            f"item {index} has no label: one value, its second leaf{besides} pass `targets`, shape (n,)"
        )
    return label.item() if isinstance(label, (Tensor, np.ndarray, np.generic)) else label


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
