"""One tensor of a dataset, and how the rows of a plan are taken from it and mixed.

On the CPU the rows are copied by numpy: a take or a put of some hundred rows costs half of torch's
``index_select`` and ``index_copy_``, and numpy starts no threads, which on a busy machine wait longer than
such a copy takes. The interpolation itself is torch's everywhere, so that all doors round alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import torch
from numpy.typing import NDArray
from torch import Tensor

from ..draws import blend
from ..neighbors.streamed import is_streamed
from .plan import Plan, Rows

__all__ = ["Column", "column_of", "without_gradient"]

_SHARED = frozenset(
    (torch.float32, torch.float64, torch.float16, torch.int64, torch.int32, torch.uint8, torch.bool)
)


_GRAIN = 32767  # elements; torch starts threads above, and a busy machine lets them wait for each other
_MANY = 1 << 20  # elements that are worth threads


class Column(Protocol):
    """A tensor of shape (n, ...)."""

    values: Tensor

    def take(self, rows: Rows) -> Tensor:
        """Those rows in new memory, shape (b, ...)."""
        ...

    def mix(self, plan: Plan) -> Tensor:
        """The samples of a plan in new memory, shape (b, ...).

        A real sample is only copied, so an inf or NaN in it stays as it is.
        """
        ...


def without_gradient(values: Tensor) -> Tensor:
    """The tensor outside any graph of gradients.

    One of no graph is not even detached: tensordict's memory-mapped tensors would forget their file by it,
    and could then be sent to no worker process.
    """
    return values.detach() if values.requires_grad else values


def column_of(values: Any) -> Column:
    """The column for a tensor: by numpy where that can read it in place, else by torch.

    A table that is read block by block has one too.
    """
    if is_streamed(values):
        return _StreamedColumn(values)
    values = without_gradient(values)
    # numpy would first copy the whole of a tensor that is not contiguous.
    if values.is_cpu and values.dtype in _SHARED and values.is_contiguous():
        return _HostColumn(values)
    return _TorchColumn(values)


class _HostColumn:
    def __init__(self, values: Tensor) -> None:
        self.values = values
        self._cached, self._address = values.numpy(), values.data_ptr()

    def __reduce__(self) -> tuple[type[_HostColumn], tuple[Tensor]]:
        return _HostColumn, (self.values,)

    @property
    def _array(self) -> NDArray[Any]:
        """The tensor as an array, made once: each .numpy() costs some microseconds.

        A tensor that is sent to a spawned process moves into shared memory, and what an array made before
        points to is freed.
        """
        if self._address != self.values.data_ptr():
            self._cached, self._address = self.values.numpy(), self.values.data_ptr()
        return self._cached

    def take(self, rows: Rows) -> Tensor:
        return torch.from_numpy(self._array.take(rows, 0))

    def mix(self, plan: Plan) -> Tensor:
        array = self._array
        made = array.take(plan.base, 0)
        own = made.take(plan.synthetic, 0)
        target, others = torch.from_numpy(own), torch.from_numpy(array.take(plan.neighbors, 0))
        piece = max(1, _GRAIN // max(1, own[:1].size)) if own.size <= _MANY else len(own)
        for base, neighbors, steps in _pieces(piece, target, others, plan.steps):
            blend(base, neighbors, steps, out=base)
        made[plan.synthetic] = own
        return torch.from_numpy(made)


class _TorchColumn:
    def __init__(self, values: Tensor) -> None:
        self.values = values

    def take(self, rows: Rows) -> Tensor:
        return self.values.index_select(0, self._here(rows))

    def mix(self, plan: Plan) -> Tensor:
        made = self.take(plan.base)
        synthetic = self._here(plan.synthetic)
        others = self.take(plan.neighbors.ravel()).unflatten(0, plan.neighbors.shape)
        steps = plan.steps.to(self.values.device, non_blocking=True)
        return made.index_copy_(0, synthetic, blend(made.index_select(0, synthetic), others, steps))

    def _here(self, rows: Rows) -> Tensor:
        return torch.from_numpy(rows).to(self.values.device, non_blocking=True)


class _StreamedColumn(_TorchColumn):
    """Of a table that is not in memory: only the rows asked for are read."""

    values: Any

    def take(self, rows: Rows) -> Tensor:
        taken: Tensor = self.values.take(rows)
        return taken


def _pieces(size: int, *values: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """Tensors of equal length cut alike."""
    return (
        [values] if len(values[0]) <= size else zip(*(tensor.split(size) for tensor in values), strict=True)
    )
