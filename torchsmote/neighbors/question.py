"""What a caller of ``knn`` asks, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torchsmote.neighbors.checks import as_matrix, check_choice, check_k, check_pair, check_rows
from torchsmote.neighbors.engine import available_backends
from torchsmote.neighbors.labels import given_labels
from torchsmote.neighbors.streamed import is_streamed

__all__ = ["METRICS", "Question"]

METRICS = ("euclidean", "cosine")
_RELATIONS = ("any", "same", "different")


@dataclass(frozen=True, eq=False)
class Question:
    """The arguments of ``knn``, of the right types and fitting one another; values were not looked at.

    Attributes:
        tables: The query and, last, the reference where there is one, each with its argument's name: tensors,
            or tables that are read block by block.
        k: How many neighbours.
        relation: "any", "same" or "different".
        labels: Argument, values and length of each vector of labels; empty if there are none.
        exclude_self: Whether rows leave themselves out.
        metric: "euclidean" or "cosine".
        backend: What finds candidates.
    """

    tables: list[tuple[str, Any]]
    k: int
    relation: str
    labels: list[tuple[str, Any, int]]
    exclude_self: bool
    metric: str
    backend: str

    @classmethod
    def of(
        cls,
        query: Any,
        reference: Any,
        k: Any,
        relation: str,
        labels: tuple[Any, Any],
        exclude_self: bool,
        metric: str,
        backend: str,
    ) -> Question:
        """Check the arguments of ``knn``, with its errors; ``labels`` are those of query and reference."""
        k = check_k(k)
        check_choice(relation, _RELATIONS, "relation")
        check_choice(metric, METRICS, "metric")
        check_choice(backend, ("auto", *available_backends()), "backend")
        tables = [("query", _table(query, "query"))]
        if exclude_self and reference is not None:
            raise ValueError("`exclude_self` needs a search of `query` in itself: pass reference=None")
        if reference is not None:
            tables.append(("reference", _table(reference, "reference")))
        name, seen = tables[-1]
        check_rows(seen, name)
        check_pair(tables[0][1], seen)
        n_reference = None if reference is None else len(seen)
        given = given_labels(relation, len(tables[0][1]), n_reference, *labels)
        return cls(tables, k, relation, given, exclude_self, metric, backend)


def _table(values: Any, name: str) -> Any:
    return values if is_streamed(values) else as_matrix(values, name)
