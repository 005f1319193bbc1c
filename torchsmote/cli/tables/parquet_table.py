"""A table in a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...extras import import_extra
from .block import Block

__all__ = ["ParquetTable"]

_ROWS, _VALUES = 1 << 16, 4 << 20  # at a time: at most so many rows, and so many values


class ParquetTable:
    """See `TableFile`.

    Raises:
        ValueError: If the file is no Parquet.
        OSError: If it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        pa = import_extra("pyarrow", "cli")
        self.path = path
        try:
            file = self._open()
        except pa.ArrowInvalid as error:
            raise ValueError(f"{path} is no whole Parquet file: {error}") from error
        self.schema = file.schema_arrow
        self._rows = max(1, min(_ROWS, _VALUES // max(1, file.metadata.num_columns)))
        self.n_blocks = 1 + file.metadata.num_rows // self._rows
        self.names: list[str] = list(self.schema.names)
        described = (self.schema.pandas_metadata or {}).get("index_columns", [])
        self.index: list[str] = [name for name in described if isinstance(name, str)]

    def guesses(self, target: str) -> Iterator[Any]:
        """See `TableFile`."""
        return self._read(None)

    def tables(self, schema: Any, columns: Sequence[str]) -> Iterator[Any]:
        """See `TableFile`."""
        return (table.select(list(columns)) for table in self._read(list(columns)))

    def blocks(self) -> Iterator[Block]:
        """See `TableFile`."""
        return (Block(None, table) for table in self._read(None))

    def _read(self, columns: list[str] | None) -> Iterator[Any]:
        pa = import_extra("pyarrow", "cli")
        for batch in self._open().iter_batches(self._rows, columns=columns, use_threads=False):
            yield pa.Table.from_batches([batch])

    def _open(self) -> Any:
        return import_extra("pyarrow.parquet", "cli").ParquetFile(self.path)
