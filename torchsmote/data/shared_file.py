"""How something of some size reaches worker processes that run already: a file, and a number for its name."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import torch

from ..whole_files import replacing
from .shared_number import SharedNumber, is_worker, this_process

__all__ = ["SharedFile"]


class SharedFile:
    """The last thing that was put here, for every process that has a copy.

    It lies in a file of its own in a folder for temporary files (``TMPDIR`` chooses where), which is removed
    with the object that was put into. A copy for a worker process sees what is put later; a deep copy goes
    its own way. So must a process that is no worker, see `is_foreign`.

    Args:
        link: What a copy is made of; None: a new one.
        process: The process that it belongs to; None: this one.
    """

    def __init__(self, link: tuple[SharedNumber, str, int] | None = None, process: int | None = None) -> None:
        self._process = this_process() if process is None else process
        # The folder has its name before it is there: workers must know it from the start.
        name = f"torchsmote-{secrets.token_hex(16)}"
        self._name, self._folder, self._seen = link or (
            SharedNumber(),
            str(Path(tempfile.gettempdir()) / name),
            0,
        )
        self._removal: Finalize[Any] | None = None
        self._before: Path | None = None

    def __reduce__(self) -> tuple[type[SharedFile], tuple[tuple[SharedNumber, str, int], int]]:
        return SharedFile, ((self._name, self._folder, self._seen), self._process)

    def __deepcopy__(self, memo: dict[int, Any]) -> SharedFile:
        return SharedFile()

    @property
    def is_foreign(self) -> bool:
        """Whether it belongs to another process, for which this one does not work: put into a new one."""
        return self._process != this_process() and not is_worker()

    def put(self, thing: Any) -> None:
        """Give every process a thing to take.

        Args:
            thing: What `torch.save` can write.

        Raises:
            OSError: If the file cannot be written, as on a full disk; then all is as it was.
        """
        if self._removal is None:
            Path(self._folder).mkdir(mode=0o700, exist_ok=True)
            # Not weakref.finalize: processes that multiprocessing starts, as ranks may be, end without it.
            # Copies in forked processes remove nothing; below 0 is after the end of worker processes.
            self._removal = Finalize(
                self, shutil.rmtree, (self._folder,), {"ignore_errors": True}, exitpriority=-1
            )
        name = secrets.randbits(62) + 1
        path = self._path(name)
        with replacing(path) as partial:
            try:
                torch.save(thing, partial)
            except RuntimeError as error:  # torch's writer says so of a full disk
                raise OSError(f"{path} could not be written: {error}") from error
        # Only now: a process that sees the name finds the file.
        self._name.set(name)
        self._seen = name
        if self._before is not None:
            self._before.unlink(missing_ok=True)
        self._before = path

    def news(self) -> Any:
        """What another process put here since the last call; None where nothing was."""
        while (name := self._name.get()) != self._seen:
            try:
                thing = torch.load(self._path(name), mmap=True, weights_only=False)
            except FileNotFoundError:
                if name == self._name.get():
                    raise
                continue  # another took its place meanwhile
            self._seen = name
            return thing
        return None

    def _path(self, name: int) -> Path:
        return Path(self._folder) / f"{name}.pt"
