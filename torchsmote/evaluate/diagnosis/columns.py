"""Findings about single columns: scales, constants, categories, missing values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .findings import Finding, Severity
from .rules import CATEGORY_LIKE, MANY_ROWS, MOSTLY_MISSING, OWN_VALUES, ROWS_PER_VALUE, SCALE_RATIO
from .snippets import Snippets
from .table import Table
from .words import amount, listed, percent, plural, shortened

__all__ = ["categorical", "category_like", "constant", "missing", "scale_ratio", "unscaled"]


def _names(table: Table, columns: NDArray[np.bool_]) -> list[str]:
    names = table.features.number_names
    return [names[column] for column in np.flatnonzero(columns)]


def scale_ratio(table: Table) -> tuple[float, int, int] | None:
    """Largest standard deviation over smallest, and whose they are; columns of two values do not count.

    An indicator that is rarely 1 varies little, whatever its scale.
    """
    facts = table.facts
    compared = np.flatnonzero(facts.measured & (facts.n_distinct > 2) & (facts.spread > 0))
    if len(compared) < 2:
        return None
    spread = facts.spread[compared]
    widest, narrowest = int(compared[spread.argmax()]), int(compared[spread.argmin()])
    with np.errstate(over="ignore"):
        return float(min(spread.max() / spread.min(), np.finfo(np.float64).max)), widest, narrowest


def unscaled(table: Table, snippets: Snippets) -> Finding | None:
    """Columns on scales so different that the widest alone decides who is nearest."""
    found = scale_ratio(table)
    if found is None or found[0] < SCALE_RATIO:
        return None
    ratio, widest, narrowest = found
    names = table.features.number_names
    message = (
        f'"{shortened(names[widest])}" varies {amount(ratio)} times as much as '
        f'"{shortened(names[narrowest])}": distances see little else than the widest columns.'
    )
    action = "Standardise the columns, with means and deviations of the training part."
    return Finding("unscaled", "warning", ratio, message, action, snippets.standardize())


def constant(table: Table, snippets: Snippets) -> Finding | None:
    """Columns that hold one value, or none."""
    features = table.features
    numerical = np.array(features.numerical, np.int64)
    where = numerical[table.facts.constant].tolist()
    for own, place in enumerate(features.categorical):
        if features.n_categories[own] + bool((features.codes[:, own] < 0).any()) < 2:
            where.append(place)
    if not where:
        return None
    names = [features.names[place] for place in where]
    message = f"{plural(len(names), 'column holds', 'columns hold')} one value only: {listed(names)}."
    action = "Drop them: they tell nothing."
    return Finding(
        "constant", "warning", float(len(names)), message, action, snippets.drop_columns(sorted(where))
    )


def category_like(table: Table) -> NDArray[np.bool_]:
    """Columns of numbers with so few distinct whole values that they may be codes, shape (d,)."""
    facts = table.facts
    known = len(table) - facts.missing
    few = (facts.n_distinct <= CATEGORY_LIKE) & (known >= ROWS_PER_VALUE * facts.n_distinct)
    return np.asarray(facts.whole & few & ~facts.constant)


def categorical(table: Table, snippets: Snippets) -> Finding | None:
    """Columns of categories, and columns of numbers that look like codes of categories."""
    features = table.features
    alike = category_like(table)
    sure, maybe = list(features.code_names), _names(table, alike)
    numbering = _numbers_rows(table)
    own = _names(table, numbering) + _of_each_row(table)
    whole = _names(table, table.facts.whole & ~alike & ~table.facts.constant & ~numbering)
    if not sure and not maybe and not whole and not own:
        return None
    sentences = []
    if sure:
        sentences.append(f"{plural(len(sure), 'column holds', 'columns hold')} categories: {listed(sure)}")
    if maybe:
        sentences.append(
            f"{plural(len(maybe), 'column of numbers has', 'columns of numbers have')} at most "
            f"{CATEGORY_LIKE} different whole values and may be codes: {listed(maybe)}"
        )
    if whole:
        sentences.append(
            f"{plural(len(whole), 'column holds', 'columns hold')} whole numbers, and synthetic ones "
            f"would lie between: {listed(whole)}"
        )
    if own:
        sentences.append(
            f"{plural(len(own), 'column has', 'columns have')} another value in nearly every row, as "
            f"identifiers, dates and free text do: {listed(own)}"
        )
    actions = []
    if sure or maybe:
        actions.append(
            "Name the columns that are categories: between two of them there is nothing to interpolate."
        )
    if own:
        actions.append("Leave out what only says which row it is.")
    numerical = np.array(features.numerical, np.int64)
    places = sorted([*features.categorical, *numerical[alike].tolist()])
    code = snippets.say_categories(places) if places else ""
    if own and not places:
        code = snippets.drop_columns([place for place, name in enumerate(features.names) if name in own])
    severity: Severity = "warning" if places or own else "info"
    value = float(len(places) or len(whole) or len(own))
    return Finding("categorical", severity, value, "; ".join(sentences) + ".", " ".join(actions), code)


def _numbers_rows(table: Table) -> NDArray[np.bool_]:
    """Columns of whole numbers that rise from row to row, shape (d,)."""
    numbers = table.features.numbers
    found: NDArray[np.bool_] = table.facts.whole & (table.facts.missing == 0)
    if len(table) < MANY_ROWS:
        return np.zeros_like(found)
    found[found] = [bool((np.diff(numbers[:, column]) > 0).all()) for column in np.flatnonzero(found)]
    return found


def _of_each_row(table: Table) -> list[str]:
    """Columns of categories with nearly as many values as rows."""
    features = table.features
    known = (features.codes >= 0).sum(0)
    return [
        name
        for name, size, rows in zip(features.code_names, features.n_categories, known, strict=True)
        if rows >= MANY_ROWS and size >= OWN_VALUES * rows
    ]


def missing(table: Table, snippets: Snippets) -> Finding | None:
    """Values that are missing or infinite."""
    features = table.features
    lacking = (features.codes < 0).any(1)
    if table.facts.missing.any():
        lacking |= ~np.isfinite(features.numbers).all(1)
    if not lacking.any():
        return None
    share = float(lacking.mean())
    columns = _names(table, table.facts.missing > 0)
    columns += [features.code_names[p] for p in np.flatnonzero((features.codes < 0).any(0))]
    message = (
        f"{percent(share)} of the rows lack a value, in {plural(len(columns), 'column')}: {listed(columns)}"
    )
    mostly = _names(table, table.facts.missing >= MOSTLY_MISSING * len(table))
    if mostly:
        message += f"; {listed(mostly)} mostly"
    severity: Severity = "problem" if table.facts.missing.any() else "info"
    if severity == "info":
        return Finding("missing", severity, share, f"{message}. It counts as a category of its own.")
    action = "Fill in or drop them, by what the training part tells: distances cannot be taken without."
    return Finding("missing", severity, share, f"{message}.", action, snippets.impute())
