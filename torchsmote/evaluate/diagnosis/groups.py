"""Groups of a class that have no link: connected components of its own neighbour graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from .findings import Finding
from .rules import GROUPED, GROUPS_HOLD, K
from .sampling import chosen
from .snippets import Snippets
from .standardized import SearchedRows
from .table import Table
from .words import amount, listed, percent

__all__ = ["Groups", "find_groups", "scattered"]


@dataclass(frozen=True, eq=False)
class Groups:
    """The neighbour graph of one class.

    Attributes:
        rows: Its rows, as places in `SearchedRows`, shape (m,).
        neighbors: Of each the nearest ones of the class, as places in ``rows``, shape (m, k).
        sizes: Rows of each group, the largest first.
    """

    rows: NDArray[np.int64]
    neighbors: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def needed(self) -> int:
        """How many of the largest groups hold ``GROUPS_HOLD`` of the class."""
        return int(np.searchsorted(self.sizes.cumsum(), GROUPS_HOLD * self.sizes.sum()) + 1)


def find_groups(searched: SearchedRows, positions: list[int], rng: np.random.Generator) -> dict[int, Groups]:
    """The groups of some classes; a class with fewer than two rows to search has none.

    Args:
        searched: The rows.
        positions: Which classes.
        rng: Draws the rows of a class of more than ``GROUPED``.
    """
    found = {}
    for position in positions if searched.width else ():
        rows = chosen(np.flatnonzero(searched.labels == position), GROUPED, rng)
        if len(rows) < 2:
            continue
        nearest = searched.nearest(min(K, len(rows) - 1), rows, rows).indices.numpy()
        neighbors = np.searchsorted(rows, nearest)
        m, k = neighbors.shape
        graph = sparse.csr_matrix(
            (np.ones(m * k, np.int8), neighbors.ravel(), np.arange(0, m * k + 1, k)), (m, m)
        )
        _, group = connected_components(graph, directed=False)
        found[position] = Groups(rows, neighbors, np.sort(np.bincount(group))[::-1])
    return found


def scattered(table: Table, groups: dict[int, Groups], width: int, snippets: Snippets) -> Finding | None:
    """The class that falls into the most groups.

    Tables of one column have no such finding: there gaps between rows are as wide as chance makes them.
    """
    split = {position: own.needed for position, own in groups.items() if own.needed > 1}
    if not split or width < 2:
        return None
    worst = max(split, key=lambda position: split[position])
    sizes = groups[worst].sizes
    message = (
        f"It takes {split[worst]:,} separate groups to hold {100 * GROUPS_HOLD:.0f} % of the rows of "
        f"{table.class_name(worst)}: no row of one is among the {groups[worst].neighbors.shape[1]} nearest "
        f"of its class to a row of another. The largest holds {percent(sizes[0] / sizes.sum())}"
    )
    others = [position for position in split if position != worst]
    message += f"; {listed(table.named(others))} fall apart, too." if others else "."
    action = (
        f"Look at what the groups are, keep k_neighbors at {amount(K)} or fewer so that no row is made "
        "between them, and see that small groups are in both parts of a split."
    )
    return Finding("scattered", "warning", float(split[worst]), message, action, snippets.list_groups(worst))
