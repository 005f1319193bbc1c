"""What was drawn for each synthetic row (Draws), and the rows that follow from it (synthesize)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

__all__ = ["Draws", "Make", "Shifted", "blend", "joined", "synthesize", "synthesize_shifted"]

_CHUNK_BYTES = 1 << 19  # rows written at a time, so that base, neighbour and result stay in cache
_DEVICE_CHUNK_BYTES = 64 << 20  # on a device, where only the m neighbours of each row need a bound


class Draws(NamedTuple):
    """What was drawn for each synthetic row: some 28 bytes a row, whatever its width.

    A synthetic row is ``x[base] + sum_j steps[:, j] * (x[neighbors[:, j]] - x[base])``.

    Attributes:
        base: Row of the base sample, int64, shape (n_new,).
        neighbors: Rows it is mixed with, int64, shape (n_new, m); m is 1 for the SMOTE family.
        steps: How far towards each neighbour, in X's precision, shape (n_new, m).
        labels: Class of the synthetic row as a position in ``classes_``, int64, shape (n_new,).

    >>> one = Draws(torch.tensor([0]), torch.tensor([[1]]), torch.tensor([[0.5]]), torch.tensor([0]))
    >>> one.neighbor, one.step
    (tensor([1]), tensor([0.5000]))
    """

    base: Tensor
    neighbors: Tensor
    steps: Tensor
    labels: Tensor

    @property
    def neighbor(self) -> Tensor:
        """The one neighbour of each row, shape (n_new,); only where m is 1."""
        return self._only(self.neighbors, "neighbor")

    @property
    def step(self) -> Tensor:
        """The one step of each row, shape (n_new,); only where m is 1."""
        return self._only(self.steps, "step")

    def _only(self, values: Tensor, name: str) -> Tensor:
        if values.shape[1] != 1:
            raise ValueError(f"`{name}` needs one neighbour a row, but these draws have {values.shape[1]}")
        return values[:, 0]


class Make(Protocol):
    """How rows follow from what was drawn of each: from a named tuple whose tensors have one entry a row.

    ``synthesize`` is the plainest one, of `Draws`. Others take a tuple that begins with their four fields.
    """

    def __call__(self, X: Tensor, drawn: Any, /, *, out: Tensor | None = None) -> Tensor:
        """The rows, shape (n_new, d), written to ``out`` where it is given."""


def synthesize(X: Tensor, draws: Draws, *, out: Tensor | None = None) -> Tensor:
    """Make the rows that were drawn: ``x[base] + sum_j steps_j * (x[neighbors_j] - x[base])``.

    With one neighbour this is ``torch.lerp``: exact where base and neighbour agree, so a column that is
    constant in both stays exactly constant. Differentiable with respect to ``X`` where ``out`` is None.

    Args:
        X: Rows, floating point, shape (n, ...).
        draws: What was drawn from the table whose rows ``X`` holds.
        out: Where to write, shape (n_new, ...), dtype of ``X``; then no gradient is recorded.

    Returns:
        Synthetic rows, shape (n_new, ...), dtype and device of ``X``.

    Raises:
        TypeError: If ``X`` is not floating point.

    >>> X = torch.tensor([[0.0, 0.0], [2.0, 4.0]])
    >>> one = Draws(torch.tensor([0]), torch.tensor([[1]]), torch.tensor([[0.5]]), torch.tensor([0]))
    >>> synthesize(X, one)
    tensor([[1., 2.]])
    """
    if not X.is_floating_point():
        raise TypeError(f"`X` must be floating point to be interpolated, got {X.dtype}")
    # A compiled step fuses the formula itself; a loop over pieces would tie its graph to one number of rows.
    whole = torch.compiler.is_compiling() or (torch.is_grad_enabled() and X.requires_grad)
    if out is None and whole:
        return _mix(X, draws)
    n_new = draws.base.shape[0]
    if out is None:
        out = X.new_empty((n_new, *X.shape[1:]))
    chunk = _rows_at_a_time(X, draws)
    with torch.no_grad():
        for start in range(0, n_new, chunk):
            part = slice(start, start + chunk)
            rows = Draws(*(values[part] for values in draws))
            _mix(X, rows, out[part])
    return out


class Shifted(NamedTuple):
    """`Draws`, and what is added to each row.

    Attributes:
        base: As in `Draws`.
        neighbors: As in `Draws`.
        steps: As in `Draws`.
        labels: As in `Draws`.
        shift: Shape (n_new, ...), dtype of X.
    """

    base: Tensor
    neighbors: Tensor
    steps: Tensor
    labels: Tensor
    shift: Tensor


def synthesize_shifted(X: Tensor, drawn: Shifted, /, *, out: Tensor | None = None) -> Tensor:
    """Make the rows that were drawn and add their shifts.

    >>> X, at = torch.tensor([[0.0], [2.0]]), torch.tensor
    >>> synthesize_shifted(X, Shifted(at([0]), at([[1]]), at([[0.5]]), at([0]), at([[0.1]])))
    tensor([[1.1000]])
    """
    return synthesize(X, Draws(*drawn[:4]), out=out).add_(drawn.shift)


def _rows_at_a_time(X: Tensor, draws: Draws) -> int:
    n_new, m = draws.neighbors.shape
    if X.is_cuda and m == 1:
        return max(1, n_new)
    row = max(1, m * (X[0].numel() if X.shape[0] else 1)) * X.element_size()
    return max(1, (_DEVICE_CHUNK_BYTES if X.is_cuda else _CHUNK_BYTES) // row)


def joined(parts: Iterable[Draws], n: int) -> Draws:
    """Draws written behind one another; ``torch.cat`` would need them all twice."""
    whole: Draws | None = None
    start = 0
    for part in parts:
        if whole is None:
            whole = Draws(*(values.new_empty(n, *values.shape[1:]) for values in part))
        end = start + len(part.base)
        for values, into in zip(part, whole, strict=True):
            into[start:end] = values
        start = end
    assert whole is not None
    return whole


def blend(base: Tensor, neighbors: Tensor, steps: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The formula itself, on values: ``base + sum_j steps_j * (neighbors_j - base)``.

    Args:
        base: Shape (n, ...), floating point.
        neighbors: Shape (n, m, ...), dtype of ``base``.
        steps: Shape (n, m), any floating dtype.
        out: Where to write, like ``base``; it may be ``base`` itself.

    Returns:
        Shape (n, ...), dtype and device of ``base``.
    """
    m = steps.shape[1]
    # Each call costs some microseconds when its code is out of the cache, so none is made that is not needed.
    weights = steps if steps.dtype == base.dtype else steps.to(base.dtype)
    if base.dim() != 2 or m > 1:
        weights = weights.reshape(-1, m, *[1] * (base.dim() - 1))
    if m == 1:
        weights = weights if base.dim() == 2 else weights.squeeze(1)
        return torch.lerp(base, neighbors.squeeze(1), weights, out=out)
    mixed = base + (weights * (neighbors - base.unsqueeze(1))).sum(1)
    return mixed if out is None else out.copy_(mixed)


def _mix(X: Tensor, draws: Draws, out: Tensor | None = None) -> Tensor:
    n, m = draws.neighbors.shape
    neighbors = X.index_select(0, draws.neighbors.flatten()).reshape(n, m, *X.shape[1:])
    return blend(X.index_select(0, draws.base), neighbors, draws.steps, out=out)
