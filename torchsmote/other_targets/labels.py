"""Several labels a row: the bag of rows that have a label, and how rare each label is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from ..over_sampling.class_recipe import ClassRecipe
from ..targets import Targets, to_host

__all__ = ["Bags", "read_labels", "voted"]


@dataclass(frozen=True, eq=False)
class Bags(Targets):
    """Labels of a table, of which a row may have several.

    Here ``classes`` are the labels' names (column numbers, where they have none), ``counts`` the rows of
    each, and ``codes`` are 0, since no row is of one class.

    Attributes:
        has: Which row has which label, bool, shape (n, c).
    """

    has: NDArray[np.bool_]

    def rows_of(self, position: int) -> NDArray[np.int64]:
        """Rows of one bag, in order; bags overlap."""
        return np.flatnonzero(self.has[:, position])

    @property
    def imbalance_ratios(self) -> NDArray[np.float64]:
        """IRLbl: rows of the most frequent label over rows of each, shape (c,); inf for a label of no row."""
        counts = np.array(self.counts, dtype=np.float64)
        ratios = np.full(len(counts), np.inf)
        ratios[counts > 0] = counts.max() / counts[counts > 0]
        return ratios

    @property
    def mean_imbalance_ratio(self) -> float:
        """MeanIR: the mean of the ratios of labels that some row has."""
        ratios = self.imbalance_ratios
        return float(ratios[np.isfinite(ratios)].mean())


def read_labels(y: Any) -> Bags:
    """Check and read a table of 0 and 1.

    Args:
        y: Shape (n, c), c at least 2: tensor, array, data frame or list, of bool, whole or floating numbers.

    Raises:
        TypeError: If it is a sparse table.
        ValueError: If it has another shape, a value besides 0 and 1, or no 1.
    """
    if sparse.issparse(y):
        raise TypeError("`y` is a sparse table; give its labels as a dense one: y.toarray()")
    values = to_host(y)
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(
            f"`y` must have one column of 0 and 1 for each of at least 2 labels, got shape {values.shape}; "
            "for one label a row use SMOTE"
        )
    has: NDArray[np.bool_] = np.asarray(values == 1, dtype=bool)
    wrong = ~(has | np.asarray(values == 0, dtype=bool))
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"`y` must hold 0 and 1 only, but has {values[row, column]} in row {row}, column {column}; "
            "binarize it first, with sklearn.preprocessing.MultiLabelBinarizer say"
        )
    if not has.any():
        raise ValueError("`y` holds no 1: no row has a label, so none is rarer than another")
    names = list(y.columns) if hasattr(y, "columns") else list(range(values.shape[1]))
    classes = np.empty(len(names), dtype=object)
    classes[:] = names
    counts = tuple(has.sum(0).tolist())
    return Bags(values, classes, np.zeros(len(values), dtype=np.int64), counts, has)


def voted(has: Tensor, part: ClassRecipe, strategy: str) -> Tensor:
    """The labels of a synthetic row by its base row: which of base and neighbours have them.

    Args:
        has: Which row has which label, bool, shape (n, c).
        part: Base rows and their k neighbours.
        strategy: "ranking": those that at least half of the k + 1 rows have; "union": that any has;
            "intersection": that all have.

    Returns:
        bool, shape (b, c).
    """
    assert part.table is not None
    votes = has.index_select(0, part.rows).to(torch.int32)
    for neighbors in part.table.unbind(1):
        votes += has.index_select(0, neighbors)
    voters = 1 + part.table.shape[1]
    needed = {"ranking": (voters + 1) // 2, "union": 1, "intersection": voters}[strategy]
    return votes >= needed
