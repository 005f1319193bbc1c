"""Labels to class positions and counts."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target
from torch import Tensor

__all__ = ["Targets", "check_several", "distinct", "encode", "first_rows", "nullable_kinds", "to_host"]

_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Targets:
    """Labels of a table, encoded.

    Attributes:
        labels: One label a row on the host, shape (n,); a one-hot table is given as its column numbers.
        classes: The distinct labels, sorted, shape (c,).
        codes: Position of each row's label in ``classes``, on the host, shape (n,): int64, or a smaller
            integer dtype where there are very many rows.
        counts: Rows of each class, in the order of ``classes``.
    """

    labels: NDArray[Any]
    classes: NDArray[Any]
    codes: NDArray[Any]
    counts: tuple[int, ...]

    @property
    def keys(self) -> list[Any]:
        """The classes as plain Python values, for dictionaries and messages."""
        keys: list[Any] = self.classes.tolist()
        return keys

    def positions(self, labels: Container[Any]) -> list[int]:
        """Positions of those classes that are among the labels, ascending."""
        return [position for position, key in enumerate(self.keys) if key in labels]

    def rows_of(self, position: int) -> NDArray[np.int64]:
        """Rows of one class, in order."""
        return np.flatnonzero(self.codes == position)

    def labeled(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """All rows, then for each class in ``positions`` a row of it, shape (n + n_new,).

        Taken by these, labels keep their container and dtype.
        """
        first = first_rows(self.codes, len(self.counts))
        return np.concatenate((np.arange(len(self.codes)), first[positions]))


def first_rows(codes: NDArray[Any], count: int) -> NDArray[np.int64]:
    """For each code below ``count``, the first row that has it, shape (count,); 0 where none has."""
    first = np.zeros(count, dtype=np.int64)
    # Assigned in reverse, so that the first row of each code is the one that stays.
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def encode(y: Any) -> Targets:
    """Encode labels of any dtype: strings, bools, negative numbers, whole-number floats, one-hot tables.

    Args:
        y: Labels, shape (n,), (n, 1), or one-hot (n, c): a tensor, array, series, data frame or list. Labels
            that an engine has encoded already, part by part, are taken as they are.

    Raises:
        ValueError: If the labels are fractional, missing, multilabel, or of one class only.
    """
    if isinstance(y, Targets):
        return y
    labels, classes, codes = distinct(y)
    check_several(classes)
    counts = tuple(np.bincount(codes, minlength=len(classes)).tolist())
    return Targets(labels, classes, codes, counts)


def check_several(classes: NDArray[Any]) -> None:
    """Raise ValueError unless there are at least two classes."""
    if len(classes) < 2:
        found = f"only 1 class: {classes.tolist()[0]!r}" if len(classes) else "no label"
        raise ValueError(
            f"`y` needs to have more than 1 class to balance one against another, but has {found}"
        )


def distinct(y: Any, name: str = "y") -> tuple[NDArray[Any], NDArray[Any], NDArray[np.int64]]:
    """Labels on the host, the distinct ones, sorted, and the position of each row's among them.

    As ``encode``, but one class, or none, will do; ``name`` is the argument's, for messages.

    Raises:
        ValueError: If the labels are fractional, missing or multilabel.
    """
    labels = to_host(y, name)
    if labels.ndim == 1 and labels.dtype.kind in "bi" and labels.size:
        return labels, *_count_small_integers(labels)
    labels = _checked(labels, name)
    classes, codes = np.unique(labels, return_inverse=True)
    return labels, classes, codes.astype(np.int64, copy=False)


def to_host(y: Any, name: str = "y") -> NDArray[Any]:
    """Targets of any container as a numpy array, as they are; ``name`` is the argument's, for messages."""
    if y is None:
        raise ValueError(f"`{name}` is None, but {name} should be a 1d array with the label of each row")
    if isinstance(y, Tensor):
        if y.is_meta or y.layout != torch.strided:
            raise TypeError(f"`{name}` must be a dense tensor with values, got {y.layout} on {y.device}")
        y = y.detach().cpu()
        return np.asarray(y.double() if y.is_floating_point() else y)  # numpy has no bfloat16
    try:
        labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    except ValueError as error:
        raise ValueError(f"`{name}` must have as many values in each row: {error}") from error
    if labels.dtype == object and hasattr(y, "dtypes"):
        # pandas 2 hands out nullable whole numbers and bools as objects; pandas 3 as what they are.
        values = np.asarray(labels.tolist())
        return values if nullable_kinds(y) <= set("biu") and values.dtype.kind in "biu" else labels
    return labels


def nullable_kinds(y: Any) -> set[str]:
    """Kinds of the values in a pandas series or frame, as numpy's letters, of nullable dtypes too."""
    return {getattr(getattr(dtype, "numpy_dtype", dtype), "kind", "O") for dtype in np.ravel(y.dtypes)}


def _is_missing(label: Any) -> bool:
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas' NA does not say whether it equals itself
        return True


def _count_small_integers(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """`np.unique` without its sort where the values span a short range, as class labels do."""
    values = labels.view(np.int8) if labels.dtype.kind == "b" else labels
    low, high = int(values.min()), int(values.max())
    if high - low > 4 * len(values) + 1024:
        return np.unique(labels, return_inverse=True)
    present = np.zeros(high - low + 1, dtype=np.bool_)
    for part in _parts(values):
        present[part.astype(np.int64) - low] = True
    classes = (np.flatnonzero(present) + low).astype(values.dtype).view(labels.dtype)
    place, codes = present.cumsum() - 1, np.empty(len(values), dtype=np.int64)
    for part, own in zip(_parts(values), _parts(codes), strict=True):
        own[:] = place[part.astype(np.int64) - low]
    return classes, codes


def _parts(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Consecutive parts: labels may be mapped from a file, and are many, so no step copies all of them."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _checked(labels: NDArray[Any], name: str) -> NDArray[Any]:
    """Refuse what is not a class label; turn one-hot rows into column numbers."""
    if labels.dtype.kind in "fc" and not np.isfinite(labels).all():
        row = int(np.flatnonzero(~np.isfinite(labels.reshape(len(labels), -1)).all(1))[0])
        raise ValueError(
            f"`{name}` has a missing or infinite label (NaN, inf) in row {row}; remove or relabel it"
        )
    if labels.dtype == object and labels.ndim == 1:
        missing = [row for row, label in enumerate(labels) if _is_missing(label)]
        if missing:
            raise ValueError(f"`{name}` has a missing label in row {missing[0]}; remove or relabel it")
    try:
        kind = type_of_target(labels, input_name=name)
    except (TypeError, ValueError) as error:  # bytes, complex numbers, text beside numbers
        why = str(error).partition("\n")[0]
        raise type(error)(
            f"`{name}` must hold labels of one kind: whole numbers, strings or bools ({why})"
        ) from error
    if kind == "multilabel-indicator":
        per_row = labels.sum(axis=1)
        if (per_row != 1).any():
            raise ValueError(
                f"`{name}` has rows with several labels or none. Multilabel and multioutput targets are not "
                "supported. Give one label a row, or over-sample with MLSMOTE, which takes several"
            )
        return np.asarray(labels.argmax(axis=1))
    if kind not in ("binary", "multiclass"):
        remedy = "give one column of labels"
        if kind == "continuous":
            remedy = "to over-sample a continuous target use SMOTER or SMOGN, or bin it into classes first"
        raise ValueError(
            f"Unknown label type: {kind}. `{name}` must hold class labels (whole numbers, strings or bools), "
            f"one a row; {remedy}"
        )
    return np.asarray(column_or_1d(labels))
