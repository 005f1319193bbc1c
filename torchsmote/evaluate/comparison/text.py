"""Plain text that fits 80 columns: paragraphs, and tables whose first column wraps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap

from ..report.plain_text import printable
from ..terminal_text import WIDTH, wrapped

__all__ = ["paragraph", "table"]

_GAP = "  "


def paragraph(text: str, indent: str = "") -> str:
    """Text in lines of at most 80 columns, the second and later ones indented."""
    return "\n".join(wrapped(text, indent))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side; the first one is wrapped to what room the others leave.

    Args:
        header: One text a column; wrapped, too.
        rows: As many texts each; all but the first stay on one line.

    >>> print(table(["method", "a value"], [["one", "0.50"], ["two", "0.25"]]))
    method      a
            value
    ------  -----
    one      0.50
    two      0.25
    """
    widths = [
        max(*(len(word) for word in title.split()), *(len(row[place]) for row in rows))
        for place, title in enumerate(header)
    ]
    widths[0] = max(1, min(widths[0], WIDTH - sum(width + len(_GAP) for width in widths[1:])))
    rule = ["-" * width for width in widths]
    return "\n".join(line for cells in (header, rule, *rows) for line in _lines(cells, widths))


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    columns = [wrap(printable(cell), width) for cell, width in zip(cells, widths, strict=True)]
    return [
        _GAP.join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in zip_longest(*columns, fillvalue="")
    ]
