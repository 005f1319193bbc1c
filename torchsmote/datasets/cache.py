"""A folder of arrays that were costly to get: written whole or not at all, and checked when read."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

__all__ = ["data_home", "digest", "load_arrays", "save_arrays"]


def data_home(given: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the cache.

    Args:
        given: The folder itself. None: the environment variable TORCHSMOTE_DATA, else
            ``$XDG_CACHE_HOME/torchsmote``, else ``~/.cache/torchsmote``.

    >>> str(data_home("somewhere"))
    'somewhere'
    """
    if given is not None:
        return Path(given).expanduser()
    own = os.environ.get("TORCHSMOTE_DATA")
    if own:
        return Path(own).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "torchsmote"


def digest(arrays: Iterable[np.ndarray]) -> str:
    """SHA-256 of the values themselves, so that it holds for any version of numpy, zlib and pandas.

    >>> digest([np.zeros(2, np.uint8)])[:8]
    '96a296d2'
    """
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def load_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays in a file of ``save_arrays``, or None where there is none or it is damaged.

    Args:
        path: An .npz file.
    """
    try:
        with path.open("rb") as file, np.load(file) as saved:
            return {name: saved[name] for name in saved.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    except (AttributeError, TypeError):  # np.load found a bare array, which is no context manager
        return None


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write beside ``path`` and rename, so that a killed or a second process leaves no half file.

    Args:
        path: An .npz file; its folder is made where missing.
        **arrays: What to write, by name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
