"""A folder that gets all of its new files or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["output_folder"]


@contextmanager
def output_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder to write into; its files move to ``folder`` if the block ends well.

    Where the block fails or is interrupted, nothing is written, and no folder that was made for it stays.

    Args:
        folder: Made with its parents where missing.

    Raises:
        OSError: If ``folder`` cannot be made or written; before the block.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]  # the deepest first
    try:
        with _scratch(folder) as scratch:
            yield scratch
            for file in scratch.iterdir():
                os.replace(file, folder / file.name)
    finally:
        for path in made:
            with suppress(OSError):  # not empty: results are in it
                path.rmdir()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Inside ``folder``, so that files move by renaming."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(dir=folder, prefix=".unfinished-")
    except OSError as error:
        raise OSError(
            f"`out`: cannot write to the folder {folder} ({error.strerror}); choose another with --out"
        ) from error
    with scratch as name:
        yield Path(name)
