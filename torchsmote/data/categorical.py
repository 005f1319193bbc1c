"""Which leaves hold categories: `categorical=` as leaf positions, and the checks of what lies there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index as as_int
from typing import Any

import numpy as np
from torch import Tensor

from .items import leaf_names, leaves

__all__ = ["categorical_positions"]


def categorical_positions(item: Any, categorical: Any) -> tuple[int, ...]:
    """Positions of the leaves that hold categories.

    Args:
        item: The first item.
        categorical: Keys of a dict item or positions in a tuple item, each standing for all leaves below it;
            a tuple of them is a path into nested items. None: none.

    Raises:
        TypeError: If it is no list, an entry is no key or position, or a leaf does not hold whole numbers.
        ValueError: If an entry is unknown or names a leaf twice.

    >>> categorical_positions(({"x": 0.5, "c": [3, 4]}, 1), [(0, "c")])
    (1, 2)
    """
    if categorical is None:
        return ()
    if isinstance(categorical, (str, bytes, Mapping)) or not isinstance(categorical, Iterable):
        raise TypeError(
            f"`categorical` must be a list of positions or keys, got {categorical!r}; "
            f"for one, give [{categorical!r}]"
        )
    found: list[int] = []
    for entry in categorical:
        below = _below(item, entry)
        if not below or set(below) & set(found):
            problem = "names a leaf twice" if below else "names no leaf"
            raise ValueError(f"`categorical`: {entry!r} {problem}; the leaves are {_listed(item)}")
        found += below
    for place in found:
        _check_whole(leaves(item)[place], leaf_names(item)[place])
    return tuple(sorted(found))


def _listed(item: Any) -> str:
    names = leaf_names(item)
    return ", ".join(names[:9]) + (", ..." if len(names) > 9 else "")


def _below(item: Any, entry: Any) -> range:
    """Positions of the leaves below a key, a position or a path of them."""
    start, part = 0, item
    for step in entry if isinstance(entry, (tuple, list)) else (entry,):
        keys = list(part) if isinstance(part, Mapping) else list(getattr(part, "_fields", ()))
        parts = list(part.values()) if isinstance(part, Mapping) else part
        if step in keys:
            place = keys.index(step)
        elif isinstance(part, (tuple, list)) and _is_position(step) and 0 <= as_int(step) < len(part):
            place = as_int(step)
        else:
            known = f"keys {keys}" if isinstance(part, Mapping) else f"leaves {_listed(item)}"
            raise ValueError(f"`categorical` names {entry!r}, which items do not have; they have the {known}")
        start += sum(len(leaves(before)) for before in parts[:place])
        part = parts[place]
    return range(start, start + len(leaves(part)))


def _is_position(step: Any) -> bool:
    if isinstance(step, (bool, np.bool_)) or not (isinstance(step, str) or hasattr(step, "__index__")):
        raise TypeError(
            f"`categorical` must hold positions or keys, got {step!r} ({type(step).__name__}); "
            "of a mask, give the positions that are True"
        )
    return not isinstance(step, str)


def _check_whole(leaf: Any, name: str) -> None:
    if isinstance(leaf, Tensor):
        kind, whole = str(leaf.dtype), not (leaf.is_floating_point() or leaf.is_complex())
    elif isinstance(leaf, (np.ndarray, np.generic)):
        kind, whole = str(leaf.dtype), leaf.dtype.kind in "biu"
    else:
        kind, whole = type(leaf).__name__, isinstance(leaf, int)
    if not whole:
        raise TypeError(
            f"`categorical` names {name}, which holds {kind}; categories are voted for as whole numbers: "
            "encode them as integers, or leave it out to have it interpolated or taken from the base sample"
        )
