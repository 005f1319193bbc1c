"""The recipe of one class or of a part of it, and how all of them become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ..recipe import Part, Recipe
from ..variants import Variant

__all__ = ["ClassRecipe", "assemble"]


@dataclass(frozen=True, eq=False)
class ClassRecipe:
    """What one class allows, or a part of its rows that is drawn from apart.

    Attributes:
        label: The class, as a position in ``classes_``.
        rows: Base rows, int64, shape (b,).
        table: Their neighbours, int64, shape (b, k); -1 at the right where a row has fewer. None: any other
            of ``rows``.
        n_new: Synthetic rows to make.
        weights: Weight of each base row in the draw, shape (b,); None: equal.
        repeats: Exact synthetic rows of each base row, shape (b,); None: drawn.
        enemies: Which neighbours are of another class, bool, shape (b, k); None: none is.
        spans: Start and length of the step towards each neighbour, float64, shape (b, k, 2); None: 0 and 1.
    """

    label: int
    rows: Tensor
    table: Tensor | None
    n_new: int
    weights: Tensor | None = None
    repeats: Tensor | None = None
    enemies: Tensor | None = None
    spans: Tensor | None = None

    def restricted(self, allowed: Tensor) -> ClassRecipe:
        """The same with those neighbours alone that ``allowed`` marks, bool, shape (b, k).

        Base rows that have none left are no base any more.
        """
        assert self.table is not None
        base = allowed.any(1)
        # The allowed ones move to the left, in their order.
        there, order = allowed[base].to(torch.uint8).sort(dim=1, descending=True, stable=True)
        moved: dict[str, Any] = {
            name: values[base].gather(1, order)
            for name, values in (("table", self.table), ("enemies", self.enemies))
            if values is not None
        }
        if self.spans is not None:
            moved["spans"] = self.spans[base].take_along_dim(order.unsqueeze(2), 1)
        moved["table"] = torch.where(there.bool(), moved["table"], -1)
        kept: dict[str, Any] = {
            name: values[base]
            for name, values in (("weights", self.weights), ("repeats", self.repeats))
            if values is not None
        }
        return replace(self, rows=self.rows[base], **moved, **kept)


def assemble(
    parts: Sequence[ClassRecipe],
    n_classes: int,
    variant: Variant,
    dtype: torch.dtype,
    device: torch.device,
) -> Recipe:
    """Join the recipes of classes, and of parts of classes, given in the order of the output."""
    if not parts:
        nothing = torch.empty(0, dtype=torch.int64, device=device)
        return Recipe(variant, n_classes, nothing, (), nothing.reshape(0, 1), dtype)
    table = _joined([part.table for part in parts], -1)
    valid = None if table is None else (table >= 0).sum(1)
    if table is not None and valid is not None and bool((valid == table.shape[1]).all()):
        valid = None
    return Recipe(
        variant,
        n_classes,
        torch.cat([part.rows for part in parts]),
        tuple(Part(part.label, len(part.rows), part.n_new) for part in parts),
        table,
        dtype,
        valid=valid,
        weights=_joined(_all_or_none(parts, "weights", 1)),
        repeats=_joined([part.repeats for part in parts]),
        enemies=_joined(_all_or_none(parts, "enemies", False), False),
        spans=_joined(_all_or_none(parts, "spans", (0.0, 1.0)), 0.0),
    )


def _all_or_none(parts: Sequence[ClassRecipe], name: str, absent: Any) -> list[Tensor | None]:
    """What each part has of that name; where only some have it, the others get what its absence means."""
    values: list[Tensor | None] = [getattr(part, name) for part in parts]
    like = next((value for value in values if value is not None), None)
    if like is None:
        return values
    single = torch.tensor(absent, dtype=like.dtype, device=like.device)
    return [
        single.expand(
            part.rows.shape if part.table is None or like.dim() == 1 else (*part.table.shape, *single.shape)
        )
        if value is None
        else value
        for part, value in zip(parts, values, strict=True)
    ]


def _joined(values: Sequence[Tensor | None], missing: float = 0.0) -> Tensor | None:
    """One below the other; a narrow one is filled up at the right."""
    given = [value for value in values if value is not None]
    if not given:
        return None
    if given[0].dim() == 1:
        return torch.cat(given)
    width = max(value.shape[1] for value in given)
    if all(value.shape[1] == width for value in given):
        return torch.cat(given)
    return torch.cat([_widened(value, width, missing) for value in given])


def _widened(values: Tensor, width: int, missing: float) -> Tensor:
    wide = values.new_full((len(values), width, *values.shape[2:]), missing)
    wide[:, : values.shape[1]] = values
    return wide
