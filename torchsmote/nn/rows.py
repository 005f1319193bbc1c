"""The rows that follow from what was drawn in a batch, and which way gradients may pass."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from ..draws import Draws, blend, synthesize
from .ball import sideways
from .batch import BatchMethod
from .masked import shared_steps, steps_like

__all__ = ["Detach", "make_rows"]

Detach = Literal["base", "neighbor"] | bool


def make_rows(
    pool: Tensor, draws: Draws, words: Tensor, method: BatchMethod, detach: Detach, valid: Tensor | None
) -> Tensor:
    """Make the rows that were drawn: on the segments, or in the balls around their bases.

    Args:
        pool: Rows that were drawn from, floating point, shape (p, ...).
        draws: What was drawn.
        words: Random words of the step, those of the draw and then those of the method's ball.
        method: On segments, or in balls of which shape.
        detach: Through which row no gradient passes; True: through neither.
        valid: Valid steps of the rows, bool, shape (p, t). A row has the base's values where base and
            neighbour are not both valid.

    Returns:
        Shape (n_new, ...), dtype of ``pool``.
    """
    ball = method.ball if method.more_blocks(1) else None
    if ball is None and valid is None and isinstance(detach, bool):
        return synthesize(pool.detach() if detach else pool, draws)
    n, m = draws.neighbors.shape
    base = _rows(pool, draws.base, detach in (True, "base"))
    near = _rows(pool, draws.neighbors.flatten(), detach in (True, "neighbor")).unflatten(0, (n, m))
    kept, own, both = base, None, None
    if valid is not None:
        own = steps_like(valid.index_select(0, draws.base), base)
        both = steps_like(shared_steps(valid, draws.base, draws.neighbors), near)
        # Zeros, since even NaN may stand in an invalid step; then a neighbour's step of no length.
        base = torch.where(own, base, 0)
        near = torch.where(both, near, base.unsqueeze(1))
    made = blend(base, near, draws.steps)
    if ball is not None:
        wide = torch.promote_types(base.dtype, torch.float32)  # the difference of two halves may be none
        axis = (near[:, 0].to(wide) - base.to(wide)).flatten(1)
        inside = None if both is None else both[:, 0].expand_as(base).flatten(1)
        across = sideways(axis, draws.steps, words[4 * method.blocks :], ball, inside)
        made = (made + across.reshape_as(made)).to(base.dtype)
    return made if own is None else torch.where(own, made, kept)


def _rows(pool: Tensor, places: Tensor, detach: bool) -> Tensor:
    return (pool.detach() if detach else pool).index_select(0, places)
