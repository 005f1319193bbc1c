"""A folder of arrays that were costly to get: written whole or not at all, and checked when read."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from ..whole_files import replacing

__all__ = ["data_home", "load_arrays", "save_arrays"]


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
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
