"""What a fitted over-sampler allows (Recipe): draws by number, or from a generator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .draws import Draws, synthesize
from .random import check_seed, uniforms
from .variants import Variant

__all__ = ["Draws", "Picks", "Recipe", "synthesize"]

_CHUNK = 32000  # rows drawn at a time on the CPU: below what torch starts threads for


class Picks(NamedTuple):
    """Choices inside a recipe: which base, which column of its neighbour table, which uniforms.

    Attributes:
        position: Index into ``recipe.rows``, int64, shape (n,).
        column: Column of the neighbour table, int64, shape (n,).
        u: First uniform of the step, float64, shape (n,).
        v: Second uniform, float64, shape (n,), or None where the variant does not read it.
        labels: Position in ``classes_``, int64, shape (n,).
    """

    position: Tensor
    column: Tensor
    u: Tensor
    v: Tensor | None
    labels: Tensor


@dataclass(frozen=True, eq=False)
class Recipe:
    """What a fitted over-sampler allows: base rows, their weights and neighbours, the law of the step.

    A recipe holds indices into the table it was fitted on, never rows of it: about ``8 * (k + 2)`` bytes per
    base row. It is immutable, so it can be shared by worker processes.

    Attributes:
        variant: The method's data.
        n_new: Synthetic rows of each class, in the order of ``classes_``; zeros included.
        rows: Base rows, grouped by class in that order, int64, shape (b,).
        sizes: How many of ``rows`` belong to each class.
        table: Neighbour rows of each base row, int64, shape (b, k); unused columns at the right hold -1.
        dtype: Precision of the steps.
        valid: Used columns of each table row, int64, shape (b,); None: all k.
        weights: Weight of each base row in the draw, shape (b,); None: equal.
        repeats: Exact number of synthetic rows of each base row, int64, shape (b,), where the method fixes it
            (ADASYN); None: drawn.
        enemies: Which neighbours are of another class, bool, shape (b, k); None: none is.

    >>> from torchsmote import SMOTE
    >>> X, y = torch.arange(8.0).reshape(8, 1), [0, 0, 0, 0, 0, 1, 1, 1]
    >>> recipe = SMOTE(k_neighbors=2).recipe(X, y)
    >>> draws = recipe.draw(torch.arange(recipe.n_synthetic), seed=0)
    >>> recipe.n_synthetic, bool((draws.base >= 5).all() and (draws.neighbor >= 5).all())
    (2, True)
    """

    variant: Variant
    n_new: tuple[int, ...]
    rows: Tensor
    sizes: tuple[int, ...]
    table: Tensor
    dtype: torch.dtype = torch.float32
    valid: Tensor | None = None
    weights: Tensor | None = None
    repeats: Tensor | None = None
    enemies: Tensor | None = None
    _first: Tensor = field(init=False, repr=False)  # (c,) first position of each class in rows
    _size: Tensor = field(init=False, repr=False)  # (c,) sizes
    _end: Tensor = field(init=False, repr=False)  # (c,) running total of n_new
    _running: Tensor | None = field(init=False, repr=False)  # (b,) running total of repeats or weights

    def __post_init__(self) -> None:
        device = self.rows.device
        size = torch.tensor(self.sizes, dtype=torch.int64)
        running = self.weights if self.repeats is None else self.repeats
        derived = {
            "_size": size.to(device),
            "_first": (size.cumsum(0) - size).to(device),
            "_end": torch.tensor(self.n_new, dtype=torch.int64).cumsum(0).to(device),
            # Summed on the host, so that every device rounds, and so draws, alike.
            "_running": None if running is None else running.cpu().cumsum(0).to(device),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def n_synthetic(self) -> int:
        """How many synthetic rows the recipe makes."""
        return sum(self.n_new)

    def to(self, device: torch.device | str) -> Recipe:
        """The same recipe with its tensors on ``device``."""
        names = ("rows", "table", "valid", "weights", "repeats", "enemies")
        moved: dict[str, Any] = {}
        for name in names:
            values = getattr(self, name)
            moved[name] = None if values is None else values.to(device)
        return replace(self, **moved)

    def draw(self, indices: Tensor, seed: int, epoch: int = 0, *, attempt: int = 0) -> Draws:
        """Draw synthetic rows by number: a pure function of (seed, epoch, index).

        Args:
            indices: Which synthetic rows, int64, shape (n,), each in [0, n_synthetic).
            seed: In [0, 2**64).
            epoch: In [0, 2**32).
            attempt: A further independent draw of the same row, for redraws.

        Returns:
            The draws, in the order of ``indices``.

        Raises:
            IndexError: If an index is outside the recipe (checked for CPU indices only: on CUDA the check
                would make the host wait).
            TypeError: If ``indices`` is not an int64 tensor of one axis.
        """
        if not isinstance(indices, Tensor) or indices.dtype != torch.int64 or indices.dim() != 1:
            got = f"{indices.dtype} {tuple(indices.shape)}" if isinstance(indices, Tensor) else type(indices)
            raise TypeError(f"`indices` must be an int64 tensor of shape (n,), got {got}")
        seed, n = check_seed(seed), indices.numel()
        if indices.device.type == "cpu" and n:
            low, high = int(indices.numpy().min()), int(indices.numpy().max())
            if low < 0 or high >= self.n_synthetic:
                wrong = low if low < 0 else high
                raise IndexError(f"`indices` must be in [0, {self.n_synthetic}), got {wrong}")
        if indices.device.type != "cpu" or n <= _CHUNK:
            return self._draw(indices, seed, epoch, attempt)
        parts = (indices[start : start + _CHUNK] for start in range(0, n, _CHUNK))
        return _join((self._draw(part, seed, epoch, attempt) for part in parts), n)

    def _draw(self, indices: Tensor, seed: int, epoch: int, attempt: int) -> Draws:
        device = self.rows.device
        numbers = uniforms(indices, seed, epoch, attempt=attempt)
        v = None
        if self.variant.second_uniform:
            v = uniforms(indices, seed, epoch, attempt=attempt, block=1)[0].to(device)
        return self.draws(self.pick(indices.to(device), numbers.to(device), v))

    def draw_from(self, generator: torch.Generator, indices: Tensor | None = None) -> Draws:
        """Draw the given synthetic rows, all by default, with numbers of a torch.Generator on its device."""
        if indices is None:
            indices = torch.arange(self.n_synthetic, device=self.rows.device)
        shape = (4 if self.variant.second_uniform else 3, indices.numel())
        numbers = torch.rand(shape, generator=generator, dtype=torch.float64, device=generator.device)
        numbers = numbers.to(self.rows.device)
        return self.draws(self.pick(indices, numbers[:3], numbers[3] if len(numbers) == 4 else None))

    def pick(self, indices: Tensor, numbers: Tensor, v: Tensor | None = None) -> Picks:
        """Turn uniform numbers into choices by inverse CDF.

        Args:
            indices: Which synthetic rows, int64, shape (n,).
            numbers: Uniforms in [0, 1) for base, column and step, float64, shape (3, n).
            v: The step's second uniform, shape (n,).
        """
        growing = [label for label, n_new in enumerate(self.n_new) if n_new]
        labels = torch.full_like(indices, growing[0]) if len(growing) == 1 else _place(self._end, indices)
        first, size = self._first.index_select(0, labels), self._size.index_select(0, labels)
        if self.repeats is not None:
            assert self._running is not None
            position = _place(self._running, indices)
        elif self._running is None:
            position = first + (numbers[0] * size).long()
        else:
            total = torch.cat((self._running.new_zeros(1), self._running)).double()
            low, high = total.index_select(0, first), total.index_select(0, first + size)
            position = _place(total[1:], low + numbers[0] * (high - low))
            # Rounding of the product can reach the class's total; its last row has a weight above 0.
            position = torch.minimum(position, first + size - 1)
        columns = self.table.shape[1] if self.valid is None else self.valid.index_select(0, position)
        return Picks(position, (numbers[1] * columns).long(), numbers[2], v, labels)

    def draws(self, picks: Picks) -> Draws:
        """Look the choices up in the tables."""
        cell = picks.position * self.table.shape[1] + picks.column
        u = picks.u
        v = u if picks.v is None else picks.v
        enemy = (
            self.enemies.flatten().index_select(0, cell)
            if self.enemies is not None
            else torch.zeros_like(u, dtype=torch.bool)
        )
        steps = self.variant.step(u, v, enemy).to(self.dtype)
        neighbors = self.table.flatten().index_select(0, cell)
        return Draws(
            self.rows.index_select(0, picks.position),
            neighbors.unsqueeze(1),
            steps.unsqueeze(1),
            picks.labels,
        )


def _place(ends: Tensor, values: Tensor) -> Tensor:
    """For each value, how many of the ascending ``ends`` are at or below it."""
    if values.is_cpu:
        # torch's starts threads from 200 values on, which on a busy machine wait longer than they work.
        return torch.from_numpy(np.searchsorted(ends.numpy(), values.numpy(), side="right"))
    return torch.searchsorted(ends, values, right=True)


def _join(parts: Iterable[Draws], n: int) -> Draws:
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
