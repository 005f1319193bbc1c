"""Dask collections as lists of partitions, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extras import import_extra
from .partition_tasks import renumber

__all__ = ["Partitions", "is_dask"]


def is_dask(X: Any) -> bool:
    """Whether it is a Dask array, data frame or series, told without importing Dask."""
    return type(X).__module__.partition(".")[0] == "dask" and hasattr(X, "to_delayed")


@dataclass(frozen=True, eq=False)
class Partitions:
    """The partitions of a table or of its labels, each of all columns.

    Attributes:
        given: The collection.
        parts: Its partitions, delayed.
        meta: An empty frame, series or array like them.
    """

    given: Any
    parts: list[Any]
    meta: Any

    @classmethod
    def of(cls, given: Any, name: str, axes: int) -> Partitions:
        """The partitions of a collection.

        Args:
            given: A Dask data frame, series or array.
            name: The argument, for messages.
            axes: How many it must have.

        Raises:
            TypeError: If it is no such collection.
            ValueError: If it has another number of axes, or no column.
        """
        if not is_dask(given):
            raise TypeError(
                f"`{name}` must be a Dask data frame, series or array where the other is, got "
                f"{type(given).__name__}; make one with dask.dataframe.from_pandas or dask.array.from_array"
            )
        if getattr(given, "ndim", None) != axes:
            found = f"a {type(given).__name__} of {getattr(given, 'ndim', 0)}"
            raise ValueError(f"`{name}` must have {axes} {'axis' if axes == 1 else 'axes'}, got {found}")
        if axes == 2 and not given.shape[1]:
            raise ValueError(f"`{name}` is empty: it has 0 feature(s) while a minimum of 1 is required.")
        if not hasattr(given, "chunks"):
            # Simplified: only the columns named are read. Not optimized further: several partitions of a few
            # narrow columns would be read as one.
            parts = given.simplify().to_delayed(optimize_graph=False)
            return cls(given, parts, given._meta)
        whole = given.rechunk({1: -1}) if axes == 2 else given
        # Not optimized: of two arrays with a common source, each would drop what only the other one needs.
        parts = list(whole.to_delayed(optimize_graph=False).ravel())
        return cls(whole, parts, np.empty((0, *given.shape[1:]), given.dtype))

    @property
    def is_frame(self) -> bool:
        """Whether partitions are pandas' frames or series."""
        return hasattr(self.meta, "iloc")

    def aligned(self, labels: Partitions) -> Partitions:
        """The labels in as many partitions as the table.

        Raises:
            ValueError: If that needs lengths that are not known.
        """
        if len(labels.parts) == len(self.parts):
            return labels
        if not self.is_frame and not labels.is_frame and self.given.shape[0] == labels.given.shape[0]:
            return Partitions.of(labels.given.rechunk((self.given.chunks[0],)), "y", 1)
        raise ValueError(
            f"`X` has {len(self.parts)} partitions but `y` has {len(labels.parts)}; they must be cut alike: "
            "take both from one collection, or repartition"
        )

    def grown(self, lengths: NDArray[np.int64], made: Sequence[tuple[Any, int]]) -> Any:
        """A collection of the same kind: these partitions, as they are but numbered anew, then those made.

        Args:
            lengths: Rows of each partition.
            made: Further partitions, delayed, each with its rows.
        """
        delayed, first = import_extra("dask", "scale").delayed(renumber), 0
        parts: list[tuple[Any, int]] = []
        for place, (part, n) in enumerate(zip(self.parts, lengths.tolist(), strict=True)):
            if n:  # an empty one has no place between the index's divisions
                parts.append((delayed(part, first, n, place), n))
            first += n
        parts += made
        if self.is_frame:
            return self._frame(parts)
        array = import_extra("dask.array", "scale")
        width = self.meta.shape[1:]
        return array.concatenate([array.from_delayed(part, (n, *width), meta=self.meta) for part, n in parts])

    def _frame(self, parts: Sequence[tuple[Any, int]]) -> Any:
        ends = np.cumsum([n for _, n in parts])
        divisions = (0, *ends[:-1].tolist(), int(ends[-1]) - 1)
        frame = import_extra("dask.dataframe", "scale")
        meta = self.meta.reset_index(drop=True)
        return frame.from_delayed(
            [part for part, _ in parts], meta=meta, divisions=divisions, verify_meta=False
        )
