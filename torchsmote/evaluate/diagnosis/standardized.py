"""The rows that distances are taken between: standardised numbers, and categories beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...neighbors import Neighbors, neighbors_among
from ..features import Features
from .column_facts import ColumnFacts, parts
from .rules import CATEGORY_LIKE, JITTER, MISMATCH

__all__ = ["SearchedRows", "standardize"]


@dataclass(frozen=True, eq=False)
class SearchedRows:
    """Rows without missing numbers.

    Attributes:
        rows: Their place in the table, int64, ascending, shape (m,).
        numbers: Standardised columns that vary, float32, shape (m, d); the last one is a tie-breaker where
            ``jittered``, and the only one where no number varies.
        codes: Categories, int32, no two columns share a number, shape (m, c); None: there are none.
        labels: Class of each row, shape (m,).
        columns: Which columns of numbers they are.
        jittered: Whether rows with equal values are told apart at random.
    """

    rows: NDArray[np.int64]
    numbers: Tensor
    codes: Tensor | None
    labels: NDArray[np.int64]
    columns: NDArray[np.int64]
    jittered: bool

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns that tell rows apart, categories included."""
        return len(self.columns) + (0 if self.codes is None else self.codes.shape[1])

    @property
    def coordinates(self) -> NDArray[np.float32]:
        """The standardised numbers without the tie-breaker."""
        return self.numbers.numpy()[:, : len(self.columns)]

    def nearest(
        self, k: int, queries: NDArray[np.int64], references: NDArray[np.int64] | None = None
    ) -> Neighbors:
        """The k nearest of the references (None: all rows) to each query, without itself; both count here."""
        asked, seen = (None if one is None else torch.from_numpy(one) for one in (queries, references))
        return neighbors_among(
            self.numbers, k, queries=asked, references=seen, codes=self.codes, mismatch=MISMATCH
        )

    def apart(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
        """Distance of each row of one list to its counterpart in the other."""
        a, b = (self.numbers[torch.from_numpy(rows)].double() for rows in (one, other))
        squared = (a - b).square().sum(1).numpy()
        if self.codes is not None:
            c, d = (self.codes[torch.from_numpy(rows)] for rows in (one, other))
            squared = squared + MISMATCH**2 * (c != d).sum(1).numpy()
        return np.asarray(np.sqrt(squared))


def standardize(
    features: Features,
    facts: ColumnFacts,
    labels: NDArray[np.int64],
    rng: np.random.Generator,
    *,
    tied: bool = False,
) -> SearchedRows:
    """Standardise the columns that vary, and leave out the rows where one of them is missing.

    A tie-breaker of ``JITTER`` is added where distances tie: categories, whole numbers, few values, rows that
    repeat. Else rows that stand first in the table would win all ties.

    Args:
        features: The table.
        facts: Of its columns.
        labels: Class of each row.
        rng: Where the tie-breaker is drawn from.
        tied: Whether rows repeat.
    """
    columns = np.flatnonzero(facts.measured)
    complete = np.ones(len(features), np.bool_)
    for part in parts(*features.numbers.shape) if facts.missing[columns].any() else ():
        complete[part] = np.isfinite(features.numbers[part][:, columns]).all(1)
    rows = np.flatnonzero(complete)
    codes = _codes(features, rows)
    stepped = facts.whole[columns] | (facts.n_distinct[columns] <= CATEGORY_LIKE)
    jittered = tied or codes is not None or bool(stepped.any()) or not len(columns)
    numbers = np.empty((len(rows), len(columns) + jittered), np.float32)
    std = np.where(facts.std[columns] > 0, facts.std[columns], 1)
    for part in parts(*numbers.shape):
        # A slice, where no row is left out: taking rows by number copies them twice.
        chosen = part if len(rows) == len(features) else rows[part]
        values = facts.unit(features.numbers[chosen].astype(np.float64)[:, columns], columns)
        numbers[part, : len(columns)] = (values - facts.mean[columns]) / std
    if jittered:
        numbers[:, -1] = rng.uniform(-JITTER, JITTER, len(rows))
    return SearchedRows(rows, torch.from_numpy(numbers), codes, labels[rows], columns, jittered)


def _codes(features: Features, rows: NDArray[np.int64]) -> Tensor | None:
    """Categories that vary, numbered through; a missing one is a category of its own, as in SMOTENC."""
    varying = [place for place, size in enumerate(features.n_categories) if size > 1]
    if not varying:
        return None
    sizes = np.array([features.n_categories[place] + 1 for place in varying])
    starts = np.concatenate(([0], sizes.cumsum()[:-1]))
    return torch.from_numpy((features.codes[rows][:, varying] + 1 + starts).astype(np.int32))
