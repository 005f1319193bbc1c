"""Rows of a CSV file as the bytes they are, so that what is copied is copied exactly."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...extras import import_extra

__all__ = ["CsvFile", "TextRows", "open_bytes"]

_READ = 8 << 20  # bytes at a time
_LEVEL = 6  # of compression, gzip's own default
_LONGEST = 256 << 20  # of a row; a quotation mark that is never closed makes one of the rest of the file
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'


@contextmanager
def open_bytes(path: Path, mode: str, name: str) -> Iterator[Any]:
    """A file of bytes, compressed where ``name`` ends in .gz."""
    with path.open(mode) as file:
        if not name.lower().endswith(".gz"):
            yield file
            return
        # Without a name and the time: the same rows are the same bytes.
        with gzip.GzipFile("", mode, _LEVEL, file, mtime=0) as packed:
            yield packed


@dataclass(frozen=True, eq=False)
class TextRows:
    """Some rows, each with its line end.

    Attributes:
        data: Their bytes, uint8.
        ends: Where each row ends in ``data``, int64, shape (n,).
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)

    def take(self, rows: NDArray[np.int64]) -> TextRows:
        """Rows by number, in that order."""
        pa = import_extra("pyarrow", "cli")
        starts = np.concatenate(([0], self.ends))
        buffers = [None, pa.py_buffer(starts), pa.py_buffer(self.data)]
        lines = pa.Array.from_buffers(pa.large_binary(), len(self), buffers).take(pa.array(rows))
        _, places, text = lines.buffers()
        ends = np.frombuffer(places, np.int64)[1 : len(rows) + 1]
        return TextRows(np.frombuffer(text or b"", np.uint8)[: ends[-1] if len(rows) else 0], ends)

    @classmethod
    def joined(cls, parts: Sequence[TextRows]) -> TextRows:
        """Rows one below the other."""
        sizes = np.cumsum([0, *(len(part.data) for part in parts)])
        ends = [part.ends + start for part, start in zip(parts, sizes, strict=False)]
        return cls(
            np.concatenate([np.empty(0, np.uint8), *(part.data for part in parts)]),
            np.concatenate([np.empty(0, np.int64), *ends]),
        )


class CsvFile:
    """A file of separated values with a header, read as rows of bytes; empty lines are left out.

    Args:
        path: The file.
        separator: Between fields.

    Attributes:
        header: The first row, with its line end.
        names: Of the columns.
        line_end: Of the header.
        n_blocks: About how many blocks of rows there are.
        index: Columns that are the index of a data frame: the first, where it has no name.

    Raises:
        ValueError: If the file is empty, is not UTF-8, or a quotation mark is never closed.
        OSError: If it cannot be read.
    """

    def __init__(self, path: Path, separator: str) -> None:
        self.path, self.separator = path, separator
        self.n_blocks = 1 + path.stat().st_size // _READ
        first = next(self._all_rows(), None)
        if first is None:
            raise ValueError(f"{path} is empty; it needs a header and rows")
        self.header = first.data[: first.ends[0]].tobytes()
        self.line_end = b"\r\n" if self.header.endswith(b"\r\n") else b"\n"
        try:
            text = self.header.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not UTF-8; convert it, for instance with iconv") from error
        try:
            self.names = next(csv.reader([text], delimiter=separator, strict=True))
        except csv.Error as error:  # such as lines that end in \r alone
            raise ValueError(f"{path}: the header cannot be read: {error}") from error
        # pandas writes its index so, and R the names of rows.
        self.index: list[str] = [name for name in self.names[:1] if not name]

    def rows(self) -> Iterator[TextRows]:
        """All rows but the header, some megabytes at a time."""
        for place, rows in enumerate(self._all_rows()):
            if place:
                yield rows
                continue
            start = rows.ends[0]
            if len(rows) > 1:
                yield TextRows(rows.data[start:], rows.ends[1:] - start)

    def _all_rows(self) -> Iterator[TextRows]:
        rest = b""
        with open_bytes(self.path, "rb", self.path.name) as file:
            while True:
                read = _read(file, self.path)
                data = np.frombuffer(rest + read, np.uint8)
                if not read and len(data) and data[-1] != _NEWLINE:
                    data = np.append(data, np.frombuffer(b"\n", np.uint8))
                ends = _row_ends(data)
                used = int(ends[-1]) if len(ends) else 0
                if used:
                    rows = _without_empty(TextRows(data[:used], ends))
                    if len(rows):
                        yield rows
                rest = data[used:].tobytes()
                if len(rest) > _LONGEST or (not read and rest):
                    raise ValueError(f"{self.path}: a quotation mark is opened and never closed")
                if not read:
                    return


def _read(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(_READ)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a whole gzip file: {error}") from error


def _row_ends(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Positions behind the line ends that are not within quotation marks; ``data`` begins with a row."""
    is_end = data == _NEWLINE
    is_quote = data == _QUOTE
    if is_quote.any():
        is_end &= np.cumsum(is_quote, dtype=np.uint8) % 2 == 0
    return np.flatnonzero(is_end) + 1


def _without_empty(rows: TextRows) -> TextRows:
    starts = np.concatenate(([0], rows.ends[:-1]))
    lengths = rows.ends - starts
    empty = (lengths == 1) | ((lengths == 2) & (rows.data[starts] == _RETURN))
    return rows.take(np.flatnonzero(~empty)) if empty.any() else rows
