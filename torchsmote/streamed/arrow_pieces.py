"""Parquet and Arrow sources as pieces that are read one at a time: row groups, record batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..extras import import_extra

__all__ = ["Piece", "Stamp", "open_pieces"]

_IPC = (".arrow", ".feather", ".ipc")


@dataclass(frozen=True)
class Stamp:
    """Size and time of a file, by which a change is found out.

    Attributes:
        path: The file.
        size: Its bytes.
        time: When it was written, in nanoseconds.
    """

    path: str
    size: int
    time: int

    @classmethod
    def of(cls, path: str) -> Stamp:
        """The stamp of a file as it is now."""
        found = os.stat(path)
        return cls(path, found.st_size, found.st_mtime_ns)

    def check(self) -> None:
        """Raise if the file is another one now.

        Raises:
            ValueError: That names the file.
        """
        now = Stamp.of(self.path)
        if now != self:
            raise ValueError(
                f"{self.path} was changed after it had been opened (it had {self.size} bytes, and has "
                f"{now.size}); open it anew"
            )


@dataclass(frozen=True)
class Piece:
    """Some consecutive rows that are read together.

    Attributes:
        rows: How many.
        load: From names of columns to a pyarrow Table of them.
        mapped: Whether loading costs nothing: the columns lie in memory, or are mapped from a file.
        stamp: Of the file; None where it is not known.
    """

    rows: int
    load: Callable[[list[str]], Any]
    mapped: bool
    stamp: Stamp | None = None


def open_pieces(source: Any) -> tuple[Any, list[Piece]]:
    """Schema and pieces of a source, in order.

    Args:
        source: See `ArrowRows`.

    Raises:
        TypeError: If it is none of these.
        ValueError: If IPC files differ in their columns, or one is not whole; by pyarrow, if it is a dataset
            with a filter.
        OSError: If a file is not there.
    """
    pa, dataset = import_extra("pyarrow", "scale"), import_extra("pyarrow.dataset", "scale")
    parquet = import_extra("pyarrow.parquet", "scale")
    if isinstance(source, (str, Path)) or (isinstance(source, (list, tuple)) and source):
        paths = [str(path) for path in ([source] if isinstance(source, (str, Path)) else source)]
        if all(path.endswith(_IPC) for path in paths):
            return _of_ipc(paths)
        source = dataset.dataset(paths[0] if len(paths) == 1 else paths, format="parquet")
    if isinstance(source, pa.Table):
        return source.schema, [_of_batch(batch) for batch in source.to_batches()]
    if isinstance(source, parquet.ParquetFile):
        return source.schema_arrow, [_of_group(source, at) for at in range(source.num_row_groups)]
    if isinstance(source, dataset.Dataset):
        return source.schema, _of_dataset(source)
    raise TypeError(
        "`source` must be a path to Parquet or Arrow IPC files, several of them, or a pyarrow Table, "
        f"ParquetFile or dataset, got {type(source).__name__}"
    )


def _of_batch(batch: Any, stamp: Stamp | None = None) -> Piece:
    return Piece(batch.num_rows, batch.select, mapped=True, stamp=stamp)


def _of_ipc(paths: Sequence[str]) -> tuple[Any, list[Piece]]:
    pa = import_extra("pyarrow", "scale")
    pieces, schema = [], None
    for path in paths:
        stamp = Stamp.of(path)
        try:
            reader = pa.ipc.open_file(pa.memory_map(path))
        except pa.ArrowInvalid as error:
            raise ValueError(f"`source`: {path} is no whole Arrow IPC file: {error}") from error
        if schema is not None and not reader.schema.equals(schema):
            raise ValueError(f"`source`: {path} has other columns than {paths[0]}; give files of one schema")
        schema = reader.schema
        before = pa.total_allocated_bytes()
        for at in range(reader.num_record_batches):
            batch = reader.get_batch(at)
            if pa.total_allocated_bytes() > before:  # compressed: what is read is a copy
                pieces.append(Piece(batch.num_rows, _reading(reader, at), mapped=False, stamp=stamp))
            else:
                pieces.append(_of_batch(batch, stamp))
            del batch
    return schema, pieces


def _reading(reader: Any, at: int) -> Callable[[list[str]], Any]:
    return lambda names: reader.get_batch(at).select(names)


def _of_group(file: Any, at: int) -> Piece:
    def load(names: list[str]) -> Any:
        return file.read_row_group(at, columns=names, use_threads=False)

    return Piece(file.metadata.row_group(at).num_rows, load, mapped=False)


def _of_dataset(source: Any) -> list[Piece]:
    pieces = []
    for fragment in source.get_fragments():
        local = getattr(fragment, "path", None)
        stamp = Stamp.of(local) if local is not None and os.path.isfile(local) else None
        for own, rows in _parts_of(fragment):
            pieces.append(Piece(rows, _scanning(own, source.schema), mapped=False, stamp=stamp))
    return pieces


def _parts_of(fragment: Any) -> list[tuple[Any, int]]:
    """Row groups of a Parquet file; of other files, all. Each with its rows."""
    if not hasattr(fragment, "split_by_row_group"):
        return [(fragment, fragment.count_rows())]
    return [(own, sum(group.num_rows for group in own.row_groups)) for own in fragment.split_by_row_group()]


def _scanning(fragment: Any, schema: Any) -> Callable[[list[str]], Any]:
    def load(names: list[str]) -> Any:
        try:
            return fragment.to_table(schema=schema, columns=names, use_threads=False)
        except import_extra("pyarrow", "scale").ArrowInvalid as error:  # as of a column of another type
            raise ValueError(f"`source`: {getattr(fragment, 'path', 'a fragment')}: {error}") from error

    return load
