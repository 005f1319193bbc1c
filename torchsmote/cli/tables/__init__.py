"""Tables in files: CSV and Parquet, read block by block, and written again."""

from __future__ import annotations

from .block import Block, TableFile
from .labels import Labels
from .opening import check_kind, check_output, open_table
from .survey import Survey, is_number, survey
from .writing import Sink, check_schema, open_sink

__all__ = [
    "Block",
    "Labels",
    "Sink",
    "Survey",
    "TableFile",
    "check_kind",
    "check_output",
    "check_schema",
    "is_number",
    "open_sink",
    "open_table",
    "survey",
]
