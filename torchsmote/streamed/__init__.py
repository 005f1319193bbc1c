"""Tables larger than memory: Parquet and Arrow files read block by block, and Dask collections."""

from __future__ import annotations

from .arrow_rows import ArrowRows
from .dask_engine import DaskEngine
from .engine import BlockEngine

__all__ = ["ArrowRows", "BlockEngine", "DaskEngine"]
