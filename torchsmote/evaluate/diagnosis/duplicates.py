"""Rows that repeat, exactly or nearly: where over-sampling makes copies, and training over-fits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .findings import Finding, Severity
from .neighborhoods import Neighborhoods
from .rules import NEAR, NEARLY_REPEATED, REPEATED
from .snippets import Snippets
from .table import Table
from .words import percent

__all__ = ["Repeats", "duplicates", "near_shares"]


class Repeats:
    """Rows that are equal to others.

    Attributes:
        repeated: Whether each row equals another one, bool, shape (n,).
        share: Share of the rows that repeat an earlier one.
        contradicting: Share of the rows that equal a row of another class.
    """

    def __init__(self, hashes: NDArray[np.uint64], labels: NDArray[np.int64]) -> None:
        order = np.argsort(hashes, kind="stable")
        same = hashes[order][1:] == hashes[order][:-1]
        start = np.concatenate(([True], ~same))
        self.share = float(same.sum() / len(hashes))
        run = start.cumsum() - 1
        first = np.flatnonzero(start)
        own = labels[order]
        low, high = np.minimum.reduceat(own, first), np.maximum.reduceat(own, first)
        sizes = np.diff(first, append=len(hashes))
        self.contradicting = float((low != high)[run].sum() / len(hashes))
        self.repeated = np.empty(len(hashes), np.bool_)
        self.repeated[order] = (sizes > 1)[run]


def near_shares(
    around: Neighborhoods, repeated: NDArray[np.bool_], n_classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of each class's rows with a near-duplicate of their class, and with k of them: a tight cluster.

    Near is within ``NEAR`` of the median distance to the nearest row; exact repeats do not count.

    Args:
        around: Neighbours of the rows looked at.
        repeated: Whether each of those equals another row.
        n_classes: Classes of the table.
    """
    near, tight = np.zeros(n_classes), np.zeros(n_classes)
    single = ~repeated
    if not single.any():
        return near, tight
    distances, weights = around.distances[single, 0], around.weights[single]
    order = np.argsort(distances, kind="stable")
    middle = np.searchsorted(weights[order].cumsum(), weights.sum() / 2)
    reach = NEAR * distances[order][min(middle, len(order) - 1)]
    close = (around.distances < reach) & ~around.enemies & single[:, None]
    for position in range(n_classes):
        own = close[around.of_class(position)]
        if len(own):
            near[position], tight[position] = own[:, 0].mean(), own.all(1).mean()
    return near, tight


def duplicates(
    table: Table,
    repeats: Repeats,
    near: tuple[NDArray[np.float64], NDArray[np.float64]],
    snippets: Snippets,
) -> Finding | None:
    """Repeated rows over all, and the class with the most near-duplicates."""
    shares, tight = near
    worst = int(shares.argmax())
    nearly = shares[worst] >= NEARLY_REPEATED
    if not repeats.share and not nearly:
        return None
    sentences = []
    if repeats.share:
        sentences.append(f"{percent(repeats.share)} of the rows repeat an earlier one exactly")
    if repeats.contradicting:
        sentences.append(f"{percent(repeats.contradicting)} equal a row of another class")
    if nearly:
        clusters = f" ({percent(tight[worst])} lie in tight clusters)" if tight[worst] else ""
        sentences.append(
            f"{percent(shares[worst])} of the rows of {table.class_name(worst)} are near-copies of "
            f"another row of it{clusters}"
        )
    grave = nearly or max(repeats.share, repeats.contradicting) >= REPEATED
    severity: Severity = "warning" if grave else "info"
    value = max(repeats.share, float(shares[worst]) if nearly else 0.0)
    action = (
        "Drop the copies, or keep them in one part of every split: rows made between copies are copies, and "
        "a model learns them by heart."
    )
    code = snippets.drop_repeats() if repeats.share else snippets.group_split()
    return Finding("duplicates", severity, value, "; ".join(sentences) + ".", action, code)
