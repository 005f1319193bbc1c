"""The k nearest rows where queries and references are spread over the processes of a group.

Queries stay where they are. References travel: a few of them to all ranks at once, many of them in a ring,
one rank's rows at a time, while those that came before are searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from torchsmote.neighbors.best import Best, Block
from torchsmote.neighbors.engine import check_backend
from torchsmote.neighbors.labels import class_pairs, distinct_labels, label_codes
from torchsmote.neighbors.question import Question
from torchsmote.neighbors.rows import Rows
from torchsmote.neighbors.scaling import Extent, comparable, true_distances
from torchsmote.process_group import Ranks, check_same

__all__ = ["Spread", "nearest_over_ranks"]

SMALL = 32 << 20  # bytes of reference rows of all ranks, up to which every rank gets all of them at once


@dataclass(frozen=True, eq=False)
class Spread:
    """Reference rows that are spread over ranks.

    Attributes:
        ranks: The ranks.
        rows: Those of this rank, shape (n, d).
        counts: How many rows each rank has; the same on every rank.
        extent: Of all rows that are compared, on all ranks.
        metric: "euclidean" or "cosine".
        codes: Class of each row of this rank, int64, shape (n,); None: classes do not matter.
    """

    ranks: Ranks
    rows: Tensor
    counts: Sequence[int]
    extent: Extent
    metric: str = "euclidean"
    codes: Tensor | None = None

    def blocks(self) -> Iterator[tuple[Block, list[Tensor]]]:
        """All rows, block by block, with their codes; numbers count over all ranks, in the order of ranks."""
        tensors = [self.rows] if self.codes is None else [self.rows, self.codes]
        width = self.rows.shape[1] * self.rows.element_size()
        if sum(self.counts) * width <= SMALL:
            gathered = [self.ranks.gather(tensor, self.counts) for tensor in tensors]
            yield self._block(gathered[0], 0), gathered[1:]
            return
        ends = list(accumulate(self.counts))
        for owner, held in self.ranks.ring(tensors, self.counts):
            yield self._block(held[0], ends[owner] - self.counts[owner]), held[1:]

    def nearest(
        self,
        asked: Rows,
        k: int,
        *,
        own: Tensor | None = None,
        backend: str = "auto",
        relation: str = "any",
        codes: Tensor | None = None,
    ) -> Best:
        """The k nearest of all rows to each row asked; every rank calls it, also one that asks nothing.

        Args:
            asked: The query rows of this rank, divided by the same extent.
            k: How many neighbours.
            own: The number of each query among the references, which it leaves out, int64, shape (q,); -1
                where it is none of them. None: nothing is left out.
            backend: As in ``knn``.
            relation: As in ``knn``.
            codes: Class of each query, for a relation.
        """
        best = Best.of_none(len(asked), k, asked.table.device)
        for block, theirs in self.blocks():
            both = [] if codes is None else [codes, *theirs]
            for queries, references in class_pairs(relation, both, asked.table.device):
                part = best if queries is None else Best(best.squared[queries], best.indices[queries])
                seen = Block(block.rows.only(references), block.first)
                left_out = own if own is None or queries is None else own[queries]
                part.search(asked.only(queries), seen, own=left_out, backend=backend)
                if queries is not None:
                    best.squared[queries], best.indices[queries] = part.squared, part.indices
        return best

    def _block(self, rows: Tensor, first: int) -> Block:
        return Block(comparable(rows, self.metric, self.extent, "reference")[0], first)


class _Fact(NamedTuple):
    """What a rank tells the others of its rows.

    Attributes:
        same: What must be the same on all ranks.
        counts: Rows of the query and, last, of the reference.
        extent: Of both.
        classes: The distinct labels of each vector of labels.
    """

    same: dict[str, Any]
    counts: list[int]
    extent: Extent
    classes: list[np.ndarray[Any, Any]]


def nearest_over_ranks(ranks: Ranks, ask: Callable[[], Question]) -> tuple[Tensor, Tensor]:
    """What ``knn`` returns with a group: distances, in the dtype of the query, and indices over all ranks.

    Args:
        ranks: The ranks.
        ask: The question of this rank; where it raises, all ranks do.

    Raises:
        ValueError: On all ranks, if ranks disagree, one has no row, or one found an error.
        TypeError: The same, where that is the error.
    """
    (question, codes), told = ranks.agree(lambda: _looked_at(ranks, ask()))
    check_same([fact.same for fact in told])
    extent = Extent()
    for fact in told:
        extent |= fact.extent
    codes = _renumbered(codes, [fact.classes for fact in told], ranks.rank)
    (_, query), (_, reference) = question.tables[0], question.tables[-1]
    asked, scale = comparable(query, question.metric, extent, "query")
    own = None
    if question.exclude_self:
        first = sum(fact.counts[0] for fact in told[: ranks.rank])
        own = torch.arange(first, first + len(query), device=query.device)
    related = [] if question.relation == "any" else [code.to(query.device) for code in codes]
    counts = [fact.counts[-1] for fact in told]
    spread = Spread(ranks, reference, counts, extent, question.metric, related[-1] if related else None)
    best = spread.nearest(
        asked,
        question.k,
        own=own,
        backend=question.backend,
        relation=question.relation,
        codes=related[0] if related else None,
    )
    return true_distances(best.squared, question.metric, scale).to(query.dtype), best.indices


def _looked_at(ranks: Ranks, question: Question) -> tuple[tuple[Question, list[Tensor]], _Fact]:
    """The question and its labels as codes of this rank, and what the others have to know."""
    extent = Extent()
    for name, rows in question.tables:
        if not len(rows):
            raise ValueError(
                f"`{name}` has no row here, but every rank needs at least 1; start fewer processes, or deal "
                "the rows evenly"
            )
        extent |= Extent.of(rows, name)
        if question.metric == "cosine":
            comparable(rows, "cosine", extent, name)  # which refuses rows of zeros
    query = question.tables[0][1]
    ranks.check_device(query.device)
    check_backend(question.backend, query.device)  # a rank that searches nothing would not find out
    distinct = [distinct_labels(*entry) for entry in question.labels]
    same = {
        "k": question.k,
        "dtype": query.dtype,
        "columns": query.shape[1],
        "metric": question.metric,
        "relation": question.relation,
        "exclude_self": question.exclude_self,
        "reference": "given" if len(question.tables) > 1 else "none",
        "labels": " and ".join(name for name, _, _ in question.labels) or "none",
        "device": query.device.type,
    }
    fact = _Fact(
        same, [len(rows) for _, rows in question.tables], extent, [classes for classes, _ in distinct]
    )
    return (question, [codes for _, codes in distinct]), fact


def _renumbered(codes: list[Tensor], classes: list[list[np.ndarray[Any, Any]]], rank: int) -> list[Tensor]:
    """This rank's codes in a numbering that all ranks have, from the distinct labels of each."""
    if not codes:
        return []
    entries = [
        (f"labels of rank {number}", own, len(own))
        for number, several in enumerate(classes)
        for own in several
    ]
    common = label_codes(entries)
    width = len(codes)
    return [common[rank * width + place][code] for place, code in enumerate(codes)]
