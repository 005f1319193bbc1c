"""Options that several commands have, and what their texts mean."""

from __future__ import annotations

import csv
import re
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .status import Parser
from .tables import Labels
from .words import in_options

__all__ = ["add_table", "as_options", "names_in", "positive", "seed_in", "strategy_for", "strategy_in"]

_WORDS = ("auto", "minority", "majority", "not minority", "not majority", "all")
_PAIRS = re.compile(r"(.+?)=(\d+(?:_\d+)*)(?:,|$)")


def add_table(parser: Parser) -> None:
    """FILE and what its columns are."""
    parser.add_argument("file", metavar="FILE", type=Path, help="CSV (.csv, .tsv, also .gz) or Parquet.")
    parser.add_argument("--target", required=True, metavar="COL", help="Column of class labels.")
    parser.add_argument(
        "--categorical",
        action="extend",
        default=[],
        type=names_in,
        metavar="A,B",
        help="Columns that hold categories.",
    )
    parser.add_argument(
        "--ignore",
        action="extend",
        default=[],
        type=names_in,
        metavar="A,B",
        help="Columns to leave out, such as identifiers and dates.",
    )
    parser.add_argument("--seed", default=0, type=seed_in, help="Of all that is drawn (default: 0).")
    parser.add_argument(
        "--json", action="store_true", help="Print JSON, and nothing else, on standard output."
    )


def names_in(text: str) -> list[str]:
    """Names between commas; one that has a comma itself stands in quotation marks, as does one that is empty.

    >>> names_in('id,"amount, EUR"'), names_in('""')
    (['id', 'amount, EUR'], [''])
    """
    return [name for name in next(csv.reader([text]), []) if name or '""' in text]


def positive(text: str) -> int:
    """A whole number above 0.

    Raises:
        ArgumentTypeError: If it is none.
    """
    if not text.isdecimal() or len(text) > 18 or not int(text):
        raise ArgumentTypeError(f"must be a whole number above 0, got {text!r:.40}")
    return int(text)


def seed_in(text: str) -> int:
    """A whole number that all methods take for a seed.

    Raises:
        ArgumentTypeError: If it is none.
    """
    if not text.isdecimal() or len(text) > 10 or int(text) >= 1 << 32:
        raise ArgumentTypeError(f"must be a whole number from 0 to 4294967295, got {text:.40}")
    return int(text)


def strategy_in(text: str) -> Any:
    """What ``--strategy`` says: a word, a ratio, or a dict of class, as text, to count.

    Raises:
        ArgumentTypeError: If it is none of these.

    >>> strategy_in("not-minority"), strategy_in("0.5"), strategy_in("fraud=500,theft=1_000")
    ('not minority', 0.5, {'fraud': 500, 'theft': 1000})
    """
    word = text.strip().lower().replace("-", " ").replace("_", " ")
    if word in _WORDS:
        return word
    try:
        ratio = float(text)
    except ValueError:
        return _counts_in(text)
    if not 0 < ratio <= 1:
        raise ArgumentTypeError(f"a ratio must be above 0 and at most 1, got {text}")
    return ratio


def _counts_in(text: str) -> dict[str, int]:
    pairs = list(_PAIRS.finditer(text))
    if not pairs or "".join(pair.group() for pair in pairs) != text:
        near = get_close_matches(text, _WORDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ArgumentTypeError(
            f"{text!r} is none of: {', '.join(_WORDS)}; a ratio such as 0.5; counts such as "
            f"fraud=500,theft=300{hint}"
        )
    counts = {pair.group(1): int(pair.group(2)) for pair in pairs}
    if len(counts) < len(pairs):
        raise ArgumentTypeError(f"{text!r} names a class twice")
    if max(counts.values()) >= 1 << 48:
        raise ArgumentTypeError(f"{text!r} asks for more rows than any table can have")
    return counts


def strategy_for(strategy: Any, labels: Labels) -> Any:
    """A strategy with the classes as the table has them: on the command line they are text.

    Raises:
        ValueError: If it names a class that the table does not have.
    """
    if not isinstance(strategy, dict):
        return strategy
    known: dict[str, Any] = {}
    for text, value in zip(labels.texts, labels.classes.tolist(), strict=True):
        known |= {str(value): value, text: value}
    for name in strategy:
        if name not in known:
            near = get_close_matches(name, labels.texts, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"classes are: {', '.join(labels.texts[:20])}"
            raise ValueError(f"--strategy names the class {name!r}, which the table does not have; {hint}")
    counts = {known[name]: count for name, count in strategy.items()}
    if len(counts) < len(strategy):
        raise ValueError(f"--strategy names a class twice, in different spellings: {', '.join(strategy)}")
    return counts


@contextmanager
def as_options() -> Iterator[None]:
    """Errors that name arguments of Python's name the options instead.

    Raises:
        ValueError: In place of a ValueError or TypeError.
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise ValueError(in_options(str(error))) from error
