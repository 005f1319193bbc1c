"""What a diagnosis went by: what was looked at in part only, and what repeats it."""

from __future__ import annotations

from typing import Any

from ..versions import versions
from .geometry import Geometry
from .groups import Groups
from .leakage import Split
from .neighborhoods import Neighborhoods
from .standardized import SearchedRows
from .table import Table
from .words import listed, plural

__all__ = ["settings_of", "what_was_sampled"]


def what_was_sampled(
    table: Table,
    searched: SearchedRows,
    around: Neighborhoods | None,
    groups: dict[int, Groups],
    geometry: Geometry | None,
) -> str:
    """Sentences about rows and columns that were not looked at; "" where there are none."""
    sentences = []
    facts = table.facts
    names = table.features.number_names
    lacking = [names[place] for place in (~facts.constant & ~facts.measured).nonzero()[0]]
    if lacking:
        sentences.append(f"Mostly missing, and left out of distances: {listed(lacking)}.")
    if len(searched) < len(table):
        sentences.append(
            f"{plural(len(table) - len(searched), 'row')} of {len(table):,} lack a number and were left out "
            "of the search for neighbours."
        )
    if around is not None and len(around.queries) < len(searched):
        sentences.append(
            f"Neighbours were searched for {len(around.queries):,} of {len(searched):,} rows, drawn evenly "
            "from the classes, but in all rows, so that shares are not biased."
        )
    full = searched.labels
    sampled = [position for position, own in groups.items() if len(own.rows) < int((full == position).sum())]
    if sampled:
        sentences.append(
            f"Groups were searched among {len(groups[sampled[0]].rows):,} rows of "
            f"{listed(table.named(sampled))}."
        )
    if geometry is not None and geometry.n_rows < len(searched):
        sentences.append(f"Dimension and hubness come from {geometry.n_rows:,} rows among themselves.")
    return " ".join(sentences)


def settings_of(table: Table, split: Split | None, seed: int) -> dict[str, Any]:
    """Arguments, shape, versions, and the code that repeats it."""
    argument = "" if split is None else "split=(train, test), "
    return {
        "arguments": {
            "split": None if split is None else f"{len(split[0]):,} training and {len(split[1]):,} test rows",
            "seed": seed,
        },
        "shape": [len(table), len(table.features.names)],
        "versions": versions(),
        "code": f"from torchsmote import diagnose\n\nprint(diagnose(X, y, {argument}seed={seed}))",
    }
