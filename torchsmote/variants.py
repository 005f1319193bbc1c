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


def _has_enemy(enemies: Tensor, m: int | Tensor) -> Tensor:
    """1 where at least one of the m nearest rows is an enemy."""
    return (enemies > 0).to(torch.int64)


def _stay(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    return torch.zeros_like(u)


def _along(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    return u


def _along_but_half_way_to_enemies(u: Tensor, v: Tensor, enemy: Tensor) -> Tensor:
    """Borderline-2 takes a further factor from U(0, 0.5) towards a row of another class."""
    return torch.where(enemy, u * (0.5 * v), u)


def _normal_mix(normal: Tensor, there: Tensor) -> Tensor:
    """Steps that make a normal draw of mean and covariance of a row and its K neighbours.

    With K + 1 standard normals z, x = mean + sum_i z_i (x_i - mean) / sqrt(K + 1) has the covariance
    sum_i (x_i - mean) (x_i - mean)^T / (K + 1), without a matrix; gathered by rows, x is x_0 plus a step
    towards each neighbour.
    """
    present = torch.cat((torch.ones_like(there[:, :1]), there), 1)
    count = present.sum(1, keepdim=True)
    scaled = torch.where(present, normal, 0.0) / count.sqrt()
    return (1 - scaled.sum(1, keepdim=True)) / count + scaled[:, 1:]


def _safe_spans(base: Tensor, neighbor: Tensor) -> Tensor:
    """The part of the segment that lies nearer to the safer end (Bunkhumpornpat et al. 2009)."""
    base, neighbor = torch.broadcast_tensors(base, neighbor)
    lower, higher = torch.minimum(base, neighbor), torch.maximum(base, neighbor)
    length = lower.double() / higher.clamp(min=1)
    start = torch.where(base < neighbor, 1 - length, 0.0)
    return torch.stack((start, length), -1)


VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant("random", "none", None, _stay),
        Variant("smote", "same", None, _along),
        Variant("smoten", "same", None, _stay),
        Variant("borderline-1", "same", _in_danger, _along),
        Variant("borderline-2", "any", _in_danger, _along_but_half_way_to_enemies, second_uniform=True),
        Variant("adasyn", "same", _share_of_enemies, _along),
        Variant("mesh", "part", None, _along),
        Variant("eos", "enemies", _has_enemy, _along),
        Variant("gaussian", "same", None, _along, normal_steps=_normal_mix),
        Variant("safe-level", "same", None, _along, spans=_safe_spans),
    )
}
