"""A file that a comparison writes fit by fit, and goes on from after it was stopped."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...whole_files import digest
from ..versions import versions
from .fits import Outcome
from .task import Task

if sys.platform != "win32":
    import fcntl

__all__ = ["FitFile", "Key", "fit_file", "header"]

Key = tuple[str, int, int]  # a contender's text, repeat, fold

_KIND = "fits of torchsmote.compare"
_FORMAT = 1
_WHAT_DIFFERS = {
    "X": "other rows in `X`",
    "y": "other labels in `y`",
    "groups": "other `groups`",
}


def header(task: Task, *, metrics: tuple[str, ...], n_splits: int, seed: int) -> dict[str, Any]:
    """All that every fit depends on; the methods and the number of repeats may change from run to run."""
    features = task.features
    shape = np.array([*features.numbers.shape, *features.codes.shape])
    labels = np.frombuffer(json.dumps(task.classes).encode(), np.uint8)
    return {
        "kind": _KIND,
        "format": _FORMAT,
        "versions": versions(),
        "X": digest([shape, features.numbers, features.codes]),
        "y": digest([labels, task.y]),
        "groups": None if task.groups is None else digest([task.groups]),
        "n_splits": n_splits,
        "seed": seed,
        "metrics": list(metrics),
    }


class FitFile:
    """The outcomes of earlier runs, and where those of this run are added; close it in the end.

    Args:
        known: What is known already.
        path: Where they are kept; None: nothing is kept.
        file: That file, open for appending, its last line whole.
    """

    def __init__(
        self, known: Mapping[Key, Outcome], path: Path | None = None, file: BinaryIO | None = None
    ) -> None:
        self.known = dict(known)
        self.path = path
        self._file = file

    def __enter__(self) -> FitFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, key: Key, outcome: Outcome) -> None:
        """Keep an outcome; after this call it is in the file."""
        self.known[key] = outcome
        if self._file is not None:
            contender, repeat, fold = key
            line = {"contender": contender, "repeat": repeat, "fold": fold, "outcome": outcome.to_dict()}
            # One write of a whole line: a process that is killed leaves at most half of the last one.
            self._file.write(_line(line))
            self._file.flush()


def fit_file(path: str | os.PathLike[str] | None, asked: Mapping[str, Any]) -> FitFile:
    """Open a file of fits, or begin one; until it is closed no other process can (but on Windows).

    Args:
        path: None: nothing is kept.
        asked: Header of this run.

    Raises:
        TypeError: If ``path`` is no path.
        ValueError: If it is a folder, or the file is of another kind, of other data or arguments, or in use.
        OSError: If it cannot be read or written.
    """
    if path is None:
        return FitFile({})
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"`resume` must be the name of a file, got {path!r}; try 'fits.jsonl'")
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"`resume` is a folder ({str(path)!r}); name a file in it, such as fits.jsonl")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise OSError(error.errno, f"`resume`: {error.strerror}", str(path)) from error
    try:
        _lock(path, file)
        return FitFile(_known(path, file, asked), path, file)
    except BaseException:
        file.close()
        raise


def _lock(path: Path, file: BinaryIO) -> None:
    """Keep other runs away: each would do all the work, and cut off what it takes for half of a line.

    The system lets go of it when the process ends, however it ends.
    """
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ValueError(
            f"`resume`: another comparison is writing to {path}; wait until it ends, or name another file"
        ) from error
    except OSError:
        return  # a disk without locks


def _known(path: Path, file: BinaryIO, asked: Mapping[str, Any]) -> dict[Key, Outcome]:
    file.seek(0)
    content = file.read()
    if not content:
        file.write(_line(asked))
        file.flush()
        return {}
    whole = content.rfind(b"\n") + 1
    first, *rest = content[:whole].splitlines() or [content]
    _check_header(path, first, asked)
    known = dict(_outcome(path, number, line) for number, line in enumerate(rest, start=2))
    # What a killed process left of its last line; only now that it is known to be a file of ours.
    file.truncate(whole)
    return known


def _line(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _check_header(path: Path, line: bytes, asked: Mapping[str, Any]) -> None:
    try:
        found = json.loads(line)
        is_ours = found["kind"] == _KIND
    except (ValueError, TypeError, KeyError):
        is_ours = False
    if not is_ours:
        raise ValueError(f"`resume`: {path} is not a file of a comparison; name another, it would be lost")
    differing = [name for name in asked if found.get(name) != asked[name]]
    if differing:
        raise ValueError(
            f"`resume`: {path} has the fits of a comparison with {_difference(differing[0], found, asked)}; "
            "go on with the same, or name another file"
        )


def _difference(name: str, found: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    if name in _WHAT_DIFFERS:
        return _WHAT_DIFFERS[name]
    return f"`{name}`={found.get(name)!r}, but now it is {asked[name]!r}"


def _outcome(path: Path, number: int, line: bytes) -> tuple[Key, Outcome]:
    try:
        values = json.loads(line)
        key = (str(values["contender"]), int(values["repeat"]), int(values["fold"]))
        return key, Outcome.from_dict(values["outcome"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"`resume`: line {number} of {path} is damaged; remove that line") from error
