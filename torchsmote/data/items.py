"""Items as trees: the leaves of a nested tuple, list or dict, and how two items are mixed leaf by leaf."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..draws import blend

__all__ = [
    "TARGET_KEYS",
    "append",
    "check_floating",
    "floating_positions",
    "is_floating",
    "label_position",
    "leaf_names",
    "leaf_shape",
    "leaves",
    "mix_items",
    "read_items",
    "rebuild",
    "replace_leaf",
    "searched_leaf",
    "target_position",
]

TARGET_KEYS = ("y", "target", "targets", "label", "labels")


def _is_sequence(item: Any) -> bool:
    return isinstance(item, (tuple, list))


def leaves(item: Any) -> list[Any]:
    """The leaves of an item, depth first; whatever is not a tuple, list or mapping is a leaf.

    >>> leaves(({"a": 1, "b": [2, 3]}, 4))
    [1, 2, 3, 4]
    """
    if isinstance(item, Mapping):
        return [leaf for value in item.values() for leaf in leaves(value)]
    if _is_sequence(item):
        return [leaf for value in item for leaf in leaves(value)]
    return [item]


def leaf_names(item: Any, name: str = "leaf") -> list[str]:
    """What to call the leaves in an error, in the order of ``leaves``.

    >>> leaf_names(({"a": 1, "b": [2, 3]}, 4))
    ["leaf[0]['a']", "leaf[0]['b'][0]", "leaf[0]['b'][1]", 'leaf[1]']
    """
    if not isinstance(item, Mapping) and not _is_sequence(item):
        return [name]
    parts = item.items() if isinstance(item, Mapping) else enumerate(item)
    return [below for key, value in parts for below in leaf_names(value, f"{name}[{key!r}]")]


def leaf_shape(leaf: Any) -> tuple[int, ...]:
    """Shape of a tensor or array; () of whatever else."""
    return tuple(leaf.shape) if isinstance(leaf, (Tensor, np.ndarray)) else ()


def rebuild(item: Any, values: Iterator[Any]) -> Any:
    """An item of the same structure with its leaves taken from ``values`` in order."""
    if isinstance(item, Mapping):
        rebuilt = {key: rebuild(value, values) for key, value in item.items()}
        if type(item) is dict:
            return rebuilt
        kept = {"batch_size": item.batch_size} if hasattr(item, "batch_size") else {}  # of a TensorDict
        return type(item)(rebuilt, **kept)  # type: ignore[call-arg]
    if _is_sequence(item):
        parts = [rebuild(value, values) for value in item]
        return type(item)(*parts) if hasattr(item, "_fields") else type(item)(parts)
    return next(values)


def replace_leaf(item: Any, position: int, value: Any) -> Any:
    """The same item with one leaf replaced."""
    values = leaves(item)
    values[position] = value
    return rebuild(item, iter(values))


def append(item: Any, name: str, value: Any) -> Any:
    """The item with ``value`` last: under ``name`` in a mapping; a namedtuple becomes a tuple.

    >>> append((1, 2), "extra", 3), append({"x": 1}, "extra", 3)
    ((1, 2, 3), {'x': 1, 'extra': 3})
    """
    if isinstance(item, Mapping):
        if name in item:
            raise ValueError(f"items already have a key {name!r}, so none can be appended; rename it")
        return {**item, name: value}
    if isinstance(item, list):
        return [*item, value]
    return (*item, value) if isinstance(item, tuple) else (item, value)


def is_floating(leaf: Any) -> bool:
    """Whether a leaf can be interpolated: a floating tensor, array or number."""
    if isinstance(leaf, Tensor):
        return leaf.is_floating_point()
    if isinstance(leaf, (np.ndarray, np.generic)):
        return bool(np.issubdtype(leaf.dtype, np.floating))
    return isinstance(leaf, float)


def label_position(item: Any, categorical: Collection[int] = ()) -> int | None:
    """The first leaf of the part that holds the labels, of one item or of a batch. None where there is none.

    In a mapping, that part is the first of the keys y, target, targets, label, labels; otherwise, and in a
    tuple or list, the second element. Leaves of categories, given by their positions, are passed over, and so
    is an element that holds nothing else.

    >>> label_position(("x", "y")), label_position((("a", "b"), 1)), label_position({"label": 1, "x": 2})
    (1, 2, 0)
    >>> label_position(("x", "c", "y"), categorical=[1])
    2
    """
    if not isinstance(item, Mapping) and not _is_sequence(item):
        return None
    start = 0
    kept = []  # keys and leaves of the elements that hold something else than categories
    for key, part in item.items() if isinstance(item, Mapping) else enumerate(item):
        places = range(start, start + len(leaves(part)))
        start = places.stop
        own = [place for place in places if place not in categorical]
        if own or not places:
            kept.append((key, own))
    second = kept[1][1] if len(kept) > 1 else []
    found = next((own for name in TARGET_KEYS for key, own in kept if key == name), second)
    return found[0] if found else None


def target_position(item: Any, categorical: Collection[int] = ()) -> int | None:
    """Where an item has its label, which is never interpolated. None where it has none.

    The place that ``label_position`` gives; but the label of an item is one value: a leaf of several is data.

    >>> target_position(("x", "y")), target_position(("x", [[1, 2], 3]))
    (1, 1)
    >>> target_position((1.0, torch.zeros(2))) is None
    True
    """
    place = label_position(item, categorical)
    if place is None:
        return None
    leaf = leaves(item)[place]
    return place if (leaf.numel() if isinstance(leaf, Tensor) else np.size(leaf)) == 1 else None


def floating_positions(item: Any, target: int | None) -> list[int]:
    """Which leaves are interpolated: the floating ones, the label's excepted."""
    return [place for place, leaf in enumerate(leaves(item)) if place != target and is_floating(leaf)]


