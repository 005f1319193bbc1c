"""Words for messages: labels that cannot break a line, shares, lists of names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ..terminal_text import width
from .rules import LONGEST_NAME, SHOWN_NAMES

__all__ = ["amount", "listed", "percent", "plural", "shortened"]


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    r"""Text of one line: what cannot be printed is escaped, and what takes more columns is cut.

    >>> shortened("a line\nand another that goes on", 12)
    'a line\\nand…'
    """
    line = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    if width(line) <= longest:
        return line
    ends = accumulate(map(width, line))
    return "".join(letter for letter, end in zip(line, ends, strict=True) if end < longest) + "…"


def listed(names: Sequence[str]) -> str:
    """The first few names, quoted, and how many more there are.

    >>> listed(["a", "b", "c", "d", "e"])
    '"a", "b", "c" and 2 more'
    """
    quoted = [f'"{shortened(name)}"' for name in names[:SHOWN_NAMES]]
    rest = len(names) - len(quoted)
    if rest:
        return f"{', '.join(quoted)} and {rest:,} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def percent(share: float) -> str:
    """A share as a percentage with one decimal; what is not 0 (or 1) is not shown as 0 (or 100).

    >>> percent(0.5), percent(0.0001), percent(0.9999), percent(0)
    ('50.0 %', '<0.1 %', '>99.9 %', '0.0 %')
    """
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 <= share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def amount(value: float) -> str:
    """A number in at most a few letters: thousands separated, three digits where it is small.

    >>> amount(12345.6), amount(4.25), amount(0.0123), amount(111.0), amount(1e30)
    ('12,346', '4.25', '0.0123', '111', '1e+30')
    """
    if abs(value) >= 1e12:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def plural(count: int, one: str, more: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "class", "classes"), plural(2000, "row")
    ('1 class', '2,000 rows')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"
