"""The rows of one batch and who is near whom: static shapes, no wait for the device.

A row that may not be a neighbour is infinitely far, where boolean indexing would give a shape that depends
on the data.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from ..layout import another

__all__ = ["Pool", "Relation", "class_counts", "standardized"]

Relation = Literal["same", "any", "different"]


class Pool(NamedTuple):
    """Rows to draw from.

    Attributes:
        rows: What distances are taken in, at least float32, shape (p, d).
        labels: Their classes, int64, shape (p,); -1 marks a row that is not there.
        counts: Rows of each class, int64, shape (num_classes,).
    """

    rows: Tensor
    labels: Tensor
    counts: Tensor

    @property
    def prunes(self) -> bool:
        """Whether to leave out work by boolean indexing: in eager mode on the CPU nobody waits for shapes."""
        return self.rows.device.type == "cpu" and not torch.compiler.is_compiling()

    @property
    def others(self) -> Tensor:
        """How many rows each row has besides itself, int64, 0-dim."""
        return self.counts.sum() - 1

    def nearest(self, start: Tensor, k: int, relation: Relation) -> tuple[Tensor, Tensor]:
        """The k nearest other rows of some rows, nearest first.

        Args:
            start: Which rows, int64, shape (q,), all there.
            k: How many.
            relation: Which rows count: of the same class, of any class, or of any other class.

        Returns:
            Their places in the pool, int64, shape (q, c), where c is at most k; and which of them count,
            bool: those at the left, where a row has fewer.
        """
        back = None
        if self.prunes:  # each row once
            start, back = start.unique(return_inverse=True)
        others = self.others
        if relation == "any":
            found = _nearest(self.rows, self.labels, start, k, None)
        elif relation == "same":
            others, found = self._kin(start) - 1, self._of_class(start, k)
        else:
            others = self.counts.sum() - self._kin(start)
            found = _nearest(self.rows, self.labels, start, k, self.counts.shape[0], enemies=True)
        there = (torch.arange(found.shape[1], device=found.device) < others).expand_as(found)
        return (found, there) if back is None else (found[back], there[back])

    def _kin(self, start: Tensor) -> Tensor:
        """Rows of each one's class, itself included, shape (q, 1)."""
        return self.counts.index_select(0, self.labels.index_select(0, start)).unsqueeze(1)

    def _of_class(self, start: Tensor, k: int) -> Tensor:
        classes = self.counts.shape[0]
        if not self.prunes:
            return _nearest(self.rows, self.labels, start, k, classes)
        # Only the columns of classes that were drawn: with rare classes, little is left.
        wanted = torch.zeros_like(self.counts).index_fill(0, self.labels.index_select(0, start), 1)
        near = (wanted.index_select(0, self.labels.clamp(min=0)) * (self.labels >= 0)).nonzero().squeeze(1)
        inside = torch.searchsorted(near, start)
        return near[_nearest(self.rows[near], self.labels[near], inside, k, classes)]

    def enemies(self, start: Tensor, m: int) -> Tensor:
        """How many of the m nearest of all are of another class, int64, shape (q,)."""
        found = _nearest(self.rows, self.labels, start, m, None)
        there = torch.arange(found.shape[1], device=found.device) < self.others
        enemy = self.labels[found] != self.labels.index_select(0, start).unsqueeze(1)
        return (enemy & there).sum(1)

    def another(self, start: Tensor, word: Tensor) -> Tensor:
        """Another row of the same class, uniformly by words below 2**32; the row itself where it is alone."""
        order = self.labels.argsort(stable=True)  # rows that are not there lead
        place = torch.empty_like(order).scatter(0, order, torch.arange(len(order), device=order.device))
        ends = self.counts.cumsum(0) + (len(order) - self.counts.sum())
        own = self.labels.index_select(0, start)
        size = self.counts.index_select(0, own)
        first = ends.index_select(0, own) - size
        return order.index_select(
            0, another(place.index_select(0, start), first, size, word.double() * 2.0**-32)
        )


def class_counts(labels: Tensor, num_classes: int) -> Tensor:
    """Rows of each class, int64, shape (num_classes,); a label of -1 counts for none."""
    counts = labels.new_zeros(num_classes)
    return counts.index_add(0, labels.clamp(min=0), (labels >= 0).to(torch.int64))


def standardized(pool: Tensor, labels: Tensor, valid: Tensor | None = None) -> Tensor:
    """Flattened rows less their mean, over their largest absolute value; at least float32.

    Products of far-off rows would cancel, and squares of large ones overflow: a score of NaN ranks behind the
    infinite ones of rows that are left out. An invalid step, where ``valid`` (p, t) is False, becomes the
    mean of that step over the rows where it is valid.
    """
    rows = pool.detach().flatten(1)
    rows = rows.to(torch.promote_types(rows.dtype, torch.float32))
    there = labels >= 0
    if valid is None:
        share = there.to(rows.dtype) / there.sum()
        rows = rows - share @ rows
    else:
        rows = _less_mean_of_valid(rows, valid.repeat_interleave(rows.shape[1] // valid.shape[1], 1))
    # The same by vector_norm takes 6 to 15 times as long on the CPU.
    largest = torch.where(there, rows.abs().amax(1), 0).amax()
    return rows / torch.where(largest > 0, largest, 1)


def _less_mean_of_valid(rows: Tensor, valid: Tensor) -> Tensor:
    """Rows less the mean of what is valid in each column, 0 elsewhere; what is invalid may even be NaN."""
    share = valid.to(rows.dtype) / valid.sum(0).clamp(min=1)
    mean = (share * torch.where(valid, rows, 0)).sum(0)
    return torch.where(valid, rows - mean, 0)


def _nearest(
    rows: Tensor, labels: Tensor, start: Tensor, k: int, num_classes: int | None, *, enemies: bool = False
) -> Tensor:
    """The k nearest other rows of the rows ``start`` (q,), int64, shape (q, min(k, p)), nearest first.

    ``num_classes`` asks for rows of the same class alone, or with ``enemies`` of any other class; None for
    any that are there. Where there are fewer than k, the row itself comes next.
    """
    squares = rows.square().sum(1)
    if num_classes is None:
        matrix = torch.where(labels >= 0, squares, torch.inf).repeat(start.shape[0], 1)
    else:
        classes = torch.arange(num_classes, device=rows.device).unsqueeze(1)
        allowed = (labels >= 0) & (labels != classes) if enemies else labels == classes
        matrix = torch.where(allowed, squares, torch.inf)
        matrix = matrix.index_select(0, labels.index_select(0, start))
    # Products are added to the squares, or to inf for rows left out: the mask costs no pass of its own. The
    # square of the start is missing, which changes no order.
    matrix.addmm_(rows.index_select(0, start), rows.T, alpha=-2)
    matrix.scatter_(1, start.unsqueeze(1), torch.finfo(rows.dtype).max)
    return matrix.topk(min(k, rows.shape[0]), largest=False).indices
