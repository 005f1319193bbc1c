"""What is drawn inside one batch: static shapes, no wait for the device, the same numbers on any device.

A row that may not be a base weighs 0, where boolean indexing would give a shape that depends on the data.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..draws import Draws
from ..over_sampling.ball import BallShape
from ..resampler import Resampler
from ..variants import VARIANTS, Variant
from .ball import ball_blocks, component, draw_surface
from .masked import shared_steps
from .pool import Pool, class_counts, standardized
from .words import normals_of, uniforms_of

__all__ = ["BatchMethod", "batch_method", "draw_in_batch", "lacking"]

_FIXED_POINT = 2.0**40  # weights become integers: their running total is exact, so it is equal on any device


class BatchMethod(NamedTuple):
    """What an over-sampler asks of a batch.

    Attributes:
        variant: The method's data.
        k: Nearest rows among which a neighbour is drawn.
        m: Nearest rows of all classes among which enemies are counted.
        ball: The ball around a base that rows are drawn from; None: they lie on segments.
    """

    variant: Variant
    k: int
    m: int
    ball: BallShape | None = None

    @property
    def blocks(self) -> int:
        """Groups of four random words that a synthetic row needs to be drawn."""
        return 1 if self.variant.normal_steps is None else 1 + -(-(self.k + 1) // 4)

    def more_blocks(self, d: int) -> int:
        """Groups of four random words that it needs besides to be made, from rows of d values."""
        return 0 if self.ball is None or self.ball.deformation == 1 else ball_blocks(d)

    @property
    def searches(self) -> bool:
        """Whether distances are needed."""
        variant = self.variant
        apart = variant.relation in ("none", "part")
        return not apart or variant.weight is not None or variant.spans is not None


def batch_method(resampler: Any) -> BatchMethod:
    """What the resampler asks of a batch, or one sentence why it cannot run in one."""
    if resampler is None:
        return BatchMethod(VARIANTS["smote"], 5, 5)
    if isinstance(resampler, type):
        name = resampler.__name__
        raise TypeError(
            f"EmbeddingSMOTE: `resampler` is the class {name}; give an object of it: resampler={name}()"
        )
    name = type(resampler).__name__
    if isinstance(resampler, Resampler):
        resampler.check_parameters()
    variant = getattr(resampler, "variant", None)
    if not isinstance(variant, Variant):
        raise TypeError(
            f"EmbeddingSMOTE: {name} cannot run in a batch; `resampler` must be an over-sampler object of "
            "torchsmote, such as SMOTE()"
        )
    for option in ("constraint", "shrinkage"):
        if getattr(resampler, option, None) is not None:
            raise ValueError(
                f"EmbeddingSMOTE: {name}({option}=...) cannot run in a batch; leave `{option}` out"
            )
    k, m = resampler.batch_neighbors()
    for value in (k, m):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"EmbeddingSMOTE: {name} needs whole numbers of neighbours in a batch, got {value!r}"
            )
    strategy = getattr(resampler, "sampling_strategy", "auto")
    if strategy not in ("auto", "not majority"):
        raise ValueError(
            f"EmbeddingSMOTE: {name}(sampling_strategy={strategy!r}) counts the rows of a table; leave it "
            "out: in a batch `ratio` says how many rows are made, `class_counts` of which classes"
        )
    return BatchMethod(variant, k, m, getattr(resampler, "ball", None))


def draw_in_batch(
    pool: Tensor,
    labels: Tensor,
    class_weights: Tensor,
    words: Tensor,
    method: BatchMethod,
    valid: Tensor | None = None,
) -> Draws:
    """Draw base, neighbours and steps of each synthetic row from the rows of one batch.

    Bases are drawn first, so that distances are taken from the drawn bases alone. Only a method that weighs
    rows by their enemies looks at all pairs. A part is a whole class here. A base without a row that may be
    its neighbour is its own neighbour.

    Args:
        pool: Rows to draw from, floating point, shape (p, ...).
        labels: Their classes, int64, shape (p,); -1 marks a row that is not there.
        class_weights: Shares of the classes, up to a factor, shape (num_classes,).
        words: Random words below 2**32, int64, shape (4 * blocks, n_new): for the base, the step's second
            uniform, the neighbour and the step, as `torchsmote.random.uniforms` uses them; then for normals.
        method: Variant and numbers of neighbours.
        valid: Valid steps of the rows, bool, shape (p, t); None: all of them.

    Returns:
        Draws into ``pool``.
    """
    variant = method.variant
    with torch.no_grad(), torch.autocast(pool.device.type, enabled=False):
        rows = standardized(pool, labels, valid) if method.searches else pool.detach()
        among = Pool(rows, labels, class_counts(labels, class_weights.shape[0]))
        weights = None if variant.weight is None else _base_weights(among, class_weights, method)
        base = _draw_bases(labels, among.counts, class_weights, weights, words[0])
        own = labels.index_select(0, base)
        if variant.normal_steps is not None:
            neighbors, steps = _mix_all(among, base, words[4:], method)
        else:
            neighbor = _draw_neighbor(among, base, own, words[2], method)
            if method.ball is None:
                step = _draw_step(among, base, own, neighbor, words, method)
            else:
                neighbor = draw_surface(among, base, neighbor, method.ball.surface)
                step = component(words, _dimensions(pool, base, neighbor, valid), method.ball)
            neighbors, steps = neighbor.unsqueeze(1), step.unsqueeze(1)
    return Draws(base, neighbors, steps.to(pool.dtype), own)


def _dimensions(pool: Tensor, base: Tensor, neighbor: Tensor, valid: Tensor | None) -> int | Tensor:
    """Columns in which base and neighbour can differ, at least 1."""
    d = pool[0].numel()
    if valid is None:
        return max(1, d)
    steps = shared_steps(valid, base, neighbor.unsqueeze(1)).sum((1, 2))
    return (steps * (d // max(1, valid.shape[1]))).clamp(min=1)


def lacking(counts: Tensor) -> Tensor:
    """How many rows each class lacks of the largest; a class that is not there lacks none."""
    return torch.where(counts > 0, counts.amax() - counts, 0)


def _base_weights(among: Pool, class_weights: Tensor, method: BatchMethod) -> Tensor:
    """The variant's weight of each row, shape (p,); 0 where nobody asks."""
    assert method.variant.weight is not None
    labels = among.labels
    start = torch.arange(labels.shape[0], device=labels.device)
    if among.prunes:  # rows whose class gets nothing need no count
        start = start[(labels >= 0) & (class_weights > 0).index_select(0, labels.clamp(min=0))]
    enemies = torch.zeros_like(labels).index_copy(0, start, among.enemies(start, method.m))
    return method.variant.weight(enemies, among.others.clamp(max=method.m))


