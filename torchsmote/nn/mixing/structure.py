"""A batch of any structure as rows that are mixed, labels, and leaves that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from ...data.items import (
    TARGET_KEYS,
    check_floating,
    floating_positions,
    label_position,
    leaf_names,
    leaves,
)
from ..soft_labels import check_soft_labels

__all__ = ["LabelsGetter", "Parts", "check_labels_getter", "parts_of"]

LabelsGetter = Callable[[Any], Any] | str | None


class Parts(NamedTuple):
    """What a batch holds.

    Attributes:
        values: All leaves, in order.
        rows: Places of those that are mixed.
        labels: Place of the labels; None where there are none.
        size: Rows of the batch.
    """

    values: list[Any]
    rows: list[int]
    labels: int | None
    size: int


def check_labels_getter(getter: Any) -> LabelsGetter:
    """Return ``getter``, or raise unless it is "default", a callable or None."""
    if getter is None or getter == "default" or callable(getter):
        checked: LabelsGetter = getter
        return checked
    raise ValueError(f'`labels_getter` must be "default", a callable or None, got {getter!r}')


def parts_of(batch: Any, getter: LabelsGetter, num_classes: int) -> Parts:
    """Find labels and rows in a batch.

    Raises:
        TypeError: If the labels are no tensor of classes or shares, or the only floating values an array.
        ValueError: If there are no labels, nothing to mix, or leaves of different numbers of rows.
    """
    values, names = leaves(batch), leaf_names(batch, "batch")
    at = None if getter is None else _labels_place(batch, values, getter)
    floating = floating_positions(batch, at)
    tensors = [place for place in floating if isinstance(values[place], Tensor) and values[place].dim()]
    array = next((place for place in floating if isinstance(values[place], np.ndarray)), None)
    if not tensors and array is not None:
        raise TypeError(f"`{names[array]}` must be a tensor to be mixed, got ndarray; use torch.from_numpy")
    check_floating(tensors, values, "a batch to be mixed")
    size = int(values[tensors[0]].shape[0])
    for place in tensors:
        if values[place].shape[0] != size:
            raise ValueError(
                f"`{names[place]}` has {values[place].shape[0]} rows, but `{names[tensors[0]]}` has {size}; "
                "every floating tensor of a batch is mixed row by row"
            )
    if at is not None:
        check_soft_labels(values[at], names[at], size, num_classes)
    return Parts(values, tensors, at, size)


def _labels_place(batch: Any, values: list[Any], getter: LabelsGetter) -> int:
    if callable(getter):
        found = getter(batch)
        place = next((place for place, leaf in enumerate(values) if leaf is found), None)
        if place is None:
            raise ValueError(
                f"`labels_getter` returned a {type(found).__name__} that is no leaf of the batch; return the "
                "batch's own tensor of labels"
            )
        return place
    holder, before = batch, 0
    if isinstance(batch, (tuple, list)) and len(batch) > 1 and isinstance(batch[1], Mapping):
        holder, before = batch[1], len(leaves(batch[0]))  # as in (images, {"boxes": ..., "labels": ...})
    # A mapping's second value would do for an item; in a batch it may as well be row numbers.
    named = not isinstance(holder, Mapping) or any(key in holder for key in TARGET_KEYS)
    place = label_position(holder) if named else None
    if place is None:
        raise ValueError(
            f"no labels found in a batch that is a {type(batch).__name__}; call the module with rows and "
            f"labels, name a key one of {', '.join(TARGET_KEYS)}, or say where they are with `labels_getter`"
        )
    return before + place
