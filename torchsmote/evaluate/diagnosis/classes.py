"""Findings about the sizes of the classes, and about the rows that stand among other classes."""

from __future__ import annotations

from .findings import Finding, Severity
from .neighborhoods import Neighborhoods
from .rules import BALANCED, ENOUGH, EXTREME, FEWEST, MILD, MOSTLY_NOISE, NOISE, K
from .snippets import Snippets
from .table import Table
from .words import amount, listed, percent, plural

__all__ = ["few_samples", "imbalance", "noise"]


def imbalance(table: Table, snippets: Snippets) -> Finding:
    """Which band the ratio of the largest to the smallest class falls in."""
    ratio = table.ratio
    largest, rarest = (table.class_name(position) for position in (table.largest, table.rarest))
    share = table.counts[table.rarest] / (table.counts[table.rarest] + table.counts[table.largest])
    start = f"{largest[0].upper()}{largest[1:]} has {amount(ratio)} times the rows of {rarest}"
    if ratio <= BALANCED:
        return Finding("imbalance", "info", ratio, f"{start}: as good as balanced.")
    start = f"{start}, which is {percent(share)} of the two"
    if ratio < MILD:
        message = f"{start}: mild; a decision threshold that is tuned mostly does as much as resampling."
        return Finding("imbalance", "info", ratio, message, _TUNE, snippets.tune_threshold())
    severity: Severity = "warning"
    band = "the range in which over-sampling is worth a try"
    if ratio > EXTREME:
        severity, band = "problem", "beyond 99 to 1, where results hang on few rows: resample with care"
    action = "Split with the classes kept in proportion, and judge by precision and recall, not by accuracy."
    return Finding("imbalance", severity, ratio, f"{start}: {band}.", action, snippets.split())


_TUNE = "Tune the threshold on rows that were not trained on."


def few_samples(table: Table, snippets: Snippets) -> Finding | None:
    """Classes with fewer rows than SMOTE's default number of neighbours needs."""
    small = [position for position in table.minorities if table.counts[position] < ENOUGH]
    if not small:
        return None
    least = int(table.counts[small[0]])
    names = listed(table.named(small))
    message = (
        f"{plural(len(small), 'class has', 'classes have')} fewer than the {ENOUGH} rows that SMOTE needs "
        f"with k_neighbors={K}, the smallest {least}: {names}."
    )
    severity: Severity = "problem" if least < FEWEST else "warning"
    action = (
        "Collect more rows of them; until then use fewer neighbours, and trust no score of these classes."
    )
    return Finding("few_samples", severity, float(least), message, action, snippets.shrink())


def _noise_shares(table: Table, around: Neighborhoods) -> dict[int, float]:
    """Of classes large enough to have neighbours of their own."""
    large = [position for position in table.minorities if table.counts[position] >= ENOUGH]
    return {position: own[2] for position in large if (own := around.shares(position)) is not None}


def noise(table: Table, around: Neighborhoods | None, snippets: Snippets) -> Finding | None:
    """The class, but for the largest, with the largest share of rows among nothing but other classes."""
    shares = {} if around is None else _noise_shares(table, around)
    noisy = [position for position, share in shares.items() if share >= NOISE]
    if not noisy or around is None:
        return None
    worst = max(noisy, key=lambda position: shares[position])
    share = shares[worst]
    message = (
        f"{percent(share)} of the rows of {table.class_name(worst)} have only rows of other classes as their "
        f"{around.k} nearest"
    )
    others = [position for position in noisy if position != worst]
    message += f"; many do in {listed(table.named(others))}, too." if others else "."
    severity: Severity = "problem" if share >= MOSTLY_NOISE else "warning"
    action = "Look at these rows and check their labels: rows made from them would stand among other classes."
    return Finding("noise", severity, share, message, action, snippets.list_noise(worst, around.k))
