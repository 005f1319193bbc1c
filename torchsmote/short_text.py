"""Short texts for objects that are alike in every process: to store, to compare and to show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from inspect import signature
from typing import Any

import numpy as np
from torch import Tensor

__all__ = ["short_text"]

_LONGEST = 80


def short_text(value: Any, without: Collection[str] = ()) -> str:
    """Text for an estimator, or an argument of one, without addresses; a long one ends in a digest of all.

    Args:
        value: An estimator shows the arguments that are not at their defaults.
        without: Names of arguments that are left out.

    >>> short_text({"a": 1, 2: (0.5, None)})
    "{'a': 1, 2: [0.5, None]}"
    """
    text = _text(value, without)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 20]}... {sha256(text.encode()).hexdigest()[:16]}"


def _text(value: Any, without: Collection[str]) -> str:
    if isinstance(value, (np.generic, np.ndarray, Tensor)):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key, ())}: {_text(own, without)}" for key, own in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_text(own, without) for own in value) + "]"
    if hasattr(value, "get_n_splits") and not isinstance(value, type):
        return repr(value)  # a splitter of folds: it shows its settings there, and has no get_params
    name = getattr(value, "__qualname__", type(value).__name__)
    if not hasattr(value, "get_params") or isinstance(value, type):
        return str(name)
    defaults = {name: parameter.default for name, parameter in signature(type(value)).parameters.items()}
    given = {key: _text(own, without) for key, own in value.get_params(deep=False).items()}
    changed = [
        f"{key}={own}"
        for key, own in given.items()
        if key not in without and own != _text(defaults.get(key), without)
    ]
    return f"{name}({', '.join(changed)})"
