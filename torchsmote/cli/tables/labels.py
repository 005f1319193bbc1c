"""The labels of a table, gathered block by block."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...extras import import_extra
from ...targets import Targets, encode

__all__ = ["LabelReader", "Labels"]

_MOST_CLASSES = 10_000
_MISSING = {"", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "<NA>"}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of all rows.

    Attributes:
        codes: Position of each row's class in ``classes``, int32, shape (n,).
        classes: Sorted; whole numbers or numbers where a CSV file has nothing else.
        texts: How the first row of each class has it.
        counts: Rows of each class.
        are_text: Whether the file has text there, as CSV files have everywhere.
    """

    codes: NDArray[np.int32]
    classes: NDArray[Any]
    texts: tuple[str, ...]
    counts: tuple[int, ...]
    are_text: bool

    @property
    def targets(self) -> Targets:
        """As resamplers take labels that are encoded already."""
        return Targets(self.codes, self.classes, self.codes, self.counts)

    @property
    def values(self) -> NDArray[Any]:
        """The class of each row, shape (n,)."""
        return self.classes[self.codes]

    def column(self, kind: Any) -> Any:
        """The classes as a pyarrow Array: as the file has them where that is text, else of type ``kind``."""
        pa = import_extra("pyarrow", "cli")
        return pa.array(self.texts) if self.are_text else pa.array(self.classes.tolist(), kind)


class LabelReader:
    """Takes the labels in, block by block.

    Args:
        name: Of the column, for messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._seen: dict[Any, int] = {}
        self._codes: list[NDArray[np.int32]] = []
        self._rows = 0

    def add(self, column: Any) -> None:
        """The next labels.

        Raises:
            ValueError: If one is missing, they are lists or the like, or there are very many different ones.
        """
        pa, compute = import_extra("pyarrow", "cli"), import_extra("pyarrow.compute", "cli")
        if pa.types.is_nested(column.type):
            raise ValueError(
                f"column {self.name!r} holds values of type {column.type}; name the column of class labels "
                "in --target"
            )
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        distinct = compute.unique(column)
        for value in distinct.to_pylist():
            if value is None or value != value or value in _MISSING:
                row = column.to_pylist().index(value) if value == value else _first_nan(column)
                raise ValueError(
                    f"column {self.name!r} has no label in data row {self._rows + row + 1:,}; remove such "
                    "rows, or label them"
                )
            self._seen.setdefault(value, len(self._seen))
        if len(self._seen) > _MOST_CLASSES:
            raise ValueError(
                f"column {self.name!r} has more than {_MOST_CLASSES:,} different values; name the column of "
                "class labels in --target"
            )
        known = np.array([self._seen[value] for value in distinct.to_pylist()], np.int32)
        places = compute.index_in(column, value_set=distinct).to_numpy()
        self._codes.append(known[places])
        self._rows += len(column)

    def finish(self) -> Labels:
        """All of them.

        Raises:
            ValueError: If they are fractional, or of one class only.
        """
        seen = list(self._seen)
        values = _typed(seen)
        with warnings.catch_warnings():
            # scikit-learn sees each class once here, and warns of as many classes as rows.
            warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
            try:
                found = encode(np.array(values))
            except ValueError as error:
                raise ValueError(str(error).replace("`y`", f"column {self.name!r}")) from error
        codes = np.concatenate(self._codes)
        codes = found.codes.astype(np.int32)[codes]
        texts = [
            str(seen[int(np.flatnonzero(found.codes == place)[0])]) for place in range(len(found.classes))
        ]
        counts = np.bincount(codes, minlength=len(texts))
        are_text = all(isinstance(value, str) for value in seen)
        return Labels(codes, found.classes, tuple(texts), tuple(counts.tolist()), are_text)


def _first_nan(column: Any) -> int:
    return int(np.flatnonzero(np.isnan(column.to_numpy()))[0])


def _typed(values: Sequence[Any]) -> list[Any]:
    """Numbers, where all texts are such."""
    if not all(isinstance(value, str) for value in values):
        return list(values)
    if all(_WHOLE.fullmatch(value) for value in values):
        return [int(value) for value in values]
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return list(values)
    # 01 and 1e3 look like names.
    return numbers if all("." in value for value in values) else list(values)
