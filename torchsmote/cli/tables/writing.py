"""Tables written to files: copied rows as they are, made ones as values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np

from ...extras import import_extra
from .block import Block, TableFile
from .csv_table import CsvTable
from .opening import is_parquet, separator_of
from .text_rows import TextRows, open_bytes

__all__ = ["Sink", "check_schema", "open_sink"]

_SPECIAL = '["\n\r{}]'


class Sink(Protocol):
    """Takes rows, in order."""

    def copy(self, block: Block) -> None:
        """Rows of the file that was read."""
        ...

    def add(self, table: Any) -> None:
        """Rows that were made: a pyarrow Table with all columns, in order."""
        ...


def check_schema(path: Path, schema: Any) -> None:
    """Refuse columns that a file of that name cannot hold.

    Raises:
        ValueError: For lists and the like, and for bytes, in a file of text.
    """
    types = import_extra("pyarrow", "cli").types
    for field in schema if not is_parquet(path) else ():
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        of_bytes = types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
        if types.is_nested(kind) or of_bytes:
            raise ValueError(
                f"-o/--output: column {field.name!r} holds values of type {kind}, which have no place in a "
                "CSV file; write Parquet, or remove the column"
            )


@contextmanager
def open_sink(
    path: Path, partial: Path, source: TableFile, schema: Any, categories: Sequence[str] = ()
) -> Iterator[Sink]:
    """Write to a file.

    Args:
        path: What it will be called, which says what kind of file it is.
        partial: What it is called for now.
        source: Where copied rows come from.
        schema: Of their values.
        categories: Columns whose values, where they are made, are written as the file has them.
    """
    if is_parquet(path):
        with import_extra("pyarrow.parquet", "cli").ParquetWriter(partial, schema) as writer:
            yield _ParquetSink(writer, source, schema)
        return
    with open_bytes(partial, "wb", path.name) as file:
        yield _CsvSink(file, separator_of(path), source, schema, categories)


class _ParquetSink:
    def __init__(self, writer: Any, source: TableFile, schema: Any) -> None:
        self.writer, self.source, self.schema = writer, source, schema

    def copy(self, block: Block) -> None:
        if block.text is None:
            self.writer.write_table(block.table)
            return
        assert isinstance(self.source, CsvTable)
        types = {field.name: field.type for field in self.schema}
        self.writer.write_table(self.source.parsed(block.text, types, columns=self.source.names))

    def add(self, table: Any) -> None:
        self.writer.write_table(table.cast(self.schema))


class _CsvSink:
    """A CSV file; of a CSV file with the same separator, rows are copied byte by byte."""

    def __init__(
        self, file: BinaryIO, separator: str, source: TableFile, schema: Any, categories: Sequence[str]
    ) -> None:
        self.file, self.separator, self.source = file, separator, source
        self.schema, self.categories = schema, categories
        self.same = isinstance(source, CsvTable) and source.separator == separator
        if isinstance(source, CsvTable) and self.same:
            header = source.header if source.header.endswith(b"\n") else source.header + b"\n"
            self.line_end = source.line_end.decode()
        else:
            pa = import_extra("pyarrow", "cli")
            names = [_quoted(pa.array([name]), separator)[0].as_py() for name in source.names]
            header, self.line_end = (separator.join(names) + "\n").encode(), "\n"
        file.write(header)

    def copy(self, block: Block) -> None:
        if block.text is None:
            self._write(block.table)
        elif self.same:
            self.file.write(block.text.data.data)
        else:
            self._write(self._as_text(block.text))

    def add(self, table: Any) -> None:
        compute = import_extra("pyarrow.compute", "cli")
        for name, (values, texts) in self._spellings.items():
            spelled = texts.take(compute.index_in(table[name], value_set=values))
            table = table.set_column(table.column_names.index(name), name, spelled)
        self._write(table)

    @cached_property
    def _spellings(self) -> dict[str, tuple[Any, Any]]:
        if not isinstance(self.source, CsvTable):
            return {}
        return self.source.spellings(self.schema, self.categories)

    def _write(self, table: Any) -> None:
        pa, compute = import_extra("pyarrow", "cli"), import_extra("pyarrow.compute", "cli")
        columns = [self._text(column) for column in table.columns]
        rows = compute.binary_join_element_wise(*columns, self.separator)
        rows = compute.binary_join_element_wise(rows, "", self.line_end)
        for chunk in rows.chunks if isinstance(rows, pa.ChunkedArray) else [rows]:
            if len(chunk):
                start, end = _span(chunk)
                self.file.write(memoryview(chunk.buffers()[2])[start:end])

    def _as_text(self, rows: TextRows) -> Any:
        """The fields as they are written, without their quotation marks."""
        assert isinstance(self.source, CsvTable)
        names = self.source.names
        return self.source.parsed(rows, dict.fromkeys(names, import_extra("pyarrow", "cli").string()))

    def _text(self, column: Any) -> Any:
        """Values as text, quoted where they must be; what is missing is empty."""
        pa, compute = import_extra("pyarrow", "cli"), import_extra("pyarrow.compute", "cli")
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_boolean(column.type):
            column = compute.if_else(column, "True", "False")
        text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        column = column.cast(pa.string())
        return compute.fill_null(_quoted(column, self.separator) if text else column, "")


def _span(chunk: Any) -> tuple[int, int]:
    """Where the text of an array begins and ends in its buffer."""
    offsets = np.frombuffer(chunk.buffers()[1], np.int32)
    return int(offsets[chunk.offset]), int(offsets[chunk.offset + len(chunk)])


def _quoted(column: Any, separator: str) -> Any:
    compute = import_extra("pyarrow.compute", "cli")
    special = compute.match_substring_regex(column, _SPECIAL.format(separator))
    if not compute.any(special).as_py():
        return column
    doubled = compute.replace_substring(column, '"', '""')
    marked = compute.binary_join_element_wise('"', doubled, '"', "")
    return compute.if_else(special, marked, column)
