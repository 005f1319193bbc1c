"""What SMOTEDataset needs of a wrapped dataset: labels, and features to search neighbors in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import IterableDataset

from ..exceptions import DataWarning
from ..neighbors.streamed import is_streamed
from ..over_sampling import RandomOverSampler
from .columns import without_gradient
from .encoding import BatchedFeatures, as_features
from .features_cache import cached_features
from .items import check_floating, leaf_names, leaf_shape, leaves, searched_leaf, target_position
from .labels import check_labels, labels_of, stack_labels
from .sources import ItemSource, TensorSource, check_label
from .tensordicts import check_tensordict, is_tensordict

__all__ = ["check_dataset", "check_features", "check_items", "read_inputs"]


def check_dataset(dataset: Any, name: str = "dataset") -> int:
    """Length of a map-style dataset.

    Args:
        dataset: Anything.
        name: The argument's name in the error.

    Raises:
        TypeError: If it is not map-style.
        ValueError: If it is empty.
    """
    if isinstance(dataset, IterableDataset):
        raise TypeError(
            f"`{name}` must be map-style, got the IterableDataset {type(dataset).__name__}: a synthetic row "
            "needs its base and its neighbor by index; load the stream into a map-style dataset first"
        )
    if type(dataset).__module__.startswith("dask"):
        raise TypeError(
            f"`{name}` must be a map-style dataset, got a Dask {type(dataset).__name__}; write it to Parquet "
            "and give ArrowRows, or resample it with SMOTE().fit_resample(X, y)"
        )
    frame = hasattr(dataset, "iloc")  # pandas is no requirement, so its types cannot be named
    if frame or isinstance(dataset, np.ndarray):
        mapped = isinstance(dataset, np.memmap)  # torch.tensor would read all of it
        x = "torch.tensor(X.to_numpy())" if frame else f"torch.{'from_numpy' if mapped else 'tensor'}(X)"
        raise TypeError(
            f"`{name}` must be a map-style dataset, got a {type(dataset).__name__}; wrap it and its labels: "
            f"TensorDataset({x}, torch.tensor(y))"
        )
    for method in ("__getitem__", "__len__"):
        if not hasattr(dataset, method):
            raise TypeError(f"`{name}` must have {method}, but {type(dataset).__name__} has not")
    if is_tensordict(dataset):
        check_tensordict(dataset)
    if len(dataset) == 0:
        raise ValueError(f"`{name}` is empty; SMOTEDataset needs at least two classes with samples")
    return len(dataset)


def check_items(
    source: TensorSource | ItemSource, resampler: Any, features: Any, soft_labels: bool, provenance: bool
) -> None:
    """Raise or warn where items do not hold what is asked of them.

    Raises:
        ValueError: If there is no leaf to interpolate and none to search neighbors in, no label to replace by
            a soft one, or no place for a provenance.
    """
    if soft_labels:
        check_label(source.target)
    if provenance:
        source.check_provenance()
    if source.mixed:
        return
    if features is None:
        check_floating(source.mixed, source.first, "item 0")
    if isinstance(features, (nn.Module, BatchedFeatures)) and as_features(features).inputs is None:
        raise ValueError(
            "`features` is an encoder, which takes the first floating leaf of an item, but items hold none "
            "besides the label; say what it takes: BatchedFeatures(encoder, inputs=lambda item: item['ids'])"
        )
    if soft_labels:
        raise ValueError(
            "`soft_labels=True` mixes labels as floating leaves are mixed, but items hold none besides the "
            "label; leave it out, since a synthetic sample repeats its base item"
        )
    if not source.categorical and not isinstance(resampler, RandomOverSampler):
        warnings.warn(
            "items hold no floating leaf besides the label, so nothing is interpolated: `features` choose "
            "base items, and synthetic samples repeat them. To interpolate, give items a floating leaf that "
            "the model takes, such as 'inputs_embeds', or put EmbeddingSMOTE into the model; to repeat items "
            "without this warning, use RandomOverSampler",
            DataWarning,
            stacklevel=3,
        )


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
        rows = cached_features(cache, as_features(features), dataset, source.searched)
    elif isinstance(features, (nn.Module, BatchedFeatures)):
        rows = as_features(features).embed(dataset, source.searched)
    if isinstance(source, TensorSource):
        rows = source.leaf(source.searched) if rows is None else rows
        if labels is None and source.target is not None:
            labels = source.leaf(source.target)
    elif rows is None and is_streamed(dataset):  # its labels are no numbers
        rows = dataset
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
                f"`categorical` names {source.names[place]}, which is the label; synthetic samples "
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
        if isinstance(source, ItemSource):
            shapes = shapes or [leaf_shape(leaf) for leaf in leaves(item)]
            _check_shapes(item, index, source.mixed, shapes)
        if features:
            row = searched_leaf(item, index, source.searched) if of is None else of(item)
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
    row = _numbers(leaf, f"item {index}: ").detach().flatten()
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
        pair = ", or give TensorDataset(X, y)" if isinstance(item, (Tensor, np.ndarray)) else ""
        raise ValueError(
            f"item {index} has no label: one value, its second leaf{besides} pass `targets`, shape (n,){pair}"
        )
    return label.item() if isinstance(label, (Tensor, np.ndarray, np.generic)) else label


def check_features(features: Any, n: int) -> Any:
    """Features as a floating tensor of shape (n, d), or a table that is read block by block.

    Raises:
        TypeError: If they are no numbers, or not floating.
        ValueError: If there are not n rows of them.
    """
    if is_streamed(features) and len(features) == n:
        return features
    rows = without_gradient(_numbers(features))
    if not rows.is_floating_point():
        raise TypeError(f"`features` must be floating, got {rows.dtype}; convert them with .float()")
    if rows.dim() < 1 or len(rows) != n:
        raise ValueError(f"`features` must have one row for each of {n} items, got {tuple(rows.shape)}")
    return rows if rows.dim() == 2 else rows.reshape(n, -1)


def _numbers(values: Any, where: str = "") -> Tensor:
    try:
        return torch.as_tensor(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"{where}`features` must be or give numbers, a tensor (n, d) or one row for each item; got "
            f"{type(values).__name__} ({str(error).splitlines()[0]})"
        ) from error
