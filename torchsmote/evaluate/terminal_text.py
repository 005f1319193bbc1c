"""Paragraphs for a terminal of 80 columns, whatever letters the names of classes and columns hold."""

from __future__ import annotations

import textwrap
import unicodedata

from .report.plain_text import printable

__all__ = ["WIDTH", "width", "wrapped"]

WIDTH = 80  # columns of a line

_SECOND = "\ue000"  # stands for the second column of a wide letter while lines are counted


def width(text: str) -> int:
    """Columns of a terminal that a text takes: two for a wide letter, none for an accent of its own.

    >>> width("类别"), width("e\u0301")
    (4, 1)
    """
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def wrapped(text: str, indent: str = "", first: str = "") -> list[str]:
    """Lines of at most ``WIDTH`` columns; nothing in them steers a terminal.

    Args:
        text: Any; runs of white space count as one space.
        indent: Before the second and later lines.
        first: Before the first.

    >>> [len(line) for line in wrapped("word " * 20, "    ")]
    [79, 23]
    """
    counted = "".join(letter + _SECOND * (width(letter) - 1) for letter in printable(text))
    lines = textwrap.wrap(
        counted, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
    return [line.replace(_SECOND, "") for line in lines]
