"""Class labels of any kind as codes, and what may be compared with what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["class_pairs", "distinct_labels", "given_labels", "label_codes"]

_KINDS = dict.fromkeys("biufc", "numbers") | {"U": "strings", "S": "bytes", "O": "objects"}


def given_labels(
    relation: str, n_query: int, n_reference: int | None, query_labels: Any, reference_labels: Any
) -> list[tuple[str, Any, int]]:
    """The labels given, each as ``label_codes`` takes it: one of a search in itself, else two, or none.

    Raises:
        ValueError: If some that are needed are missing, or there are labels of a reference and no reference.
    """
    if n_reference is None and reference_labels is not None:
        raise ValueError("`reference_labels` needs `reference`; without one `query_labels` serve both sides")
    wanted = [("query_labels", query_labels, n_query)]
    if n_reference is not None:
        wanted.append(("reference_labels", reference_labels, n_reference))
    missing = [name for name, values, _ in wanted if values is None]
    if relation != "any" and missing:
        raise ValueError(f"`relation`={relation!r} needs `{missing[0]}`: one label for each row")
    return [entry for entry in wanted if entry[1] is not None]


def class_pairs(
    relation: str, codes: list[Tensor], device: torch.device
) -> Iterator[tuple[Tensor | None, Tensor | None]]:
    """Pairs of query rows and the reference rows they may see; None stands for all rows.

    Args:
        relation: "any", "same" or "different".
        codes: Of the queries and, last, of the references; not looked at for "any".
        device: Where the row numbers go.
    """
    if relation == "any":
        yield None, None
        return
    for code in codes[0].unique():
        is_seen = (codes[-1] == code) == (relation == "same")
        yield (codes[0] == code).nonzero()[:, 0].to(device), is_seen.nonzero()[:, 0].to(device)


def distinct_labels(name: str, values: Any, length: int) -> tuple[np.ndarray[Any, Any], Tensor]:
    """The distinct labels of one vector, and for each row the position of its own among them, int64.

    Args:
        name: As in ``label_codes``, as the others are.
        values: Labels of any dtype.
        length: How many there must be.
    """
    vector = _vector(name, values, length)
    (codes,) = label_codes([(name, values, length)])
    first = np.zeros(int(codes.max()) + 1 if length else 0, dtype=np.int64)
    first[codes.numpy()] = np.arange(length)
    return vector[first], codes


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
