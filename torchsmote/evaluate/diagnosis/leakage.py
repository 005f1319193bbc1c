"""What a given split would leak: rows that stand in both of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...targets import to_host
from .findings import Finding
from .snippets import Snippets
from .words import percent, plural

__all__ = ["leakage", "read_split"]

Split = tuple[NDArray[np.int64], NDArray[np.int64]]


def read_split(split: Any, n_rows: int) -> Split | None:
    """Row numbers of the two parts.

    Args:
        split: (train indices, test indices), or None.
        n_rows: Rows of the table.

    Raises:
        TypeError: If it is not a pair of sequences of whole numbers.
        ValueError: If a part is empty, or a row is not in the table, is named twice, or is in both parts.
    """
    if split is None:
        return None
    if not isinstance(split, (tuple, list)) or len(split) != 2:
        raise TypeError(
            "`split` must be a pair (train indices, test indices), as the `split` of scikit-learn's "
            f"splitters yields, got {type(split).__name__}"
            + (f" of {len(split)}" if isinstance(split, (tuple, list)) else "")
        )
    train, test = (_indices(part, name, n_rows) for part, name in zip(split, ("train", "test"), strict=True))
    both = np.intersect1d(train, test)
    if len(both):
        raise ValueError(
            f"`split` has {plural(len(both), 'row')} in both parts, the first is row {both[0]}; each row may "
            "be in one"
        )
    return train, test


def _indices(part: Any, name: str, n_rows: int) -> NDArray[np.int64]:
    rows = np.asarray(None) if part is None else to_host(part, "split")
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        if rows.ndim != 1 or rows.size:
            raise TypeError(
                f"`split`: the {name} part must be row numbers, whole numbers in one axis, got {rows.dtype} "
                f"of shape {rows.shape}; of a mask take np.flatnonzero(mask)"
            )
        raise ValueError(f"`split`: the {name} part is empty")
    if not len(rows):
        raise ValueError(f"`split`: the {name} part is empty")
    outside = rows[(rows < 0) | (rows >= n_rows)]
    if len(outside):
        raise ValueError(
            f"`split`: the {name} part names row {outside[0]}, but `X` has rows 0 to {n_rows - 1}"
        )
    if len(np.unique(rows)) < len(rows):
        raise ValueError(f"`split`: the {name} part names a row twice")
    return rows.astype(np.int64)


def leakage(split: Split | None, hashes: NDArray[np.uint64], snippets: Snippets) -> Finding | None:
    """Test rows whose values stand in the training part, too; one is enough."""
    if split is None:
        return None
    train, test = split
    leaked = np.isin(hashes[test], hashes[train])
    if not leaked.any():
        return None
    share = float(leaked.mean())
    message = (
        f"{percent(share)} of the test rows ({int(leaked.sum()):,} of {len(test):,}) stand in the training "
        "part, value for value: scores on them measure memory."
    )
    action = "Split so that equal rows stay together, and resample after the split."
    return Finding("leakage", "problem", share, message, action, snippets.group_split())
