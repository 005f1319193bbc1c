"""What was decoded last, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from torch import Tensor

__all__ = ["PieceCache"]


class PieceCache:
    """Keeps the tensors asked for last; a single one that is larger than the bound is not kept.

    Args:
        limit: Bytes.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._kept: OrderedDict[Hashable, Tensor] = OrderedDict()

    @property
    def held(self) -> int:
        """Bytes that are kept now."""
        return sum(values.nbytes for values in self._kept.values())

    def get(self, key: Hashable, make: Callable[[], Tensor]) -> Tensor:
        """The tensor of a key, made where it is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        values = make()
        if values.nbytes <= self.limit:
            self._kept[key] = values
            while self.held > self.limit:
                self._kept.popitem(last=False)
        return values
