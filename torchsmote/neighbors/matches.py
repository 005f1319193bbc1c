"""What categories add to the scores of a search: the product of one-hot rows, without one-hot rows.

Two rows whose numbers are followed by one-hot columns of value s have the product of their numbers plus s^2
for each category they share. A row has one 1 in each column, so its products with a tile of queries are the
sum of c rows of a small table: with 50 values a column, a fiftieth of the sums of a matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import embedding_bag

from torchsmote.neighbors.rows import Problem, slices

__all__ = ["Matches"]

_TABLE = 1 << 19  # float32 values of the table of one tile: 2 MiB, which stays in cache
_LARGEST = 2.0**100  # a penalty is cut to it, which only lowers bounds: float32 sums of it stay finite
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Matches:
    """The categories of the searched rows, padded as the grid is.

    Attributes:
        codes: int32 (n padded, c).
        n_codes: One more than the largest code.
        penalty: What a category that differs adds to a squared distance, in the grid's units.
    """

    codes: Tensor
    n_codes: int
    penalty: float

    @classmethod
    def of(cls, problem: Problem, padded: int) -> Matches | None:
        """Those of a search; None where rows have no categories."""
        seen = problem.seen
        if seen.codes is None:
            return None
        codes = seen.codes.new_zeros((padded, seen.codes.shape[1]))
        for part in slices(len(seen), max(1, _CHUNK // codes.shape[1])):
            codes[part] = seen.codes_at(part)
        penalty = min(seen.mismatch / problem.shrink / problem.shrink, _LARGEST)
        return cls(codes, int(seen.codes.max()) + 1, penalty)

    @property
    def squared_norm(self) -> float:
        """What the categories add to the squared norm of every row, were they one-hot."""
        return 0.5 * self.penalty * self.codes.shape[1]

    def widest(self, width: int) -> int:
        """At most how many queries a tile should have; a multiple of 32."""
        return max(32, min(width, _TABLE // self.n_codes // 32 * 32))

    def table(self, queries: Tensor, memory: Tensor) -> Tensor:
        """The table of a tile of queries, whose codes are (t, c): -penalty where a query has a code, else 0.

        Args:
            queries: Codes of the queries, int32, shape (t, c).
            memory: float32, at least ``n_codes * t`` values, which are overwritten.
        """
        table = memory[: self.n_codes * len(queries)].view(self.n_codes, len(queries)).zero_()
        return table.scatter_(0, queries.t().long(), -self.penalty)

    def add(self, scores: Tensor, rows: slice, table: Tensor) -> None:
        """Add the products of these rows with the tile's queries to their scores, (rows, t)."""
        scores += embedding_bag(self.codes[rows], table, mode="sum")

    def penalties(self, groups: Tensor, size: int, queries: Tensor) -> Tensor:
        """What categories add between each query and the rows of its groups, (q, groups * size)."""
        c = self.codes.shape[1]
        near = self.codes.view(-1, size * c).index_select(0, groups.reshape(-1)).view(len(queries), -1, c)
        return (near != queries[:, None]).sum(-1) * self.penalty
