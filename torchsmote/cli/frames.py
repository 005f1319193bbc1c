"""Tables in files as data frames, for what looks at all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..extras import import_extra
from .columns import Columns, in_option
from .rows import Watch
from .tables import Survey, TableFile, is_number

__all__ = ["feature_frame", "read_frame"]


def read_frame(file: TableFile, found: Survey, names: Sequence[str], watch: Watch = iter) -> Any:
    """Some columns of all rows as a pandas data frame; whole numbers with missing values become float64.

    Numbers are written into place block by block: the table is held once, not twice.
    """
    pa, pandas = import_extra("pyarrow", "cli"), import_extra("pandas", "cli")
    arrays = {name: np.empty(found.n_rows, _dtype(found, name)) for name in names if _is_plain(found, name)}
    others = [name for name in names if name not in arrays]
    kept, first = [], 0
    for table in watch(file.tables(found.schema, names)):
        for name, array in arrays.items():
            array[first : first + table.num_rows] = table[name].to_numpy()
        kept.append(table.select(others))
        first += table.num_rows
    rest = pa.concat_tables(kept).to_pandas(ignore_metadata=True)
    columns = {name: arrays[name] if name in arrays else rest[name] for name in names}
    return pandas.DataFrame(columns, copy=False)


def feature_frame(file: TableFile, found: Survey, columns: Columns, watch: Watch = iter) -> Any:
    """The features, with categories in columns that say so, and without empty texts.

    Raises:
        ValueError: If a column holds neither numbers nor categories, such as dates.
    """
    types = import_extra("pyarrow", "cli").types
    unknown = [name for name in columns.numerical if not _is_known(found.schema.field(name).type)]
    if unknown:
        raise ValueError(
            f"column {unknown[0]!r} holds values of type {found.schema.field(unknown[0]).type}, neither "
            f"numbers nor categories; leave it out by --ignore {in_option(unknown)}"
        )
    frame = read_frame(file, found, columns.features, watch)
    for name in columns.features:
        if types.is_string(found.schema.field(name).type):
            frame[name] = frame[name].replace("", None)
        if name in columns.categorical:
            frame[name] = frame[name].astype("category")
    return frame


def _is_known(kind: Any) -> bool:
    """Whether columns of that type hold numbers or categories."""
    types = import_extra("pyarrow", "cli").types
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind)
    return is_number(kind) or bool(text or types.is_boolean(kind))


def _is_plain(found: Survey, name: str) -> bool:
    return is_number(found.schema.field(name).type)


def _dtype(found: Survey, name: str) -> Any:
    dtype = np.dtype(found.schema.field(name).type.to_pandas_dtype())
    return np.dtype(np.float64) if name in found.missing and dtype.kind in "iu" else dtype
