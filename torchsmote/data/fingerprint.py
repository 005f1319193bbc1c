"""What a saved position depends on besides the order of rows, in texts that are alike in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from inspect import signature
from typing import Any

import numpy as np
from torch import Tensor

from ..whole_files import digest

__all__ = ["fingerprint", "short_text"]

# They say where and how fast, not which rows: `random_state` is not used by a dataset.
_NOT_THE_ROWS = ("random_state", "device", "backend", "n_jobs")
_LONGEST = 80


def fingerprint(labels: Any, resampler: Any, n_new: Sequence[int]) -> dict[str, str]:
    """Short texts that tell a dataset from another one.

    Features are not among them: `SMOTEDataset.refresh` changes those, and a run goes on.

    Args:
        labels: Shape (n,), a tensor or an array.
        resampler: What makes the synthetic rows.
        n_new: How many of each class.

    >>> from torchsmote import SMOTE
    >>> fingerprint(np.array([0, 0, 1]), SMOTE(k_neighbors=3, random_state=0), (0, 1))
    {'labels': '85526ba79728a470', 'resampler': 'SMOTE(k_neighbors=3)', 'n_new': '[0, 1]'}
    """
    values = labels.detach().cpu().numpy() if isinstance(labels, Tensor) else np.asarray(labels)
    if values.dtype.kind not in "biuf":
        values = np.frombuffer("\0".join(map(str, values.tolist())).encode(), dtype=np.uint8)
    return {"labels": digest([values])[:16], "resampler": short_text(resampler), "n_new": short_text(n_new)}


def short_text(value: Any) -> str:
    """Text for an estimator, or an argument of one, without addresses; a long one ends in a digest of all.

    >>> short_text({"a": 1, 2: (0.5, None)})
    "{'a': 1, 2: [0.5, None]}"
    """
    text = _text(value)
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST - 20]}... {sha256(text.encode()).hexdigest()[:16]}"


def _text(value: Any) -> str:
    if isinstance(value, (np.generic, np.ndarray, Tensor)):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(own)}" for key, own in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_text, value)) + "]"
    name = getattr(value, "__qualname__", type(value).__name__)
    if not hasattr(value, "get_params") or isinstance(value, type):
        return str(name)
    defaults = {name: parameter.default for name, parameter in signature(type(value)).parameters.items()}
    given = {key: _text(own) for key, own in value.get_params(deep=False).items()}
    changed = [
        f"{key}={own}"
        for key, own in given.items()
        if key not in _NOT_THE_ROWS and own != _text(defaults.get(key))
    ]
    return f"{name}({', '.join(changed)})"
