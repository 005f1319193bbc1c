"""Geometric SMOTE inside a batch: the row on a ball's surface, how far along, and what lies beside.

The formulas are those of the table door; the numbers are words of the step.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..over_sampling.ball import BallShape, along, beside, distance_across
from .pool import Pool
from .words import normals_of, uniforms_of

__all__ = ["ball_blocks", "component", "draw_surface", "sideways"]


def ball_blocks(d: int) -> int:
    """Groups of four random words that a point beside its segment needs: for a distance, and d normals.

    >>> ball_blocks(5)
    3
    """
    return 1 + -(-d // 4)


def draw_surface(among: Pool, base: Tensor, same: Tensor, surface: str) -> Tensor:
    """The row on the surface of each ball, int64, shape (q,): a neighbour, the nearest enemy, or the nearer.

    Args:
        among: The rows.
        base: Centres, int64, shape (q,).
        same: A near row of the class for each of them; the row itself where it is alone.
        surface: Which, as in ``BallShape``.
    """
    if surface == "minority":
        return same
    found, there = among.nearest(base, 1, "different")
    enemy = torch.where(there[:, 0], found[:, 0], base)
    if surface == "majority":
        return enemy
    centre = among.rows.index_select(0, base)
    near, far = ((among.rows.index_select(0, row) - centre).square().sum(1) for row in (enemy, same))
    return torch.where(there[:, 0] & (near < far), enemy, same)


def component(words: Tensor, d: int | Tensor, ball: BallShape) -> Tensor:
    """How far along its segment a point lies, float64, shape (q,): the step, in [-1, 1].

    Args:
        words: Random words of a draw, shape (at least 4, q).
        d: Dimensions of the balls, at least 1.
        ball: Their shape.
    """
    return along(uniforms_of(words[3]), uniforms_of(words[1]), d, ball.truncation)


def sideways(axis: Tensor, steps: Tensor, words: Tensor, ball: BallShape, inside: Tensor | None) -> Tensor:
    """What lies beside the segment, shape and dtype of ``axis``, differentiable with respect to it.

    Args:
        axis: From centre to surface, at least float32, shape (q, d).
        steps: How far along, shape (q, 1).
        words: Random words, shape (4 * ball_blocks(d), q), none of them used for the draw.
        ball: Shape of the balls.
        inside: Which columns a ball extends in, bool, shape (q, d); None: all.
    """
    d = axis.shape[1]
    direction = normals_of(words[4:], d).to(axis.dtype)
    w, t = uniforms_of(words[0]).unsqueeze(1), steps.double()
    if inside is None:
        far = distance_across(t, w, max(1, d - 1), ball.deformation) * (d > 1)
    else:
        direction = torch.where(inside, direction, 0)
        others = inside.sum(1, keepdim=True) - 1
        far = distance_across(t, w, others.clamp(min=1), ball.deformation) * (others > 0)
    return beside(axis, direction, far.to(axis.dtype))
