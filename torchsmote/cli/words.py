"""What commands say: warnings as lines, and tables of 80 columns."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from ..progress import show_progress

__all__ = ["in_options", "noting", "table_of", "watched"]

T = TypeVar("T")
_NEIGHBORS = re.compile(r"`?\b[kn]_neighbors\b`?")
_IN_OPTIONS = {
    "`sampling_strategy`": "--strategy",
    '"sampling_strategy"': "--strategy",
    "`k`": "--k",
    "`n_splits`=": "--splits ",
    "`n_splits`": "--splits",
    "`n_repeats`": "--repeats",
    "`n_jobs`": "--jobs",
    "`groups`": "--group",
    "`methods`": "--method",
    "`metrics`": "--metric",
    "`resume`": "--resume",
    "`resume=` a path": "--resume FILE",
    "`y` ": "the target ",
    ', set few_samples="shrink"': "",
    "`X` ": "the table ",
    "add the column to categorical_features": "name the columns in --categorical",
    "say so to SMOTENC, or one-hot encode them first": "name the columns in --categorical",
}
_WIDEST = 32  # of a name
_WORTH_A_BAR = 4  # steps


@contextmanager
def noting() -> Iterator[list[str]]:
    """Warnings as one line each on standard error, once each, when the block ends well.

    Yields:
        A list that their texts are put into.
    """
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    for one in caught:
        text = in_options(" ".join(str(one.message).split()))
        if issubclass(one.category, UserWarning) and text not in texts:
            texts.append(text)
    for text in texts:
        print("torchsmote: note:", text, file=sys.stderr)


def in_options(text: str) -> str:
    """A message of Python's in the words of the command line."""
    for argument, option in _IN_OPTIONS.items():
        text = text.replace(argument, option)
    return _NEIGHBORS.sub("--k", text)


def watched(words: str, blocks: Iterable[T], total: int) -> Iterator[T]:
    """Blocks of a file as they come, with progress on standard error where there are many."""
    with show_progress(words, total, show=total >= _WORTH_A_BAR) as advance:
        for block in blocks:
            yield block
            advance()


def table_of(head: Sequence[str], rows: Sequence[Sequence[str | int]]) -> str:
    """Lines of a table: the first column to the left, the others to the right, numbers in groups of three.

    >>> print(table_of(["class", "rows"], [["a", 1234], ["b", 5]]))
    class   rows
    a      1,234
    b          5
    """
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        right = [value.rjust(width) for value, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *right]).rstrip())
    return "\n".join(lines)


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return value if len(value) <= _WIDEST else value[: _WIDEST - 3] + "..."
