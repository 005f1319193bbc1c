"""What an examination tells of one class."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ClassRows"]


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
