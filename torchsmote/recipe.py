"""What a fitted over-sampler allows (Recipe): draws by number, or from a generator."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from .devices import resolve_device
from .draws import Draws, joined, synthesize
from .layout import Layout, Part, Picks
from .origin import Origin
from .random import check_seed, normals, uniforms
from .recipe_file import read_recipe, write_recipe
from .variants import Variant

__all__ = ["Draws", "Origin", "Part", "Picks", "Recipe", "synthesize"]

_MIX_CHUNK = 1 << 20  # normal numbers turned into steps at a time: a bound on what that needs besides
_CHUNK = 32000  # rows drawn at a time on the CPU: below what torch starts threads for


@dataclass(frozen=True, eq=False)
class Recipe:
    """What a fitted over-sampler allows: base rows, their weights and neighbours, the law of the step.

    A recipe holds indices into the table it was fitted on, never rows of it: about ``8 * (k + 2)`` bytes per
    base row. It is immutable, so it can be shared by worker processes.

    Attributes:
        variant: The method's data.
        n_classes: How many classes the labels have, those that stay as they are included.
        rows: Base rows, part after part, int64, shape (b,).
        parts: What is drawn together, in the order of the output, so by class.
        table: Neighbour rows of each base row, int64, shape (b, k); unused columns at the right hold -1.
            None: any other row of the part.
        dtype: Precision of the steps.
        valid: Used columns of each table row, int64, shape (b,); None: all k.
        weights: Weight of each base row in the draw, shape (b,); None: equal.
        repeats: Exact number of synthetic rows of each base row, int64, shape (b,), where the method fixes it
            (ADASYN); None: drawn.
        enemies: Which neighbours are of another class, bool, shape (b, k); None: none is.
        spans: Start and length of the step towards each neighbour, float64, shape (b, k, 2): the variant's
            step t becomes start + length * t. None: 0 and 1.
        origin: What it was fitted on; None where it was put together by hand.

    >>> from torchsmote import SMOTE
    >>> X, y = torch.arange(8.0).reshape(8, 1), [0, 0, 0, 0, 0, 1, 1, 1]
    >>> recipe = SMOTE(k_neighbors=2).recipe(X, y)
    >>> draws = recipe.draw(torch.arange(recipe.n_synthetic), seed=0)
    >>> recipe.n_synthetic, bool((draws.base >= 5).all() and (draws.neighbor >= 5).all())
    (2, True)
    """

    variant: Variant
    n_classes: int
    rows: Tensor
    parts: tuple[Part, ...]
    table: Tensor | None
    dtype: torch.dtype = torch.float32
    valid: Tensor | None = None
    weights: Tensor | None = None
    repeats: Tensor | None = None
    enemies: Tensor | None = None
    spans: Tensor | None = None
    origin: Origin | None = None
    layout: Layout = field(init=False, repr=False)

    def __post_init__(self) -> None:
        layout = Layout.of(self.parts, self.weights, self.repeats, self.rows.device)
        object.__setattr__(self, "layout", layout)

    @property
    def n_new(self) -> tuple[int, ...]:
        """Synthetic rows of each class, in the order of ``classes_``; zeros included."""
        made = [0] * self.n_classes
        for part in self.parts:
            made[part.label] += part.n_new
        return tuple(made)

    @cached_property
    def n_synthetic(self) -> int:
        """How many synthetic rows the recipe makes."""
        return sum(part.n_new for part in self.parts)

    @property
    def recall(self) -> float:
        """Share of the true neighbours in it; 1.0 unless the search of its fit was approximate."""
        return 1.0 if self.origin is None else self.origin.recall

    @property
    def n_normals(self) -> int:
        """Standard normals that a synthetic row needs; 0 for most methods."""
        if self.variant.normal_steps is None or self.table is None:
            return 0
        return int(self.table.shape[1]) + 1

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the recipe to one file, whole or not at all: safetensors, with a checksum of every byte.

        Args:
            path: The file. If it is there, it is replaced once the new one is complete.

        Raises:
            ValueError: If the variant is not in ``VARIANTS``, so that its name means nothing elsewhere.
            OSError: If the file cannot be written, as on a full disk; ``path`` is then as it was.
        """
        write_recipe(path, {one.name: getattr(self, one.name) for one in fields(self) if one.init})

    @classmethod
    def load(cls, path: str | os.PathLike[str], device: torch.device | str | None = None) -> Recipe:
        """Read a recipe that `save` wrote, equal bit for bit.

        On the CPU its tensors are mapped from the file: processes of one machine share its pages.

        Args:
            path: The file.
            device: Where the tensors go; None: they stay on the CPU.

        Raises:
            ValueError: If the file is another one, of a newer format, truncated, or changed in any byte, or
                the device is unknown.
            OSError: If it cannot be read.
        """
        recipe = cls(**read_recipe(path))
        return recipe if device is None else recipe.to(resolve_device(device, recipe.rows.device))

    def to(self, device: torch.device | str) -> Recipe:
        """The same recipe with its tensors on ``device``."""
        names = ("rows", "table", "valid", "weights", "repeats", "enemies", "spans")
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
        return joined((self._draw(part, seed, epoch, attempt) for part in parts), n)

    def _draw(self, indices: Tensor, seed: int, epoch: int, attempt: int) -> Draws:
        device = self.rows.device
        numbers = uniforms(indices, seed, epoch, attempt=attempt)
        v = normal = None
        if self.variant.second_uniform:
            v = uniforms(indices, seed, epoch, attempt=attempt, block=1)[0].to(device)
        if self.n_normals:
            normal = normals(indices, self.n_normals, seed, epoch, attempt=attempt).to(device)
        return self.draws(self.pick(indices.to(device), numbers.to(device), v, normal))

    def draw_from(self, generator: torch.Generator, indices: Tensor | None = None) -> Draws:
        """Draw the given synthetic rows, all by default, with numbers of a torch.Generator on its device."""
        if indices is None:
            indices = torch.arange(self.n_synthetic, device=self.rows.device)
        own, n = generator.device, indices.numel()
        shape = (4 if self.variant.second_uniform else 3, n)
        numbers = torch.rand(shape, generator=generator, dtype=torch.float64, device=own)
        numbers, normal = numbers.to(self.rows.device), None
        if self.n_normals:
            normal = torch.randn((n, self.n_normals), generator=generator, dtype=torch.float64, device=own)
            normal = normal.to(self.rows.device)
        return self.draws(self.pick(indices, numbers[:3], numbers[3] if len(numbers) == 4 else None, normal))

    def pick(
        self, indices: Tensor, numbers: Tensor, v: Tensor | None = None, normal: Tensor | None = None
    ) -> Picks:
        """Turn random numbers into choices by inverse CDF.

        Args:
            indices: Which synthetic rows, int64, shape (n,).
            numbers: Uniforms in [0, 1) for base, column and step, float64, shape (3, n).
            v: The step's second uniform, shape (n,).
            normal: The normals of the step, shape (n, k + 1).
        """
        part = self.layout.part(indices)
        labels = self.layout.label.index_select(0, part)
        position = self.layout.position(indices, part, numbers[0])
        if self.table is None:
            column = self.layout.other(position, part, numbers[1])
        else:
            columns = self.table.shape[1] if self.valid is None else self.valid.index_select(0, position)
            column = (numbers[1] * columns).long()
        return Picks(position, column, numbers[2], v, labels, normal)

    def draws(self, picks: Picks) -> Draws:
        """Look the choices up in the tables."""
        base = self.rows.index_select(0, picks.position)
        if picks.normals is not None:
            n, step = len(base), max(1, _MIX_CHUNK // picks.normals.shape[1])
            parts = (slice(start, start + step) for start in range(0, max(1, n), step))
            return joined((self._draws_of_all(base[part], picks, part) for part in parts), n)
        u, v = picks.u, picks.u if picks.v is None else picks.v
        if self.table is None:
            steps = self.variant.step(u, v, torch.zeros_like(u, dtype=torch.bool))
            neighbors = self.rows.index_select(0, picks.column)
        else:
            cell = picks.position * self.table.shape[1] + picks.column
            enemy = (
                self.enemies.flatten().index_select(0, cell)
                if self.enemies is not None
                else torch.zeros_like(u, dtype=torch.bool)
            )
            steps = self.variant.step(u, v, enemy)
            if self.spans is not None:
                start, length = self.spans.reshape(-1, 2).index_select(0, cell).unbind(1)
                steps = start + length * steps
            neighbors = self.table.flatten().index_select(0, cell)
        return Draws(base, neighbors.unsqueeze(1), steps.to(self.dtype).unsqueeze(1), picks.labels)

    def _draws_of_all(self, base: Tensor, picks: Picks, part: slice) -> Draws:
        """Draws that mix all neighbours of a row; a missing one is the row itself, with a step of 0."""
        assert self.table is not None
        assert self.variant.normal_steps is not None
        assert picks.normals is not None
        neighbors = self.table.index_select(0, picks.position[part])
        there = neighbors >= 0
        steps = torch.where(there, self.variant.normal_steps(picks.normals[part], there), 0.0)
        neighbors = torch.where(there, neighbors, base.unsqueeze(1))
        return Draws(base, neighbors, steps.to(self.dtype), picks.labels[part])
