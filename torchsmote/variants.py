"""The variants as data: which neighbours count, how much a base row weighs, what the step is.

Each function is elementwise on tensors, so the same three run over a whole table at fit time and over one
batch of embeddings inside a compiled training step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

__all__ = ["VARIANTS", "Relation", "Variant"]

Relation = Literal["none", "same", "any", "enemies", "part"]


@dataclass(frozen=True)
class Variant:
    """What sets one over-sampling method apart from another.

    Attributes:
        name: Its key in ``VARIANTS``; what a saved recipe stores.
        relation: Which rows may be neighbours: the nearest of the same class ("same"), of all rows ("any"),
            those of another class among the nearest of all ("enemies"), any other base row that is drawn
            together with this one ("part"), or none (the row itself is copied).
        weight: From a base row's count of enemies (neighbours of another class) among its m nearest rows of
            all classes, and m, its weight in the draw; a row of weight 0 is never a base. None: all weigh 1.
        step: From two independent uniforms u and v, and whether the neighbour is an enemy, the step.
        second_uniform: Whether ``step`` reads v and the enemy flag.
        normal_steps: From standard normals, shape (n, k + 1), and which of its k neighbours each row has,
            bool, shape (n, k), a step towards each of them: then a row is mixed from all at once. None: from
            one, by ``step``.
        spans: From the safe levels of base and neighbour (rows of its own class among the m nearest of all),
            int64, shapes that broadcast, the start and length of the step between them, float64, with a last
            axis of 2: the step t of ``step`` becomes start + length * t. None: 0 and 1.
    """

    name: str
    relation: Relation
    weight: Callable[[Tensor, int | Tensor], Tensor] | None
    step: Callable[[Tensor, Tensor, Tensor], Tensor]
    second_uniform: bool = False
    normal_steps: Callable[[Tensor, Tensor], Tensor] | None = None
    spans: Callable[[Tensor, Tensor], Tensor] | None = None


def _in_danger(enemies: Tensor, m: int | Tensor) -> Tensor:
    """1 where at least half, but not all, of the m nearest rows are enemies (Han, Wang and Mao 2005)."""
    return ((2 * enemies >= m) & (enemies < m)).to(torch.int64)


def _share_of_enemies(enemies: Tensor, m: int | Tensor) -> Tensor:
    """The count itself: the draw only needs weights up to a factor (He, Bai, Garcia and Li 2008)."""
    return enemies


def _stay(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    return torch.zeros_like(u)


def _along(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    return u


def _along_but_half_way_to_enemies(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    """Borderline-2 takes a further factor from U(0, 0.5) towards a row of another class."""
    return torch.where(enemy, u * (0.5 * v), u)


VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant("random", "none", None, _stay),
        Variant("smote", "same", None, _along),
        Variant("borderline-1", "same", _in_danger, _along),
        Variant("borderline-2", "any", _in_danger, _along_but_half_way_to_enemies, second_uniform=True),
        Variant("adasyn", "same", _share_of_enemies, _along),
        Variant("mesh", "part", None, _along),
    )
}
