"""Examination: everything that was found out about a table before anything is resampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..picture import Picture
from ..terminal_text import wrapped
from .class_rows import ClassRows
from .findings import Finding, Recommendation
from .text import class_lines, finding_lines, recommendation_lines
from .words import amount, plural

__all__ = ["ClassRows", "Examination"]


@dataclass(frozen=True)
class Examination:
    """What ``diagnose`` found.

    Attributes:
        n_rows: Rows of the table.
        n_features: Columns.
        imbalance_ratio: Largest class over smallest.
        classes: One entry a class, the largest first.
        findings: One for each name of ``FINDINGS`` that applies, the gravest first.
        recommendation: What to do.
        sampled: What was looked at in a sample only, and how large it was; what was left out of the search
            for neighbours; "" where all rows were looked at.
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

    def to_dict(self) -> dict[str, Any]:
        """Everything as dicts, lists, text and numbers that strict JSON holds: no NaN, no infinity.

        Classes are named by their text, in ``recommendation["sampling_strategy"]`` too.
        """
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    def __str__(self) -> str:
        columns = plural(self.n_features, "column")
        head = (
            f"{plural(self.n_rows, 'row')}, {columns}, {len(self.classes):,} classes; the largest class has "
            f"{amount(self.imbalance_ratio)} times the rows of the smallest."
        )
        lines = [*wrapped(head), "", *class_lines(self.classes, self.n_rows)]
        lines += ["", "Findings", "", *(finding_lines(self.findings) or ["None."])]
        if self.sampled:
            lines += ["", *wrapped(self.sampled)]
        lines += ["", "Recommendation", "", *recommendation_lines(self.recommendation)]
        return "\n".join(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(own) for own in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return None
    return value
