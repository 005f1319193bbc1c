"""One pass over a table in a file: types, labels, and where values are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...extras import import_extra
from .block import TableFile
from .labels import LabelReader, Labels
from .spread import Spread

__all__ = ["Survey", "is_number", "survey"]


@dataclass
class _Seen:
    """What is known of one column so far.

    Attributes:
        kind: The type that suits all blocks.
        missing: Rows without a finite number.
        first_missing: The first of them.
        rising: Whether each value is a whole number above the one before it.
        last: The last value, where it is rising.
        spread: Of the values, where they are numbers.
    """

    kind: Any = None
    missing: int = 0
    first_missing: int = -1
    rising: bool = True
    last: float = -np.inf
    spread: Spread = field(default_factory=Spread)


@dataclass(frozen=True, eq=False)
class Survey:
    """What one pass over a table has found.

    Attributes:
        schema: pyarrow's, with all columns.
        n_rows: Rows.
        labels: Of all rows.
        missing: Column of numbers -> how many rows have no finite number there, and the first such row,
            counted from 0; only columns that have some.
        rising: Columns where each row has a larger whole number than the one before, as identifiers have.
        deviations: Column of numbers -> its standard deviation; without those that are constant or that look
            like indicators, of which a rare one varies little whatever its scale.
    """

    schema: Any
    n_rows: int
    labels: Labels
    missing: dict[str, tuple[int, int]]
    rising: tuple[str, ...] = field(default=())
    deviations: dict[str, float] = field(default_factory=dict)


def survey(file: TableFile, target: str, watch: Callable[[Iterable[Any]], Iterator[Any]] = iter) -> Survey:
    """Read all rows once.

    Args:
        file: The table.
        target: The column of labels, one of its names.
        watch: What passes blocks on, and may tell of them.

    Raises:
        ValueError: If there is no row, a row has more or fewer fields than the header, or a label is missing,
            or all rows are of one class.
    """
    pa = import_extra("pyarrow", "cli")
    seen = {name: _Seen() for name in file.names}
    labels, n_rows = LabelReader(target), 0
    for table in watch(file.guesses(target)):
        labels.add(table[target])
        for name, own in seen.items():
            _see(own, table[name], n_rows)
        n_rows += table.num_rows
    if not n_rows:
        raise ValueError(f"{file.path} has a header but no rows")
    found = labels.finish()
    if hasattr(file, "schema"):
        schema = file.schema
    else:
        kinds = {name: pa.float64() if pa.types.is_null(own.kind) else own.kind for name, own in seen.items()}
        kinds[target] = pa.array(found.classes.tolist()).type
        schema = pa.schema(list(kinds.items()))
    numbers = {
        name: own for name, own in seen.items() if is_number(schema.field(name).type) and name != target
    }
    return Survey(
        schema,
        n_rows,
        found,
        {name: (own.missing, own.first_missing) for name, own in numbers.items() if own.missing},
        tuple(name for name, own in numbers.items() if own.rising and own.last > -np.inf),
        {name: own.spread.deviation for name, own in numbers.items() if own.spread.is_scaled},
    )


def is_number(kind: Any) -> bool:
    """Whether a type holds whole numbers or floats."""
    types = import_extra("pyarrow", "cli").types
    return bool(types.is_floating(kind) or types.is_integer(kind))


def _see(seen: _Seen, column: Any, first: int) -> None:
    """Add a block of a column, whose first row has this number."""
    types = import_extra("pyarrow", "cli").types
    kind = column.type
    seen.kind = kind if seen.kind is None else _common(seen.kind, kind)
    if not (is_number(kind) or types.is_null(kind)):
        seen.rising = False
        return
    values = column.to_numpy()
    bad = np.zeros(len(values), np.bool_)
    if types.is_null(kind):
        bad[:] = True
    elif values.dtype.kind == "f":
        bad = ~np.isfinite(values)
    if bad.any():
        seen.first_missing = first + int(bad.argmax()) if not seen.missing else seen.first_missing
        seen.missing += int(bad.sum())
    if is_number(kind):
        seen.spread.add(values)
    if seen.rising:
        seen.rising = types.is_integer(kind) and not bad.any() and _rises(seen.last, values)
        seen.last = float(values[-1]) if seen.rising else seen.last


def _rises(last: float, values: NDArray[Any]) -> bool:
    # Not by differences, which wrap around in unsigned dtypes.
    return bool(values[0] > last and (values[1:] > values[:-1]).all())


def _common(one: Any, other: Any) -> Any:
    """The type of a CSV column whose blocks have these; text, where no other holds both."""
    pa = import_extra("pyarrow", "cli")
    types = pa.types
    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if is_number(one) and is_number(other):
        return pa.float64()
    if types.is_timestamp(one) and types.is_timestamp(other):
        return pa.timestamp("ns")
    return pa.string()
