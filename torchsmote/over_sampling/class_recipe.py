"""The recipe of one class or of a part of it, the search behind it, and how all of them become one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor

from ..devices import on_host
from ..exceptions import FewSamplesWarning
from ..neighbors import neighbors_among
from ..recipe import Part, Recipe
from ..variants import Variant
from .neighbor_argument import count_of

__all__ = ["ClassRecipe", "NeighborSearch", "assemble"]


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


@dataclass(frozen=True, eq=False)
class NeighborSearch:
    """The search of one fit: the same rows, the same messages, whatever finds the neighbours.

    Attributes:
        rows: The table, floating point, shape (n, d).
        backend: See `knn`.
        owner: Name of the resampler, for messages.
        few_samples: What to do when there are fewer rows than k + 1: "raise", "shrink" or "duplicate".
        group: What the rows that are searched together are called in messages.
    """

    rows: Tensor
    backend: str
    owner: str
    few_samples: str = "raise"
    group: str = "class"

    @cached_property
    def on_host(self) -> NDArray[Any]:
        """The table for estimators that are not ours: float32 or float64, shape (n, d)."""
        return on_host(self.rows)

    def nearest(self, neighbors: Any, queries: Tensor, references: Tensor | None, argument: str) -> Tensor:
        """Neighbours of table rows among table rows (None: all), each without itself, shape (q, k).

        Raises:
            ValueError: If there are fewer than k others.
        """
        n = len(self.rows) if references is None else len(references)
        k = count_of(neighbors)
        if n < k + 1:
            raise ValueError(
                f"{self.owner}: the table has {n} rows but {argument}={k} needs {k + 1}; "
                f"lower {argument} to {n - 1}"
            )
        if hasattr(neighbors, "kneighbors"):
            return self._by_estimator(neighbors, queries, references)
        return self._found(k, queries, references)

    def nearest_of_class(
        self, neighbors: Any, queries: Tensor, members: Tensor, label: Any, argument: str, *, place: str = ""
    ) -> Tensor:
        """Neighbours of a class's rows within the class, shape (q, k); fewer columns for few samples.

        ``place`` says in messages where the members are, if they are not all of the class.
        """
        n, k = len(members), count_of(neighbors)
        if n >= k + 1:
            return self.nearest(neighbors, queries, members, argument)
        shortage = (
            f"{self.owner}: {self.group} {label!r}{place} has {n} samples but {argument}={k} needs {k + 1}"
        )
        if self.few_samples == "raise":
            lower = f'lower {argument} to {n - 1}, set few_samples="shrink"'
            remedy = lower if n > 1 else 'set few_samples="duplicate"'
            raise ValueError(f"{shortage}; {remedy} or collect more")
        if self.few_samples == "shrink" and n > 1:
            warnings.warn(f"{shortage}; its {n - 1} other samples are used", FewSamplesWarning, stacklevel=6)
            fewer = clone(neighbors).set_params(n_neighbors=n) if hasattr(neighbors, "kneighbors") else n - 1
            return self.nearest(fewer, queries, members, argument)
        warnings.warn(f"{shortage}; its samples are repeated as they are", FewSamplesWarning, stacklevel=6)
        return queries.unsqueeze(1)

    def _found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """The k nearest, where there are that many."""
        return neighbors_among(
            self.rows, k, queries=queries, references=references, backend=self.backend
        ).indices

    def _by_estimator(self, estimator: Any, queries: Tensor, references: Tensor | None) -> Tensor:
        host = self.on_host
        chosen: Any = slice(None) if references is None else references.cpu().numpy()
        fitted = clone(estimator).fit(host[chosen])
        columns = fitted.kneighbors(host[queries.cpu().numpy()], return_distance=False)
        found = torch.as_tensor(columns, device=queries.device)
        if references is not None:
            found = references[found]
        # The row itself may stand in any column, or in none where it has twins: then the last one goes.
        itself = found == queries.unsqueeze(1)
        itself[:, -1] |= ~itself.any(1)
        return found[~itself].reshape(len(found), -1)


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
