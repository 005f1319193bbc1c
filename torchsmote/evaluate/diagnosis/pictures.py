"""The picture of a diagnosis: rows in two dimensions, with rows as the recommended method would make them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ...draws import Draws, synthesize
from ..picture import Picture, project
from .findings import Recommendation
from .groups import Groups
from .rules import PICTURED, PICTURED_OF_CLASS
from .sampling import chosen
from .standardized import SearchedRows
from .table import Table

__all__ = ["picture"]


def picture(
    table: Table,
    searched: SearchedRows,
    groups: dict[int, Groups],
    recommendation: Recommendation,
    seed: int,
) -> Picture | None:
    """Project the standardised numbers; None where fewer than two columns of them vary.

    Args:
        table: The table.
        searched: Its rows.
        groups: Neighbours within the classes, from which synthetic rows are made.
        recommendation: Which classes are to get rows.
        seed: Of what is drawn.
    """
    if len(searched.columns) < 2 or len(searched) < 2:
        return None
    rng = np.random.default_rng(seed)
    parts = [chosen(np.arange(len(searched)), PICTURED, rng)]
    parts += [
        chosen(np.flatnonzero(searched.labels == position), PICTURED_OF_CLASS, rng)
        for position in range(len(table.counts))
    ]
    rows = np.unique(np.concatenate(parts))
    labels = [table.labels[position] for position in searched.labels[rows]]
    made, made_labels = _synthetic(table, searched, groups, recommendation, rng)
    title = "Rows in two dimensions, by principal components of the standardised numbers"
    found = project(title, searched.coordinates[rows], labels, made, made_labels, seed=seed)
    shown = found.synthetic.count(False)
    if shown < len(table):
        note = f"{shown:,} of {len(table):,} rows, drawn at random; rare classes keep more of theirs"
        return replace(found, note=note)
    return found


def _synthetic(
    table: Table,
    searched: SearchedRows,
    groups: dict[int, Groups],
    recommendation: Recommendation,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32] | None, list[str]]:
    """Rows between neighbours of a class, as SMOTE makes them; none where nothing is interpolated."""
    if recommendation.k_neighbors is None or recommendation.method == "SMOTEN":
        return None, []
    wanted = _wanted(table, recommendation)
    total = sum(wanted.values())
    made, labels = [], []
    for position, count in wanted.items():
        own = groups.get(position)
        shown = min(count, max(1, round(PICTURED * count / max(total, PICTURED))))
        if own is None or not count:
            continue
        k = min(recommendation.k_neighbors, own.neighbors.shape[1])
        base = rng.integers(len(own.rows), size=shown)
        neighbor = own.neighbors[base, rng.integers(k, size=shown)]
        steps = torch.from_numpy(rng.random((shown, 1), dtype=np.float32))
        ends = (torch.from_numpy(own.rows[places]) for places in (base, neighbor[:, None]))
        drawn = Draws(next(ends), next(ends), steps, torch.full((shown,), position))
        made.append(synthesize(searched.numbers, drawn).numpy()[:, : len(searched.columns)])
        labels += [table.labels[position]] * shown
    return (np.concatenate(made), labels) if made else (None, [])


def _wanted(table: Table, recommendation: Recommendation) -> dict[int, int]:
    """Class position -> rows to make."""
    strategy = recommendation.sampling_strategy
    if isinstance(strategy, dict):
        return {
            position: strategy[key] - int(table.counts[position])
            for position, key in enumerate(table.targets.keys)
            if key in strategy
        }
    return {table.rarest: int(strategy * table.counts.max()) - int(table.counts[table.rarest])}
