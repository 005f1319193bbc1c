"""Columns of Arrow tables as tensors: which may be features, what dtype they get, and the labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..extras import import_extra

__all__ = ["as_labels", "checked_features", "floating_dtype", "mapped_columns", "numpy_dtype", "rows_of"]

_FLOATS = (torch.float32, torch.float64)


def checked_features(schema: Any, features: Sequence[str] | None, target: str | None) -> list[str]:
    """Names of the feature columns.

    Raises:
        TypeError: If a column holds no numbers.
        ValueError: If a name is unknown or given twice, or there is none.
    """
    if isinstance(features, str):
        raise TypeError(f"`features` must be a list of column names, got the string {features!r}")
    if not isinstance(features, Sequence | None):
        raise TypeError(f"`features` must be a list of column names, got {features!r}")
    known = list(schema.names)
    if known.count(target) > 1:
        raise ValueError(f"`target` names the column {target!r}, of which there are {known.count(target)}")
    names = [name for name in known if name != target] if features is None else list(features)
    for argument, wanted in (("features", names), ("target", [] if target is None else [target])):
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ValueError(f"`{argument}` names the column {unknown[0]!r}, but there are {_shown(known)}")
    twice = [name for name in names if known.count(name) > 1 or names.count(name) > 1]
    if twice:
        raise ValueError(f"`features` has the column {twice[0]!r} twice; names must be unique")
    if target in names:
        raise ValueError(f"`features` holds the column {target!r}, which is the `target`; leave it out")
    if not names:
        raise ValueError("`features` is empty; name at least one column of numbers")
    types = import_extra("pyarrow", "scale").types
    for name in names:
        kind = schema.field(name).type
        if not (types.is_floating(kind) or types.is_integer(kind)):
            raise TypeError(
                f"`features` holds the column {name!r} of type {kind}, but distances need numbers; leave it "
                "out, or encode it first"
            )
    return names


def floating_dtype(schema: Any, names: Sequence[str], asked: torch.dtype | None) -> torch.dtype:
    """The dtype features are read in: the one asked for, else the narrowest that data frames would get."""
    if asked is not None:
        if asked not in _FLOATS:
            raise TypeError(f"`dtype` must be torch.float32 or torch.float64, got {asked}")
        return asked
    narrow = all(str(schema.field(name).type) in ("float", "halffloat") for name in names)
    return torch.float32 if narrow else torch.float64


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """The dtype of that name in numpy."""
    return np.dtype(str(dtype).removeprefix("torch."))


def rows_of(table: Any, names: Sequence[str], dtype: torch.dtype) -> Tensor:
    """Columns as rows, shape (m, d); a missing value becomes NaN."""
    columns = torch.empty((len(names), table.num_rows), dtype=dtype)
    for place, name in enumerate(names):
        columns[place] = torch.from_numpy(_array(table.column(name)).astype(numpy_dtype(dtype), copy=False))
    return columns.t().contiguous()


def mapped_columns(batch: Any, names: Sequence[str]) -> list[NDArray[Any]] | None:
    """The columns of a record batch as they lie in memory; None where one has to be converted first."""
    columns = [batch.column(name) for name in names]
    if any(column.null_count for column in columns):
        return None
    return [column.to_numpy(zero_copy_only=True) for column in columns]


def as_labels(tables: Sequence[Any], name: str, chosen: NDArray[np.int64] | None) -> Any:
    """The labels of consecutive tables, shape (n,): a tensor for numbers, else an array.

    Raises:
        ValueError: If one is missing.
    """
    first, parts = 0, []
    for table in tables:
        column = table.column(name)
        if column.null_count:
            row = first + int(np.flatnonzero(np.asarray(column.is_null()))[0])
            raise ValueError(
                f"`target`: column {name!r} has a missing label in row {row}; remove or relabel it"
            )
        parts.append(_array(column))
        first += len(column)
    labels = np.concatenate(parts)
    labels = labels if chosen is None else labels.take(chosen)
    return torch.from_numpy(labels) if labels.dtype.kind in "biuf" else labels


def _array(column: Any) -> NDArray[Any]:
    """A column as numpy has it, of one chunk or several."""
    kind = column.type
    if import_extra("pyarrow", "scale").types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    arrays = [np.array(chunk.to_numpy(zero_copy_only=False)) for chunk in chunks]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.empty(0)


def _shown(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:10])) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
