"""How far the classes overlap: error of the nearest neighbour, and the best single column."""

from __future__ import annotations

import numpy as np

from .findings import Finding, Severity
from .neighborhoods import Neighborhoods
from .rules import MUCH_OVERLAP, NO_SIGNAL, OVERLAPPING
from .snippets import Snippets
from .table import Table
from .words import amount, percent, shortened

__all__ = ["best_column", "overlap"]


def best_column(table: Table) -> tuple[str, float] | None:
    """The column of numbers with the largest Fisher ratio, and the ratio; None where no number varies."""
    ratios = table.facts.fisher
    if not np.isfinite(ratios).any() and not np.isinf(ratios).any():
        return None
    best = int(np.nanargmax(ratios))
    return table.features.number_names[best], float(ratios[best])


def overlap(table: Table, around: Neighborhoods | None, snippets: Snippets) -> Finding | None:
    """Error of the nearest neighbour, where it is not next to nothing."""
    if around is None or around.error is None or around.relative_error is None:
        return None
    relative = around.relative_error
    if relative < OVERLAPPING:
        return None
    message = (
        f"The nearest other row is of another class for {percent(around.error)} of the rows, each class "
        f"counted alike; guessing would be wrong for {percent(around.error / relative)}"
    )
    best = best_column(table)
    if best is not None and np.isfinite(best[1]):
        message += (
            f'. The best single column, "{shortened(best[0])}", has a Fisher ratio of {amount(best[1])}'
        )
    message += "."
    if relative < MUCH_OVERLAP:
        return Finding("overlap", "info", around.error, message)
    severity: Severity = "problem" if relative >= NO_SIGNAL else "warning"
    action = "Better columns help more here than more rows; see how far a plain model comes first."
    return Finding("overlap", severity, around.error, message, action, snippets.score_model())
