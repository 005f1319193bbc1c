"""A table in a file as a command reads it, and the report that it may write."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..exceptions import DataWarning
from ..whole_files import replacing
from .columns import Columns, check_categories, choose_columns, one_column
from .status import Parser
from .tables import Survey, TableFile, check_output, open_table, survey
from .words import watched

__all__ = ["Input", "add_report", "check_report", "read_input", "show", "write_report"]

T = TypeVar("T")
_TOO_MANY_TO_RISE = 10  # rows; fewer may rise by chance


@dataclass(frozen=True, eq=False)
class Input:
    """A table that was surveyed.

    Attributes:
        file: The table.
        columns: What its columns are.
        found: Its survey.
    """

    file: TableFile
    columns: Columns
    found: Survey

    def watch(self, blocks: Iterable[T]) -> Iterator[T]:
        """Its blocks, with progress."""
        return watched(f"blocks of {self.file.path.name} read", blocks, self.file.n_blocks)


def read_input(asked: Any, apart: Sequence[str] = ()) -> Input:
    """Open and survey the table of some options.

    Args:
        asked: What `add_table` adds.
        apart: Columns that have a meaning of their own, and are no features.

    Warns:
        DataWarning: If a feature looks like an identifier.

    Raises:
        ValueError: If a column is not there, or the table is unusable.
        OSError: If it cannot be read.
    """
    file = open_table(asked.file)
    for name in apart:
        option = "--group" if name == getattr(asked, "group", None) else "--split"
        one_column(file, name, option)
        for other, names in (("the --target", [asked.target]), ("in --categorical", asked.categorical)):
            if name in names:
                raise ValueError(f"{option} names {name!r}, which is {other} too; choose one")
    columns = choose_columns(file, asked.target, asked.categorical, [*asked.ignore, *apart])

    def watch(blocks: Iterable[T]) -> Iterator[T]:
        return watched(f"blocks of {file.path.name} read", blocks, file.n_blocks)

    found = survey(file, asked.target, watch)
    check_categories(found, columns)
    _warn_of_an_index(file, columns)
    _warn_of_identifiers(columns, found)
    return Input(file, columns, found)


def _warn_of_an_index(file: TableFile, columns: Columns) -> None:
    if "" in file.index and "" in columns.ignored:
        warnings.warn(
            "the first column has no name, as an index of pandas or the names of rows in R: it is ignored",
            DataWarning,
            stacklevel=2,
        )


def _warn_of_identifiers(columns: Columns, found: Survey) -> None:
    for name in columns.numerical:
        if name in found.rising and found.n_rows >= _TOO_MANY_TO_RISE:
            warnings.warn(
                f"column {name!r} has a larger whole number in each row than in the one before; if it is an "
                f"identifier, leave it out by --ignore {name}",
                DataWarning,
                stacklevel=2,
            )


def add_report(parser: Parser) -> None:
    """``--report`` and ``--force``."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="Write a page, one .html file, too.")
    parser.add_argument("--force", action="store_true", help="Replace the report where it exists.")


def check_report(asked: Any) -> None:
    """Refuse a report that cannot be written, or that would take the place of the table.

    Raises:
        ValueError: If it is there without ``--force``, or is the table.
        OSError: If it cannot be made.
    """
    if asked.report is None:
        return
    check_output(asked.report, asked.force, "--report")
    if asked.report.exists() and asked.file.exists() and asked.report.samefile(asked.file):
        raise ValueError(f"--report: {asked.report} is the table itself; name another file")


def write_report(found: Any, path: Path | None) -> None:
    """Write the page of a result, whole or not at all; nothing without a path."""
    if path is None:
        return
    with replacing(path) as partial:
        found.report(partial)


def show(found: Any, asked: Any) -> None:
    """Print a result: JSON alone, or text and where its page is."""
    if asked.json:
        print(json.dumps(found.to_dict(), indent=2, allow_nan=False))
        return
    print(found)
    if asked.report is not None:
        print(f"\nWritten: {asked.report}")
