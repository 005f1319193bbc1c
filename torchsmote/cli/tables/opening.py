"""Which kind of file a name stands for, and the table in it."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from .block import TableFile
from .csv_table import CsvTable
from .parquet_table import ParquetTable

__all__ = ["check_kind", "check_output", "is_parquet", "open_table", "separator_of"]

_SEPARATORS = {".csv": ",", ".csv.gz": ",", ".tsv": "\t", ".tsv.gz": "\t"}
_PARQUET = (".parquet", ".pq")


def is_parquet(path: Path) -> bool:
    """Whether a file of that name is Parquet."""
    return path.name.lower().endswith(_PARQUET)


def separator_of(path: Path) -> str:
    """What stands between the fields of a file of that name.

    Raises:
        ValueError: If the name ends in nothing that is known.
    """
    for ending, separator in _SEPARATORS.items():
        if path.name.lower().endswith(ending):
            return separator
    known = ", ".join([*_SEPARATORS, *_PARQUET])
    raise ValueError(f"{path}: the name should end in one of {known}, which says what kind of file it is")


def open_table(path: Path) -> TableFile:
    """The table in a file, by the ending of its name.

    Raises:
        ValueError: If the ending is unknown, or the contents are not of that kind; names that are not unique.
        OSError: If it cannot be read.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file")
    file: TableFile = ParquetTable(path) if is_parquet(path) else CsvTable(path, separator_of(path))
    name, times = next(iter(Counter(file.names).most_common(1)), ("", 0))
    if times > 1:
        raise ValueError(f"{path} has {times} columns called {name!r}; rename them")
    return file


def check_kind(path: Path) -> None:
    """Refuse a name that says nothing of the kind of file.

    Raises:
        ValueError: With the endings that do.
    """
    if not is_parquet(path):
        separator_of(path)


def check_output(path: Path, force: bool, option: str) -> None:
    """Refuse a file that is there, or that cannot be.

    Args:
        path: Where to write.
        force: Whether to replace what is there.
        option: It came with, for messages.

    Raises:
        ValueError: If it is there and ``force`` is not given.
        OSError: If it is a folder, a device or a pipe, or could not be made where it is to be.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{option}: {path} is a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise OSError(f"{option}: {path} is a device or a pipe; name a file")
    if path.exists() and not force:
        raise ValueError(f"{option}: {path} exists; --force replaces it")
    above = next(folder for folder in path.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise OSError(f"{option}: {path} cannot be made, since {above} is no folder that can be written to")
