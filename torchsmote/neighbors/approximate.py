"""Approximate neighbours: candidates from an index, exact distances, and a recall that is measured.

There is no proof that none was missed. Instead, some queries, spread evenly, are answered exactly too: by a
fifth of them the search is made wide enough, by the others its recall is measured.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchsmote.exceptions import PerformanceWarning
from torchsmote.neighbors.best import nearest_rows
from torchsmote.neighbors.engine import choose_backend, ranked
from torchsmote.neighbors.faiss_index import KINDS, restored, stored
from torchsmote.neighbors.rows import Problem, Rows, slices

__all__ = ["FEW_QUERIES", "FEW_ROWS", "Found", "Index", "search"]

FEW_ROWS = 4096  # below so many rows, and for up to so many queries, the search is exact
FEW_QUERIES = 1280
_WANTED = 0.995  # of the queries that choose the width: the others then have 0.99
_WARNED = 0.95
_EVERY = 5  # one in so many of the sample chooses the width
_SPARE = 2  # candidates beyond k, as the index ranks by rounded distances
_QUERIES = 4096


class Found(NamedTuple):
    """What a search found.

    Attributes:
        squared: Squared distances, float64, shape (q, k), sorted, ties by index.
        indices: Numbers of the rows in the table searched, int64, shape (q, k).
        recall: Share of the true neighbours among them; 1.0 for an exact search.
    """

    squared: Tensor
    indices: Tensor
    recall: float


def search(asked: Rows, seen: Rows, k: int, backend: str | Index) -> Found:
    """The k nearest of ``seen`` to each row asked, k <= len(seen): exactly, or with a measured recall.

    Args:
        asked: The query rows, divided as ``seen`` is.
        seen: The rows searched.
        k: How many neighbours.
        backend: "auto", one of ``available_backends()``, or the index of an earlier search in the same rows;
            where it does not fit, one like it is built.
    """
    name = backend.backend if isinstance(backend, Index) else backend
    if name not in KINDS:
        return Found(*nearest_rows(asked, seen, k, name), 1.0)
    problem = Problem.of(asked, seen, k)
    choose_backend(problem, name)  # raises where it cannot search such rows
    index = backend if isinstance(backend, Index) and backend.fits(problem) else None
    if index is None:
        if len(seen) < FEW_ROWS or len(asked) <= FEW_QUERIES:
            return Found(*nearest_rows(asked, seen, k), 1.0)
        index = Index.of(problem, name)
    return Found(*index.nearest(problem), index.recall)


@dataclass(frozen=True, eq=False)
class Index:
    """An index of the rows of one search, and how well it finds them.

    Attributes:
        backend: Its kind.
        built: The index of faiss.
        n_rows: How many rows it holds.
        frame: Centre, divisors and shrinkage of the rows in it.
        width: How widely it is searched.
        recall: Share of the k nearest rows that it finds, a row's own self not counted.
    """

    backend: str
    built: Any
    n_rows: int
    frame: tuple[Any, ...]
    width: int = 0
    recall: float = 1.0

    @classmethod
    def of(cls, problem: Problem, backend: str) -> Index:
        """Build the index, and search it as widely as the queries of this problem need.

        Warns:
            PerformanceWarning: If even the widest search finds less than 95 %.
        """
        kind = KINDS[backend]
        index = cls(backend, kind.build(problem), len(problem.seen), _frame(problem))
        n = len(problem.asked)
        count = min(n, FEW_QUERIES)
        spread = torch.arange(count, device=problem.center.device) * n // count
        chooses = torch.arange(count, device=spread.device) % _EVERY == 0
        few, others = _asking(problem, spread[chooses]), _asking(problem, spread[~chooses])
        truth = _exact(few)
        for width in kind.widths(index.built):
            index = replace(index, width=width)
            if _recall(few, truth, index.nearest(few)) >= _WANTED:
                break
        index = replace(index, recall=_recall(others, _exact(others), index.nearest(others)))
        if index.recall < _WARNED:
            warnings.warn(
                f"`backend`={backend!r} finds {index.recall:.1%} of the nearest rows: these rows lie too "
                "evenly, or have too many copies, for it; backend='auto' finds them all",
                PerformanceWarning,
                stacklevel=6,
            )
        return index

    def fits(self, problem: Problem) -> bool:
        """Whether the rows searched are those of the index, in the same units."""
        center, *units = self.frame
        same_center, *same_units = _frame(problem)
        return self.n_rows == len(problem.seen) and units == same_units and torch.equal(center, same_center)

    def nearest(self, problem: Problem) -> tuple[Tensor, Tensor]:
        """Squared distances and numbers of the rows that the index finds, both (q, k).

        A query for which it finds fewer than k rows is searched exactly.
        """
        squared, positions = ranked(problem, self._candidates(problem))
        indices = problem.seen.at(positions)
        short = (positions < 0).any(1).nonzero()[:, 0]
        if len(short):
            squared[short], indices[short] = _exact(_asking(problem, short))
        return squared, indices

    def _candidates(self, problem: Problem) -> Iterator[tuple[slice, Tensor, Tensor]]:
        count = min(problem.k + _SPARE, len(problem.seen))
        parameters = KINDS[self.backend].parameters(self.width, count)
        for part in slices(len(problem.asked), _QUERIES):
            queries = problem.centered(problem.asked, part).numpy()
            found = torch.from_numpy(self.built.search(queries, count, params=parameters)[1])
            # An infinite bound stands for a proof, which is not asked for here.
            yield part, found, torch.full((len(found),), math.inf, dtype=torch.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "built": stored(self.built)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({**state, "built": restored(state["built"])})


def _frame(problem: Problem) -> tuple[Any, ...]:
    """Centre and units of the rows in an index; divisors that each row has for itself are no units."""
    units = tuple(divisor for divisor in problem.seen.divisors if not isinstance(divisor, Tensor))
    return problem.center, units, problem.shrink


def _asking(problem: Problem, positions: Tensor) -> Problem:
    """The same search for some of the rows asked."""
    return replace(problem, asked=problem.asked.only(problem.asked.at(positions)))


def _exact(problem: Problem) -> tuple[Tensor, Tensor]:
    return nearest_rows(problem.asked, problem.seen, problem.k)


def _recall(problem: Problem, truth: tuple[Tensor, Tensor], found: tuple[Tensor, Tensor]) -> float:
    """The share of rows found that are as near as the k-th true one: so ties count, whichever is found."""
    own = problem.asked.at(slice(0, len(problem.asked)))[:, None]
    apart = problem.asked.table is not problem.seen.table
    limit = truth[0][:, -1:]
    near, wanted = (
        int(((squared <= limit) & (apart | (indices != own))).sum()) for squared, indices in (found, truth)
    )
    return min(1.0, near / max(1, wanted))
