"""An examination as plain text of 80 columns, the gravest first and the advice last."""

from __future__ import annotations

from collections.abc import Sequence

from ..terminal_text import width, wrapped
from .class_rows import ClassRows
from .findings import Finding, Recommendation
from .rules import SHOWN_CLASSES
from .words import percent, plural, shortened

__all__ = ["class_lines", "finding_lines", "recommendation_lines"]

_LABEL = 24
_INDENT = "    "


def class_lines(classes: Sequence[ClassRows], n_rows: int) -> list[str]:
    """A table of the classes; of very many, the largest and the rarest."""
    shown = list(classes)
    if len(shown) > SHOWN_CLASSES:
        shown = [*shown[: SHOWN_CLASSES // 2], *shown[-(SHOWN_CLASSES // 2) :]]
    heads = f"{'rows':>13}{'share':>9}{'safe':>9}{'danger':>9}{'noise':>9}"
    lines = [f"{'class':<{_LABEL}}{heads}"]
    for place, own in enumerate(shown):
        if len(shown) < len(classes) and place == SHOWN_CLASSES // 2:
            lines.append(f"... {plural(len(classes) - len(shown), 'class', 'classes')} between")
        shares = [own.count / n_rows, own.safe, own.danger, own.noise]
        cells = "".join(f"{'-' if share is None else percent(share):>9}" for share in shares)
        label = shortened(own.label, _LABEL - 1)
        lines.append(f"{label}{' ' * (_LABEL - width(label))}{own.count:>13,}{cells}")
    return lines


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """Each finding with its sentence and its action."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.severity.upper():<8} {finding.name}")
        lines += wrapped(finding.message, _INDENT, _INDENT)
        if finding.action:
            lines += wrapped(finding.action, f"{_INDENT}   ", f"{_INDENT}-> ")
    return lines


def recommendation_lines(recommendation: Recommendation) -> list[str]:
    """The advice and its code."""
    lines = wrapped(recommendation.message, _INDENT, _INDENT)
    if recommendation.code:
        lines += ["", *(f"{_INDENT}{line}".rstrip() for line in recommendation.code.split("\n"))]
    return lines
