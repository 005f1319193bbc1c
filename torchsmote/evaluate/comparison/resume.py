"""A file that a comparison writes fit by fit, and goes on from after it was stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...whole_files import digest, replacing
from ..versions import versions
from .fits import Outcome
from .task import Task

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
    """The outcomes of earlier runs, and where those of this run are added.

    Args:
        path: A file whose last line is whole; None: nothing is kept.
        known: What is in it.
    """

    def __init__(self, path: Path | None, known: Mapping[Key, Outcome]) -> None:
        self.path = path
        self.known = dict(known)

    def add(self, key: Key, outcome: Outcome) -> None:
        """Keep an outcome; after this call it is in the file."""
        self.known[key] = outcome
        if self.path is not None:
            contender, repeat, fold = key
            line = {"contender": contender, "repeat": repeat, "fold": fold, "outcome": outcome.to_dict()}
            # One write of a whole line: a process that is killed leaves at most half of the last one.
            with self.path.open("ab") as file:
                file.write(_line(line))


def fit_file(path: str | os.PathLike[str] | None, asked: Mapping[str, Any]) -> FitFile:
    """Open a file of fits, or begin one.

    Args:
        path: None: nothing is kept.
        asked: Header of this run.

    Raises:
        ValueError: If the file is of another kind, or of other data or arguments.
        OSError: If it cannot be read or written.
    """
    if path is None:
        return FitFile(None, {})
    path = Path(path)
    if not path.exists() or not path.stat().st_size:
        with replacing(path) as partial:
            partial.write_bytes(_line(asked))
        return FitFile(path, {})
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    first, *rest = content[:whole].splitlines() or [content]
    _check_header(path, first, asked)
    known = dict(_outcome(path, number, line) for number, line in enumerate(rest, start=2))
    # What a killed process left of its last line; only now that it is known to be a file of ours.
    os.truncate(path, whole)
    return FitFile(path, known)


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