def check_floating(positions: list[int], values: Sequence[Any], where: str) -> None:
    """Raise unless there is a leaf to interpolate.

    Args:
        positions: What ``floating_positions`` gave.
        values: All leaves.
        where: What has these leaves, for the error.

    Raises:
        ValueError: If ``positions`` is empty.
    """
    if not positions:
        kinds = [str(leaf.dtype) if hasattr(leaf, "dtype") else type(leaf).__name__ for leaf in values]
        raise ValueError(
            f"{where} needs a floating leaf besides the label to be interpolated, got {', '.join(kinds)}; "
            "convert the features to float; of codes that stand for something else, such as token ids, give "
            "`features` to choose by, and a floating leaf such as 'inputs_embeds' to mix"
        )


def searched_leaf(item: Any, index: int, position: int) -> Any:
    """The leaf of an item that neighbors are searched in; an error names the item by ``index``.

    Raises:
        ValueError: If it is not floating.
    """
    leaf = leaves(item)[position]
    check_floating([position] if is_floating(leaf) else [], leaves(item), f"item {index}")
    return leaf


def read_items(dataset: Any, rows: list[int]) -> list[Any]:
    """Items of a map-style dataset, all at once where it can."""
    many = getattr(dataset, "__getitems__", None)
    return [dataset[row] for row in rows] if many is None else list(many(rows))


def mix_items(base: Any, neighbors: Sequence[Any], steps: Tensor, target: int | None) -> Any:
    """Interpolate every floating leaf, take the others from the base item.

    Args:
        base: The base item.
        neighbors: The m items it is mixed with.
        steps: Shape (m,).
        target: Position of the label's leaf, which stays as the base item has it.

    Returns:
        An item of the same structure, leaf types and dtypes; the leaves interpolated are new.

    Raises:
        ValueError: If the items differ in structure, shape or dtype.
    """
    columns = [leaves(neighbor) for neighbor in neighbors]
    own = leaves(base)
    if any(len(column) != len(own) for column in columns):
        sizes = sorted({len(column) for column in columns} | {len(own)})
        raise ValueError(f"ragged items: base and neighbor have {sizes} leaves; give all items one structure")
    for place in floating_positions(base, target):
        own[place] = _mix_leaf(own[place], [column[place] for column in columns], steps)
    return rebuild(base, iter(own))


def _mix_leaf(base: Any, neighbors: Sequence[Any], steps: Tensor) -> Any:
    own, others = _as_tensor(base), [_as_tensor(neighbor) for neighbor in neighbors]
    for other in others:
        if own.shape != other.shape or own.dtype != other.dtype:
            raise ValueError(
                f"ragged items: a floating leaf is {tuple(own.shape)} {own.dtype} in the base item but "
                f"{tuple(other.shape)} {other.dtype} in its neighbor; pad or resize items to one shape"
            )
    with torch.no_grad():
        mixed = blend(own[None], torch.stack(others)[None], steps[None].to(own.device))[0]
    if isinstance(base, Tensor):
        return mixed
    if isinstance(base, np.ndarray):
        return mixed.numpy()
    return type(base)(mixed.item())


def _as_tensor(leaf: Any) -> Tensor:
    if isinstance(leaf, Tensor):
        return leaf
    if isinstance(leaf, np.ndarray):
        return torch.from_numpy(np.array(leaf))  # a copy: read-only and negatively strided arrays pass too
    if isinstance(leaf, np.generic):
        return torch.from_numpy(np.array(leaf))
    return torch.tensor(leaf, dtype=torch.float64)
