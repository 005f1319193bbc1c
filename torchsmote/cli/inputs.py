"""A table in a file as a command reads it, and the report that it may write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..whole_files import replacing
from .columns import Columns, choose_columns, one_column
from .status import Parser
from .tables import Survey, TableFile, open_table, survey
from .words import watched

__all__ = ["Input", "add_report", "read_input", "write_report"]

T = TypeVar("T")


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

    Raises:
        ValueError: If a column is not there, or the table is unusable.
        OSError: If it cannot be read.
    """
    file = open_table(asked.file)
    for name in apart:
        one_column(file, name, "--group" if name == getattr(asked, "group", None) else "--split")
    columns = choose_columns(file, asked.target, asked.categorical, [*asked.ignore, *apart])

    def watch(blocks: Iterable[T]) -> Iterator[T]:
        return watched(f"blocks of {file.path.name} read", blocks, file.n_blocks)

    return Input(file, columns, survey(file, asked.target, watch))


def add_report(parser: Parser) -> None:
    """``--report`` and ``--force``."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="Write a page, one .html file, too.")
    parser.add_argument("--force", action="store_true", help="Replace the report where it exists.")


def write_report(found: Any, path: Path | None) -> None:
    """Write the page of a result, whole or not at all; nothing without a path."""
    if path is None:
        return
    with replacing(path) as partial:
        found.report(partial)
