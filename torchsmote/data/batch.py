"""A batch that is already made: torch's default collate hands it on as it is, others see ordinary tuples.

`torch.utils.data.default_collate` looks functions up by the type of a batch's first element; registering one
for a type of one's own is its documented extension point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from torch import Tensor
from torch.utils.data._utils.collate import collate, default_collate_fn_map

from .plan import Provenance

__all__ = ["Batch", "Column", "Row"]

Column = Tensor | Provenance


class Row(tuple[Any, ...]):
    """One sample of a `Batch`: a tuple whose type tells default_collate where it comes from."""

    __slots__ = ()


class Batch(Sequence[Row]):
    """Samples of a batch of which only the stacked columns exist.

    Args:
        columns: Each of shape (b, ...); a `Provenance` of such.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = list(columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(self)[index]
        return Row(_at(column, index) for column in self.columns)

    def __iter__(self) -> Iterator[Row]:
        return map(Row, zip(*(_split(column) for column in self.columns), strict=True))


def _at(column: Column, index: int) -> Any:
    if isinstance(column, Provenance):
        return Provenance(*(values[index] for values in column))
    return column[index]


def _split(column: Column) -> Any:
    if isinstance(column, Provenance):
        return map(Provenance, *(values.unbind(0) for values in column))
    return column.unbind(0)


def _collate_rows(batch: Sequence[Row], *, collate_fn_map: Any = None) -> Any:
    if isinstance(batch, Batch):
        return batch.columns
    return collate([tuple(row) for row in batch], collate_fn_map=collate_fn_map)


default_collate_fn_map[Row] = _collate_rows
