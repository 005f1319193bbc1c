"""Text from a table (labels, names of columns) as a page and a picture can carry it."""

from __future__ import annotations

import re

__all__ = ["printable", "shortened"]

# Control characters, which XML cannot hold; halves of surrogate pairs, which UTF-8 cannot; and marks that
# turn the direction of the text around them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    r"""Replace what no file of text may hold by U+FFFD.

    >>> printable("a\x00b")
    'a\ufffdb'
    """
    return _UNPRINTABLE.sub("\ufffd", text) if _UNPRINTABLE.search(text) else text


def shortened(text: str, longest: int = 32) -> str:
    """On one line, and with its middle left out where it is too long for a picture.

    >>> shortened("a rather long name of a class", 15)
    'a rathe…a class'
    """
    line = " ".join(printable(text).split())
    if len(line) <= longest:
        return line
    half = (longest - 1) // 2
    return f"{line[: longest - 1 - half]}…{line[-half:]}"
