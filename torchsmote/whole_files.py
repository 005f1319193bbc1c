"""Files that are written whole or not at all, and digests that tell whether arrays are what they were."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np

__all__ = ["digest", "replacing"]


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A file beside ``path`` to write to; it takes the place of ``path`` when the block ends well.

    Readers see the old file or the new one, never half of one. If the block raises (a full disk, a
    KeyboardInterrupt), what was written is removed and ``path`` is as it was. Several processes may write at
    once, on several machines too: the last one wins.

    Args:
        path: The file; its folder is made where missing.

    Raises:
        ValueError: If ``path`` is there and is no file but a folder, a device or a pipe: it would be gone.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "notes") as partial:
    ...         _ = partial.write_text("whole")
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('notes', 'whole')]
    """
    target = Path(path)
    if target.exists() and not target.is_file():  # root's rename would put a file in place of /dev/null
        raise ValueError(f"`path`: {str(target)!r} is no file but a folder, a device or a pipe; name a file")
    target.parent.mkdir(parents=True, exist_ok=True)
    # The number of a process is its own on one machine only, and a disk may serve many.
    partial = target.with_name(f"{target.name}.{uuid4().hex[:12]}.partial")
    try:
        yield partial
        # On the disk before it has the name: else a power cut could leave the name with nothing behind it.
        with partial.open("r+b") as file:  # some systems write back only what is open for writing
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def digest(arrays: Iterable[np.ndarray]) -> str:
    """SHA-256 of the values themselves, so that it holds for any version of numpy, zlib and pandas.

    >>> digest([np.zeros(2, np.uint8)])[:8]
    '96a296d2'
    """
    found = hashlib.sha256()
    for array in arrays:
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()
