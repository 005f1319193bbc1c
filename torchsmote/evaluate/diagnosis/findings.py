"""What a diagnosis consists of: findings with a number, a sentence and an action, and a recommendation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["FINDINGS", "Finding", "Recommendation", "Severity"]

Severity = Literal["info", "warning", "problem"]

FINDINGS: tuple[str, ...] = (
    "imbalance",
    "few_samples",
    "noise",
    "scattered",
    "duplicates",
    "overlap",
    "unscaled",
    "constant",
    "categorical",
    "missing",
    "high_dimension",
    "hubness",
    "leakage",
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: One of ``FINDINGS``.
        severity: "info" where nothing need be done, "warning", or "problem".
        value: The number behind it, in the unit that the message names; None where it could not be found.
        message: One plain sentence that says what the number means.
        action: What to do, one sentence; "" where nothing need be done.
        code: Python that does it; "" where there is none.
    """

    name: str
    severity: Severity
    value: float | None
    message: str
    action: str = ""
    code: str = ""


@dataclass(frozen=True)
class Recommendation:
    """What to do about the imbalance.

    Attributes:
        resample: Whether to try over-sampling at all.
        method: Name of the resampler, such as "SMOTE"; None where not to resample.
        sampling_strategy: Minority over majority afterwards (a float, binary), or a dict of class to final
            count; None where not to resample.
        k_neighbors: Neighbours; None where not to resample, or the method has none.
        message: Why, in plain sentences.
        code: Python that does it.
    """

    resample: bool
    method: str | None
    sampling_strategy: Any
    k_neighbors: int | None
    message: str
    code: str
