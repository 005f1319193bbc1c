"""The ball of Geometric SMOTE: how far along the segment a point lies, and how far beside it.

Seen from a direction e, a uniform point of the unit ball in d dimensions is t e and a part across e. The
density of t is in proportion to (1 - t^2)^((d - 1) / 2), whatever e is: so it is a step, drawn like any
other. Given t, the part across is a uniform point of a ball of radius sqrt(1 - t^2) in the d - 1 dimensions
left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ..draws import Draws, synthesize
from ..random import normals, uniforms

__all__ = ["Ball", "BallDraws", "BallShape", "along", "beside", "distance_across"]

_CHUNK = 1 << 20  # float64 values made at a time: 8 MiB


class BallShape(NamedTuple):
    """What a ball looks like, and which row lies on its surface.

    Attributes:
        surface: "minority", "majority" or "combined"; see `GeometricSMOTE`.
        truncation: In [-1, 1]; see ``along``.
        deformation: In [0, 1]: 0 is the ball, 1 the segment alone.
    """

    surface: str
    truncation: float
    deformation: float


class BallDraws(NamedTuple):
    """`Draws`, and the number that the place in the ball is made from.

    Attributes:
        base: Centre of the ball.
        neighbors: The row on its surface, shape (n_new, 1).
        steps: How far towards it, in [-1, 1], shape (n_new, 1).
        labels: As in `Draws`.
        number: int64, shape (n_new,); no two rows, and no two attempts at one, have the same.
    """

    base: Tensor
    neighbors: Tensor
    steps: Tensor
    labels: Tensor
    number: Tensor


def along(u: Tensor, v: Tensor, d: int | Tensor, truncation: float) -> Tensor:
    """The component of a uniform point of the ball in one direction, from two uniforms.

    The point is mirrored where truncation leaves its side out: -1 keeps the half away from the surface row, 0
    the ball, 1 the half towards it. The law of the component is a symmetric beta one, drawn as by Ulrich,
    "Computer generation of distributions on the m-sphere", 1984.

    >>> along(torch.tensor([0.5, 0.5]), torch.tensor([0.0, 0.5]), 2, 1.0)
    tensor([0.7071, 0.7071])
    """
    t = (-torch.expm1(u.log() * (2 / d))).sqrt() * (2 * math.pi * v).cos()
    return torch.where((truncation - t).abs() > 1, -t, t)


def beside(axis: Tensor, direction: Tensor, far: Tensor) -> Tensor:
    """A point across an axis, in the direction that a normal vector has there.

    Differentiable with respect to ``axis``, also where it is 0.

    Args:
        axis: From the centre of the ball to its surface, floating point, shape (m, d).
        direction: Standard normals, shape (m, d).
        far: Distance from the axis, in units of its length, shape (m, 1).

    Returns:
        Shape (m, d); 0 where the axis is.
    """
    # Divided first, since squares of the largest numbers overflow.
    largest = axis.detach().abs().amax(1, keepdim=True)
    axis = axis / _not_0(largest)
    length: Tensor = torch.linalg.vector_norm(axis, dim=1, keepdim=True)
    axis = axis / _not_0(length)
    across = direction - (direction * axis).sum(1, keepdim=True) * axis
    across = across / _not_0(torch.linalg.vector_norm(across, dim=1, keepdim=True))
    return across * (far * length) * largest


def distance_across(t: Tensor, w: Tensor, others: int | Tensor, deformation: float) -> Tensor:
    """How far a point of the ball lies from its axis, given how far along: (1 - deformation) times at most 1.

    Args:
        t: Component along the axis, in [-1, 1], floating point.
        w: A uniform number in [0, 1).
        others: Dimensions besides the axis, at least 1.
        deformation: As in ``BallShape``.
    """
    far: Tensor = (1 - t.square()).clamp(min=0).sqrt() * w ** (1 / others)
    return far * (1 - deformation)


@dataclass(frozen=True)
class Ball:
    """Places in the balls of one fit, each a pure function of the seed and the row's number.

    Attributes:
        d: Columns of the table.
        truncation: In [-1, 1]; see ``along``.
        deformation: In [0, 1]: 0 is the ball, 1 the segment alone.
        seed: In [0, 2**64).
        n_new: Synthetic rows of the fit.
    """

    d: int
    truncation: float
    deformation: float
    seed: int
    n_new: int

    def place(self, draws: Draws, positions: Tensor, attempt: int = 0) -> BallDraws:
        """Replace the steps of draws, which stand at ``positions`` among all, by those of points in balls."""
        number = positions + attempt * self.n_new
        u, _, v = uniforms(number, self.seed)
        steps = along(u, v, self.d, self.truncation).unsqueeze(1).to(draws.steps.dtype)
        return BallDraws(draws.base, draws.neighbors, steps, draws.labels, number)

    def make(self, X: Tensor, drawn: BallDraws, /, *, out: Tensor | None = None) -> Tensor:
        """The rows: those on the segment, moved across it."""
        rows = synthesize(X, Draws(*drawn[:4]), out=out)
        if self.d == 1 or self.deformation == 1:
            return rows
        step = max(1, _CHUNK // self.d)
        for start in range(0, len(rows), step):
            part = BallDraws(*(values[start : start + step] for values in drawn))
            rows[start : start + step] += self._across(X, part).to(X.dtype)
        return rows

    def _across(self, X: Tensor, drawn: BallDraws) -> Tensor:
        """What lies beside the segment, float64, shape (m, d); 0 where surface and centre are one."""
        axis = X.index_select(0, drawn.neighbors[:, 0]).double() - X.index_select(0, drawn.base).double()
        w = uniforms(drawn.number, self.seed)[1].unsqueeze(1)
        far = distance_across(drawn.steps.double(), w, self.d - 1, self.deformation)
        return beside(axis, normals(drawn.number, self.d, self.seed), far)


def _not_0(values: Tensor) -> Tensor:
    return torch.where(values > 0, values, 1.0)
