"""What is done with one partition, on whichever worker has it: frames, series and arrays in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import Draws
from ..extras import import_extra
from ..neighbors.best import Best, cut, nearest_in_blocks
from ..neighbors.rows import Rows
from ..neighbors.scaling import Extent, comparable
from ..table_reading import read_table
from ..tables import take_rows
from ..targets import to_host

__all__ = ["Gathered", "Labels", "gather", "label", "merge", "mix", "renumber", "repeat", "search", "stack"]


class Labels(NamedTuple):
    """The labels of a partition.

    Attributes:
        classes: Those that occur, sorted.
        codes: Position of each row's label in ``classes``, in the narrowest dtype.
        missing: The first row without a label; None: all have one.
    """

    classes: NDArray[Any]
    codes: NDArray[Any]
    missing: int | None


class Gathered(NamedTuple):
    """Rows of a partition.

    Attributes:
        rows: In the partition's container.
        extent: Of the whole partition; of nothing where it is not searched.
    """

    rows: Any
    extent: Extent


def label(y: Any) -> Labels:
    """Encode the labels of a partition."""
    values = to_host(y)
    missing = np.asarray(import_extra("pandas", "scale").isna(values))
    if values.dtype.kind == "f":
        missing |= np.isinf(values)
    if missing.any():
        return Labels(values[:0], np.zeros(len(values), np.uint8), int(np.flatnonzero(missing)[0]))
    classes, codes = np.unique(values, return_inverse=True)
    return Labels(classes, codes.astype(np.min_scalar_type(len(classes))), None)


def gather(X: Any, rows: NDArray[np.int64], expected: int, place: int, searched: bool) -> Gathered:
    """Some rows of a partition, once all of it has been checked.

    Args:
        X: The partition.
        rows: Which, in it.
        expected: How many rows it has to have.
        place: Its number, for messages.
        searched: Whether it has to hold finite numbers.

    Raises:
        ValueError: If it has more or fewer rows, or NaN or inf.
        TypeError: If it holds something else than numbers.
    """
    if len(X) != expected:
        raise ValueError(
            f"partition {place} of `X` has {len(X)} rows but that of `y` has {expected} labels; "
            "they must match"
        )
    extent = Extent()
    if searched and expected:
        extent = Extent.of(_numbers(X, place), "X")
    return Gathered(take_rows(X, rows), extent)


def search(
    X: Any, asked: Rows, k: int, own: Tensor, extent: Extent, first: int, place: int, backend: str
) -> Best:
    """The k nearest rows of a partition to some rows, each without itself.

    Args:
        X: The partition.
        asked: Rows divided as `comparable` does it for the extent.
        k: How many.
        own: Their numbers in the table, shape (q,).
        extent: Of the whole table.
        first: The number of the partition's first row.
        place: Its number, for messages.
        backend: As in ``knn``.
    """
    if not len(X):
        return Best.of_none(len(asked), k, torch.device("cpu"))
    rows = comparable(_numbers(X, place), "euclidean", extent, "X")[0]
    return nearest_in_blocks(asked, cut(rows, k + 1, first), k, own=own, backend=backend)


def merge(found: Sequence[Best]) -> Best:
    """The nearest of all that were found in several partitions."""
    best = found[0]
    for other in found[1:]:
        best.add(other.squared, other.indices)
    return best


def stack(parts: Sequence[Any]) -> Any:
    """Frames, series or arrays one below the other, numbered anew."""
    if hasattr(parts[0], "iloc"):
        return import_extra("pandas", "scale").concat(parts, ignore_index=True)
    return np.concatenate(parts)


def renumber(part: Any, first: int, expected: int, place: int) -> Any:
    """A partition as it is; a frame or series with the index first, first + 1, ...

    Raises:
        ValueError: If it does not have the rows that it had before.
    """
    if len(part) != expected:
        raise ValueError(
            f"partition {place} had {expected} rows when it was fitted, and has {len(part)} now; a Dask "
            "collection must give the same rows whenever it is computed: write it to a file, or persist() it"
        )
    if not hasattr(part, "iloc"):
        return part
    return part.set_axis(import_extra("pandas", "scale").RangeIndex(first, first + expected))


def mix(pool: Any, draws: Draws, first: int) -> Any:
    """Synthetic rows.

    Args:
        pool: Rows that they are mixed of.
        draws: They count in ``pool``.
        first: The number that the first one gets.
    """
    table = read_table(pool, makes_rows=False)
    made = table.append(draws, kept=np.empty(0, dtype=np.int64))
    return renumber(made, first, len(draws.base), -1)


def repeat(pool: Any, rows: NDArray[np.int64], first: int) -> Any:
    """Rows of the pool, or labels, as they are."""
    return renumber(take_rows(pool, rows), first, len(rows), -1)


def _numbers(X: Any, place: int) -> Tensor:
    names = [str(name) for name in X.columns] if hasattr(X, "columns") else None
    try:
        return read_table(X, makes_rows=False, columns=names).rows
    except ValueError as error:
        raise ValueError(f"partition {place}: {error}") from error
