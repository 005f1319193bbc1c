"""What is drawn inside one batch: static shapes, no wait for the device, the same numbers on any device.

Boolean indexing would give shapes that depend on the data. Here weights take its place: a row that may not
be a base weighs 0, a row that may not be a neighbour is infinitely far.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..draws import Draws
from ..resampler import Resampler
from ..variants import VARIANTS, Variant

__all__ = ["BatchMethod", "batch_method", "class_counts", "draw_in_batch", "lacking"]

_FIXED_POINT = 2.0**40  # weights become integers: their running total is exact, so it is equal on any device


class BatchMethod(NamedTuple):
    """What an over-sampler asks of a batch.

    Attributes:
        variant: The method's data.
        k: Nearest rows among which a neighbour is drawn.
        m: Nearest rows of all classes among which enemies are counted.
    """

    variant: Variant
    k: int
    m: int


def batch_method(resampler: Any) -> BatchMethod:
    """What the resampler asks of a batch, or one sentence why it cannot run in one."""
    if resampler is None:
        return BatchMethod(VARIANTS["smote"], 5, 5)
    name = type(resampler).__name__
    if isinstance(resampler, Resampler):
        resampler.check_parameters()
    variant = getattr(resampler, "variant", None)
    if not isinstance(variant, Variant):
        raise TypeError(
            f"EmbeddingSMOTE: {name} cannot run in a batch, since it has no "
            f"`variant`; use an over-sampler of one of {sorted(VARIANTS)}"
        )
    for option in ("constraint", "shrinkage"):
        if getattr(resampler, option, None) is not None:
            raise ValueError(
                f"EmbeddingSMOTE: {name}({option}=...) cannot run in a batch; leave `{option}` out"
            )
    k, m = resampler.batch_neighbors
    for value in (k, m):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(
                f"EmbeddingSMOTE: {name} needs whole numbers of neighbours in a batch, got {value!r}"
            )
    return BatchMethod(variant, k, m)


def draw_in_batch(
    pool: Tensor, labels: Tensor, class_weights: Tensor, words: Tensor, method: BatchMethod
) -> Draws:
    """Draw base, neighbour and step of each synthetic row from the rows of one batch.

    Bases are drawn first, so that distances are taken from the drawn bases alone. Only a method that weighs
    rows by their enemies looks at all pairs.

    Args:
        pool: Rows to draw from, floating point, shape (p, ...).
        labels: Their classes, int64, shape (p,); -1 marks a row that is not there.
        class_weights: Shares of the classes, up to a factor, shape (num_classes,).
        words: Random words below 2**32, int64, shape (4, n_new): for the base, the step's second uniform,
            the neighbour and the step, as `torchsmote.random.uniforms` uses them.
        method: Variant and numbers of neighbours.

    Returns:
        Draws into ``pool``.
    """
    with torch.no_grad(), torch.autocast(pool.device.type, enabled=False):
        counts = class_counts(labels, class_weights.shape[0])
        relation, weights = method.variant.relation, None
        rows = pool.detach() if relation in ("none", "part") else _standardized(pool, labels)
        if method.variant.weight is not None:
            enemies, seen = _enemies(rows, labels, class_weights, method.m)
            weights = method.variant.weight(enemies, seen)
        base = _draw_bases(labels, counts, class_weights, weights, words[0])
        own = labels.index_select(0, base)
        neighbor = base
        if relation == "part":
            neighbor = _draw_others(labels, counts, base, own, words[2])
        elif relation != "none":
            neighbor = _draw_neighbors(rows, labels, counts, base, own, words[2], method)
        step = _draw_steps(labels, own, neighbor, words[3], words[1], method.variant)
    return Draws(base, neighbor.unsqueeze(1), step.to(pool.dtype).unsqueeze(1), own)


def class_counts(labels: Tensor, num_classes: int) -> Tensor:
    """Rows of each class, int64, shape (num_classes,); a label of -1 counts for none."""
    counts = labels.new_zeros(num_classes)
    return counts.index_add(0, labels.clamp(min=0), (labels >= 0).to(torch.int64))


def lacking(counts: Tensor) -> Tensor:
    """How many rows each class lacks of the largest; a class that is not there lacks none."""
    return torch.where(counts > 0, counts.amax() - counts, 0)


def _standardized(pool: Tensor, labels: Tensor) -> Tensor:
    """Flattened rows less their mean, over their largest absolute value; at least float32.

    Products of far-off rows would cancel, and squares of large ones overflow: a score of NaN ranks behind the
    infinite ones of rows that are left out.
    """
    rows = pool.detach().flatten(1)
    rows = rows.to(torch.promote_types(rows.dtype, torch.float32))
    there = labels >= 0
    share = there.to(rows.dtype) / there.sum()
    rows = rows - share @ rows
    largest = torch.where(there, torch.linalg.vector_norm(rows, torch.inf, dim=1), 0).amax()
    return rows / torch.where(largest > 0, largest, 1)


def _prunes(rows: Tensor) -> bool:
    """Whether to leave out work by boolean indexing: in eager mode on the CPU nobody waits for the shapes."""
    return rows.device.type == "cpu" and not torch.compiler.is_compiling()


def _nearest(rows: Tensor, labels: Tensor, start: Tensor, k: int, num_classes: int | None) -> Tensor:
    """The k nearest other rows of the rows ``start`` (q,), int64, shape (q, min(k, p)), nearest first.

    ``num_classes`` asks for rows of the same class alone, None for any that are there. Where there are fewer
    than k, the row itself comes next.
    """
    squares = rows.square().sum(1)
    if num_classes is None:
        matrix = torch.where(labels >= 0, squares, torch.inf).repeat(start.shape[0], 1)
    else:
        classes = torch.arange(num_classes, device=rows.device).unsqueeze(1)
        matrix = torch.where(labels == classes, squares, torch.inf)
        matrix = matrix.index_select(0, labels.index_select(0, start))
    # Products are added to the squares, or to inf for rows left out: the mask costs no pass of its own. The
    # square of the start is missing, which changes no order.
    matrix.addmm_(rows.index_select(0, start), rows.T, alpha=-2)
    matrix.scatter_(1, start.unsqueeze(1), torch.finfo(rows.dtype).max)
    return matrix.topk(min(k, rows.shape[0]), largest=False).indices


def _enemies(rows: Tensor, labels: Tensor, class_weights: Tensor, m: int) -> tuple[Tensor, Tensor]:
    """Enemies among the m nearest of each row, int64, shape (p,), and how many rows were seen, 0-dim."""
    there = labels >= 0
    start = torch.arange(rows.shape[0], device=rows.device)
    if _prunes(rows):  # rows whose class gets nothing need no count
        start = start[there & (class_weights > 0).index_select(0, labels.clamp(min=0))]
    nearest = _nearest(rows, labels, start, m, None)
    seen = (there.sum() - 1).clamp(max=m)
    counted = torch.arange(nearest.shape[1], device=rows.device) < seen
    enemy = (labels[nearest] != labels.index_select(0, start).unsqueeze(1)) & counted
    return torch.zeros_like(labels).index_copy(0, start, enemy.sum(1)), seen


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


def _draw_neighbors(
    rows: Tensor, labels: Tensor, counts: Tensor, base: Tensor, own: Tensor, word: Tensor, method: BatchMethod
) -> Tensor:
    """One of the k nearest rows that may be the base's neighbour; the base itself where there is none."""
    same = method.variant.relation == "same"
    num_classes = counts.shape[0] if same else None
    others = (counts.index_select(0, own) if same else counts.sum()) - 1
    column = ((word * others.clamp(max=method.k)) >> 32).unsqueeze(1)
    if not _prunes(rows):
        nearest = _nearest(rows, labels, base, method.k, num_classes)
        return nearest.gather(1, column).squeeze(1)
    # Each base once, and only the columns of classes that were drawn: with rare classes, little is left.
    start, back = base.unique(return_inverse=True)
    wanted = torch.ones_like(counts) if not same else torch.zeros_like(counts).index_fill(0, own, 1)
    near = (wanted.index_select(0, labels.clamp(min=0)) * (labels >= 0)).nonzero().squeeze(1)
    inside = torch.searchsorted(near, start)
    nearest = _nearest(rows[near], labels[near], inside, method.k, num_classes)
    return near[nearest[back].gather(1, column).squeeze(1)]


def _draw_others(labels: Tensor, counts: Tensor, base: Tensor, own: Tensor, word: Tensor) -> Tensor:
    """Any other row of the base's class, uniformly; the base itself where it is alone."""
    order = labels.argsort(stable=True)  # rows that are not there come first
    first = (counts.cumsum(0) - counts + (labels < 0).sum()).index_select(0, own)
    size = counts.index_select(0, own)
    ahead = 1 + ((word * (size - 1)) >> 32)
    place = order.argsort().index_select(0, base) - first
    return order.index_select(0, first + (place + ahead) % size)


def _draw_steps(
    labels: Tensor, own: Tensor, neighbor: Tensor, first: Tensor, second: Tensor, variant: Variant
) -> Tensor:
    """The variant's step, from uniforms of 24 bits: exact in float32, so equal for every dtype."""
    u = (first >> 8).double() * 2.0**-24
    if not variant.second_uniform:
        return variant.step(u, u, torch.zeros_like(own, dtype=torch.bool))
    v = (second >> 8).double() * 2.0**-24
    return variant.step(u, v, labels.index_select(0, neighbor) != own)
