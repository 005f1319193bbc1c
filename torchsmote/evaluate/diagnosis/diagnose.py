"""diagnose: look at a table before anything is resampled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...random import check_seed
from .class_rows import ClassRows
from .classes import few_samples, imbalance, noise
from .columns import categorical, constant, missing, scale_ratio, unscaled
from .diagnosis import Diagnosis
from .duplicates import Repeats, duplicates, near_shares
from .findings import FINDINGS, Finding
from .geometry import high_dimension, hubness, measure_geometry
from .groups import find_groups, scattered
from .leakage import leakage, read_split
from .neighborhoods import Neighborhoods, search_neighborhoods
from .overlap import overlap
from .pictures import picture
from .recommendation import recommend
from .row_hashes import hash_rows
from .rules import SCALE_RATIO
from .settings import settings_of, what_was_sampled
from .snippets import Snippets
from .standardized import standardize
from .table import Table, read

__all__ = ["diagnose"]

_GRAVITY = ("problem", "warning", "info")


def diagnose(X: Any, y: Any, *, split: Any = None, seed: int = 0) -> Diagnosis:
    r"""Say whether a table should be over-sampled, with what, and how far; and what is wrong with it.

    Neighbours are searched in the numbers, each column minus its mean and divided by its standard deviation,
    with 1 more in the squared distance for each category that differs, as SMOTE-NC has it. Columns that are
    constant or mostly missing are left out, and so are rows that lack a number. What the findings mean, and
    the rules behind them with their sources: docs/diagnose.md and ``evaluate/diagnosis/rules.py``.

    Above 10,000 rows, the neighbours of 10,000 rows are searched (5,000 in a million), drawn evenly from the
    classes, but in all rows, so that the shares of safe, dangerous and noisy rows are not biased;
    ``Diagnosis.sampled`` says so.

    Args:
        X: Tensor on any device, array, list of rows, pandas or polars frame, or scipy sparse table, shape
            (n, ...); NaN and missing values are a finding, not an error. It is not changed.
        y: Labels of any kind, shape (n,), at least two classes.
        split: (train indices, test indices), to see what would leak.
        seed: Of the sampling, in [0, 2**64).

    Returns:
        `Diagnosis`: ``findings``, ``recommendation``, ``classes``; ``print`` it.

    Raises:
        ValueError: If the table is empty, ``y`` has one class or another length, or ``split`` names rows that
            are not there, or a row twice.
        TypeError: If a column is neither numbers nor categories, or ``split`` is not a pair of row numbers.

    >>> from torchsmote import make_imbalanced
    >>> table = make_imbalanced(2000, 4, weights=[0.95, 0.05])
    >>> diagnosis = diagnose(table.data, table.target)
    >>> [finding.name for finding in diagnosis.findings]
    ['imbalance', 'noise', 'overlap']
    >>> diagnosis.recommendation.method, diagnosis.recommendation.sampling_strategy
    ('SMOTE', 0.25)
    """
    seed = check_seed(seed)
    table = read(X, y)
    parts = read_split(split, len(table))
    ratio = scale_ratio(table)
    snippets = Snippets(table, ratio is not None and ratio[0] >= SCALE_RATIO, seed % 2**32)
    rng = _streams(seed)
    hashes = hash_rows(table.features)
    repeats = Repeats(hashes, table.codes)
    tied = bool(repeats.repeated.any())
    searched = standardize(table.features, table.facts, table.codes, rng(), tied=tied)
    around = search_neighborhoods(searched, len(table.counts), rng())
    groups = find_groups(searched, table.minorities, rng())
    geometry = measure_geometry(searched, rng())
    near = np.zeros(len(table.counts)), np.zeros(len(table.counts))
    if around is not None:
        near = near_shares(around, repeats.repeated[searched.rows[around.queries]], len(table.counts))
    findings = [
        imbalance(table, snippets),
        few_samples(table, snippets),
        noise(table, around, snippets),
        scattered(table, groups, searched.width, snippets),
        duplicates(table, repeats, near, snippets),
        overlap(table, around, snippets),
        unscaled(table, snippets),
        constant(table, snippets),
        categorical(table, snippets),
        missing(table, snippets),
        high_dimension(table, geometry, snippets),
        hubness(geometry, snippets),
        leakage(parts, hashes, snippets),
    ]
    advice = recommend(table, around, geometry, repeats, snippets)
    return Diagnosis(
        n_rows=len(table),
        n_features=len(table.features.names),
        imbalance_ratio=table.ratio,
        classes=_classes(table, around),
        findings=_gravest_first([finding for finding in findings if finding is not None]),
        recommendation=advice,
        sampled=what_was_sampled(table, searched, around, groups, geometry),
        settings=settings_of(table, parts, seed),
        picture=picture(table, searched, groups, advice, seed),
    )


def _streams(seed: int) -> Callable[[], np.random.Generator]:
    """A generator for each purpose, so that no step depends on how much another one drew."""
    source = np.random.SeedSequence(seed)
    return lambda: np.random.default_rng(source.spawn(1)[0])


def _gravest_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda own: (_GRAVITY.index(own.severity), FINDINGS.index(own.name)))


def _classes(table: Table, around: Neighborhoods | None) -> list[ClassRows]:
    """The classes, the largest first; of equal ones in the order of the labels."""
    rows = []
    for position in np.argsort(-table.counts, kind="stable").tolist():
        shares = None if around is None else around.shares(position)
        safe, danger, noise_share = shares or (None, None, None)
        rows.append(ClassRows(table.labels[position], int(table.counts[position]), safe, danger, noise_share))
    return rows