def _draw_bases(
    labels: Tensor, counts: Tensor, class_weights: Tensor, weights: Tensor | None, word: Tensor
) -> Tensor:
    """Class and base in one draw by inverse CDF: a class's weight is shared by its rows as theirs are."""
    code = labels.clamp(min=0)
    there = (labels >= 0).double()
    own, total = there, counts
    if weights is not None:
        own = there * weights
        total = own.new_zeros(counts.shape).index_add(0, code, own)
    share = torch.where(total > 0, class_weights.double() / total, 0.0)
    weight = share.index_select(0, code) * own
    heaviest = weight.amax()
    weight = torch.where(heaviest > 0, weight / heaviest, there)
    running = (weight * _FIXED_POINT).long().cumsum(0)
    target = (word * (running[-1].double() * 2.0**-32)).long()
    return torch.searchsorted(running, target, right=True)


def _draw_neighbor(among: Pool, base: Tensor, own: Tensor, word: Tensor, method: BatchMethod) -> Tensor:
    """One of the rows that may be the base's neighbour; the base itself where there is none."""
    relation = method.variant.relation
    if relation == "none":
        return base
    if relation == "part":
        return among.another(base, word)
    near, allowed = among.nearest(base, method.k, "same" if relation == "same" else "any")
    if relation == "enemies":
        allowed = allowed & (among.labels[near] != own.unsqueeze(1))
    count = allowed.sum(1)
    place = ((word * count) >> 32).unsqueeze(1)
    if relation == "enemies":  # which need not stand at the left
        place = (allowed.cumsum(1) <= place).sum(1, keepdim=True).clamp(max=near.shape[1] - 1)
    return torch.where(count > 0, near.gather(1, place).squeeze(1), base)


def _draw_step(
    among: Pool, base: Tensor, own: Tensor, neighbor: Tensor, words: Tensor, method: BatchMethod
) -> Tensor:
    """The variant's step towards the neighbour."""
    variant, u = method.variant, uniforms_of(words[3])
    if variant.second_uniform:
        step = variant.step(u, uniforms_of(words[1]), among.labels.index_select(0, neighbor) != own)
    else:
        step = variant.step(u, u, torch.zeros_like(own, dtype=torch.bool))
    if variant.spans is None:
        return step
    enemies = among.enemies(torch.cat((base, neighbor)), method.m)
    levels = among.others.clamp(max=method.m) - enemies
    start, length = variant.spans(*levels.chunk(2)).unbind(-1)
    return start + length * step


def _mix_all(among: Pool, base: Tensor, words: Tensor, method: BatchMethod) -> tuple[Tensor, Tensor]:
    """All neighbours of each base, and the steps; a missing one is the base itself, with a step of 0."""
    assert method.variant.normal_steps is not None
    near, there = among.nearest(base, method.k, "same" if method.variant.relation == "same" else "any")
    steps = method.variant.normal_steps(normals_of(words, near.shape[1] + 1), there)
    return torch.where(there, near, base.unsqueeze(1)), torch.where(there, steps, 0.0)
