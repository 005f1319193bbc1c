"""What the files of a table have in common: they are read block by block, in the types of a schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...extras import import_extra
from .text_rows import TextRows

__all__ = ["Block", "TableFile"]


class TableFile(Protocol):
    """A table in a file.

    Attributes:
        path: The file.
        names: Of the columns.
        n_blocks: About how many blocks it is read in.
        index: Columns that are the index of the pandas data frame that was written.
    """

    path: Path
    names: list[str]
    n_blocks: int
    index: list[str]

    def guesses(self, target: str) -> Iterator[Any]:
        """All rows as pyarrow Tables, each typed by what is in it alone; the target of a CSV file as text."""
        ...

    def tables(self, schema: Any, columns: Sequence[str]) -> Iterator[Any]:
        """Some columns of all rows as pyarrow Tables in the types of ``schema``."""
        ...

    def blocks(self) -> Iterator[Block]:
        """All rows, to be copied."""
        ...


@dataclass(frozen=True, eq=False)
class Block:
    """Some consecutive rows: as text where they come from a CSV file, else as a pyarrow Table.

    Attributes:
        text: As they stand in the file.
        table: Their values.
    """

    text: TextRows | None
    table: Any

    def __len__(self) -> int:
        return len(self.text) if self.text is not None else int(self.table.num_rows)

    @property
    def n_bytes(self) -> int:
        """What it takes in memory."""
        return len(self.text.data) if self.text is not None else int(self.table.nbytes)

    def take(self, rows: NDArray[np.int64]) -> Block:
        """Rows by number, in that order."""
        if self.text is not None:
            return Block(self.text.take(rows), None)
        return Block(None, self.table.take(rows))

    @classmethod
    def joined(cls, parts: Sequence[Block]) -> Block:
        """Rows of several blocks of one file, one below the other."""
        texts = [part.text for part in parts if part.text is not None]
        if len(texts) == len(parts):
            return cls(TextRows.joined(texts), None)
        return cls(None, import_extra("pyarrow", "cli").concat_tables([part.table for part in parts]))
