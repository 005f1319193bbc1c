"""Class labels of any kind as codes, and what may be compared with what."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["label_codes"]

_KINDS = dict.fromkeys("biufc", "numbers") | {"U": "strings", "S": "bytes", "O": "objects"}


def label_codes(labels: list[tuple[str, Any, int]]) -> list[Tensor]:
    """Codes of one or two label vectors in one common numbering.

    Args:
        labels: For each vector its argument name, its values (any dtype) and the length it must have.

    Returns:
        One int64 tensor of codes for each vector, on the CPU; equal labels have equal codes.

    Raises:
        ValueError: If a length is wrong, or labels of two kinds would have to be compared.
    """
    vectors = [_vector(*entry) for entry in labels]
    kinds = {name: _kind(vector) for (name, _, _), vector in zip(labels, vectors, strict=True)}
    if len(set(kinds.values()) - {"objects"}) > 1:  # numpy would turn numbers into strings, and 1 equal "1"
        held = " and ".join(f"`{name}` holds {kind}" for name, kind in kinds.items())
        raise ValueError(f"{held}, which are never equal; give both in one kind")
    try:
        codes = np.unique(np.concatenate(vectors), return_inverse=True)[1].reshape(-1)
    except TypeError as error:
        names = " and ".join(f"`{name}`" for name in kinds)
        raise ValueError(
            f"labels in {names} cannot be sorted together ({error}); give all in one kind, as all numbers or "
            f"all strings"
        ) from error
    ends = np.cumsum([len(vector) for vector in vectors])[:-1]
    return [torch.from_numpy(np.ascontiguousarray(part)) for part in np.split(codes, ends)]


def _vector(name: str, values: Any, length: int) -> np.ndarray[Any, Any]:
    vector: np.ndarray[Any, Any]
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        # numpy lacks bfloat16, and float64 holds every value of it
        vector = (values.double() if values.is_floating_point() else values).numpy()
    else:
        vector = np.asarray(values)
        strings = vector.dtype.kind in "US" and isinstance(values, list | tuple)
        if strings and not all(isinstance(value, str | bytes) for value in values):
            vector = np.asarray(values, dtype=object)  # numbers and strings: numpy made strings of all
    if vector.shape != (length,):
        raise ValueError(
            f"`{name}` must hold one label for each of the {length} rows, got shape {vector.shape}"
        )
    return vector


def _kind(vector: np.ndarray[Any, Any]) -> str:
    return _KINDS.get(vector.dtype.kind, str(vector.dtype))
