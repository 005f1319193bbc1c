"""A table in a CSV file: its text, and its values in the types that suit all rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...extras import import_extra
from .block import Block
from .text_rows import CsvFile, TextRows

__all__ = ["CsvTable"]


class CsvTable(CsvFile):
    """See `TableFile`; numbers with leading zeros, such as 007, are text."""

    def guesses(self, target: str) -> Iterator[Any]:
        """See `TableFile`."""
        pa = import_extra("pyarrow", "cli")
        text = pa.string()
        done = 0
        for rows in self.rows():
            types = {target: text}
            table = self.parsed(rows, types, done)
            if _may_have_leading_zeros(rows, self.separator):
                types |= dict.fromkeys(self._leading_zeros(rows, table, done), text)
                table = self.parsed(rows, types, done)
            if any(pa.types.is_binary(field.type) for field in table.schema):
                raise ValueError(self._not_utf8)
            done += len(rows)
            yield table

    def tables(self, schema: Any, columns: Sequence[str]) -> Iterator[Any]:
        """See `TableFile`."""
        types, done = {name: schema.field(name).type for name in columns}, 0
        for rows in self.rows():
            yield self.parsed(rows, types, done, columns)
            done += len(rows)

    def blocks(self) -> Iterator[Block]:
        """See `TableFile`."""
        for rows in self.rows():
            yield Block(rows, None)

    def spellings(self, schema: Any, names: Sequence[str]) -> dict[str, tuple[Any, Any]]:
        """How the values of columns that are no text are written where they come first.

        Returns:
            Name -> distinct values, and their texts, both pyarrow Arrays.
        """
        pa = import_extra("pyarrow", "cli")
        kinds = {name: schema.field(name).type for name in names}
        kinds = {name: kind for name, kind in kinds.items() if not pa.types.is_string(kind)}
        found: dict[str, list[tuple[Any, Any]]] = {name: [] for name in kinds}
        for rows in self.rows() if kinds else ():
            values = self.parsed(rows, kinds, columns=list(kinds))
            texts = self.parsed(rows, dict.fromkeys(kinds, pa.string()), columns=list(kinds))
            for name, pairs in found.items():
                one, other = (table[name].combine_chunks() for table in (values, texts))
                pairs.append(_first_pairs(one, other))
        return {
            name: _first_pairs(*(pa.concat_arrays(list(parts)) for parts in zip(*pairs, strict=True)))
            for name, pairs in found.items()
        }

    def parsed(
        self, rows: TextRows, types: dict[str, Any], done: int = 0, columns: Sequence[str] | None = None
    ) -> Any:
        """Rows as a pyarrow Table.

        Args:
            rows: The text.
            types: Name -> type; others are guessed.
            done: How many rows stand before them, for messages.
            columns: Which; None: all.

        Raises:
            ValueError: If a row has more or fewer fields, or a value is not of its type.
        """
        pa, reading = import_extra("pyarrow", "cli"), import_extra("pyarrow.csv", "cli")
        where = f"{self.path}, data rows {done + 1:,} to {done + len(rows):,}"
        try:
            table = reading.read_csv(
                pa.py_buffer(rows.data),
                read_options=reading.ReadOptions(column_names=self.names, block_size=len(rows.data) + 1),
                parse_options=reading.ParseOptions(delimiter=self.separator, newlines_in_values=True),
                convert_options=reading.ConvertOptions(
                    column_types=types, include_columns=None if columns is None else list(columns)
                ),
            )
        except pa.ArrowInvalid as error:
            if "invalid UTF8" in str(error):
                raise ValueError(self._not_utf8) from error
            raise ValueError(f"{where}: {error}") from error
        if table.num_rows != len(rows):
            raise ValueError(f'{where}: a quotation mark within a field is not doubled (""); write it so')
        return table

    def _leading_zeros(self, rows: TextRows, table: Any, done: int) -> list[str]:
        """Columns of whole numbers with such a value."""
        pa, compute = import_extra("pyarrow", "cli"), import_extra("pyarrow.compute", "cli")
        whole = [field.name for field in table.schema if pa.types.is_integer(field.type)]
        if not whole:
            return []
        text = self.parsed(rows, dict.fromkeys(whole, pa.string()), done, whole)
        pattern = "^0[0-9]"
        return [
            name for name in whole if compute.any(compute.match_substring_regex(text[name], pattern)).as_py()
        ]

    @property
    def _not_utf8(self) -> str:
        return f"{self.path} is not UTF-8; convert it, for instance with iconv"


def _first_pairs(values: Any, texts: Any) -> tuple[Any, Any]:
    """Each value once, what is missing too, with the first of its texts."""
    encoded = values.dictionary_encode("encode")
    codes, places = np.unique(encoded.indices.to_numpy(), return_index=True)
    return encoded.dictionary.take(codes), texts.take(places)


def _may_have_leading_zeros(rows: TextRows, separator: str) -> bool:
    """Whether a digit follows a 0 at the start of a field, or of what looks like one; fast."""
    before, zero, after = rows.data[:-2], rows.data[1:-1], rows.data[2:]
    start = (before == ord(separator)) | (before == ord("\n")) | (before == ord('"'))
    found = start & (zero == ord("0")) & (after >= ord("0")) & (after <= ord("9"))
    head = rows.data[:2].tobytes()
    return bool(found.any()) or (head.startswith(b"0") and head.isdigit())
