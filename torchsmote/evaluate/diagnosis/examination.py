"""Examination: everything that was found out about a table before anything is resampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..picture import Picture
from .findings import Finding, Recommendation

__all__ = ["ClassRows", "Examination"]


@dataclass(frozen=True)
class ClassRows:
    """One class of the table.

    Attributes:
        label: As text.
        count: Its rows.
        safe: Share of its rows with few neighbours of other classes (Han 2005), from 0 to 1; None where no
            neighbours could be searched.
        danger: Share with at least half, but not all.
        noise: Share with nothing but neighbours of other classes.
    """

    label: str
    count: int
    safe: float | None
    danger: float | None
    noise: float | None


@dataclass(frozen=True)
class Examination:
    """What ``diagnose`` found.

    Attributes:
        n_rows: Rows of the table.
        n_features: Columns.
        imbalance_ratio: Largest class over smallest.
        classes: One entry a class, the largest first.
        findings: One or more for each name of ``FINDINGS`` that applies, the gravest first.
        recommendation: What to do.
        sampled: What was looked at in a sample only, and how large it was; "" where all rows were looked at.
        settings: What repeats it: arguments, shape, versions, and the code.
        picture: The rows in two dimensions; None where fewer than two columns of numbers.
    """

    n_rows: int
    n_features: int
    imbalance_ratio: float
    classes: Sequence[ClassRows]
    findings: Sequence[Finding]
    recommendation: Recommendation
    sampled: str
    settings: Mapping[str, Any]
    picture: Picture | None
