"""Labels to class positions, and `sampling_strategy` to how many rows each class is to get."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target
from torch import Tensor

__all__ = ["SamplingStrategy", "Targets", "encode", "rows_to_make"]

SamplingStrategy = str | float | Mapping[Any, int] | Callable[[NDArray[Any]], Mapping[Any, int]]


@dataclass(frozen=True, eq=False)
class Targets:
    """Labels of a table, encoded.

    Attributes:
        labels: One label a row on the host, shape (n,); a one-hot table is given as its column numbers.
        classes: The distinct labels, sorted, shape (c,).
        codes: Position of each row's label in ``classes``, int64 on the host, shape (n,).
        counts: Rows of each class, in the order of ``classes``.
    """

    labels: NDArray[Any]
    classes: NDArray[Any]
    codes: NDArray[np.int64]
    counts: tuple[int, ...]

    @property
    def keys(self) -> list[Any]:
        """The classes as plain Python values, for dictionaries and messages."""
        keys: list[Any] = self.classes.tolist()
        return keys

    def rows_of(self, position: int) -> NDArray[np.int64]:
        """Rows of one class, in order."""
        return np.flatnonzero(self.codes == position)


def encode(y: Any) -> Targets:
    """Encode labels of any dtype: strings, bools, negative numbers, whole-number floats, one-hot tables.

    Args:
        y: Labels, shape (n,), (n, 1), or one-hot (n, c): a tensor, array, series, data frame or list.

    Raises:
        ValueError: If the labels are fractional, missing, multilabel, or of one class only.
    """
    labels = _to_host(y)
    if labels.ndim == 1 and labels.dtype.kind in "bi" and labels.size:
        classes, codes = _count_small_integers(labels)
    else:
        labels = _checked(labels)
        classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        found = f"only 1 class: {classes.tolist()[0]!r}" if len(classes) else "no label"
        raise ValueError(f"`y` needs at least 2 classes to balance one against another, but has {found}")
    counts = tuple(np.bincount(codes, minlength=len(classes)).tolist())
    return Targets(labels, classes, codes.astype(np.int64, copy=False), counts)


def _to_host(y: Any) -> NDArray[Any]:
    if y is None:
        raise ValueError("`y` is None, but y should be a 1d array with the label of each row")
    if isinstance(y, Tensor):
        y = y.detach().cpu()
        return np.asarray(y.double() if y.is_floating_point() else y)  # numpy has no bfloat16
    labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if labels.dtype == object and hasattr(y, "dtypes"):
        # pandas 2 hands out nullable whole numbers and bools as objects; pandas 3 as what they are.
        kinds = {getattr(getattr(dtype, "numpy_dtype", dtype), "kind", "O") for dtype in np.ravel(y.dtypes)}
        values = np.asarray(labels.tolist())
        return values if kinds <= set("biu") and values.dtype.kind in "biu" else labels
    return labels


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
    offsets = values.astype(np.int64) - low
    present = np.bincount(offsets, minlength=high - low + 1) > 0
    classes = (np.flatnonzero(present) + low).astype(values.dtype).view(labels.dtype)
    return classes, (present.cumsum() - 1)[offsets]


def _checked(labels: NDArray[Any]) -> NDArray[Any]:
    """Refuse what is not a class label; turn one-hot rows into column numbers."""
    if labels.dtype.kind in "fc" and not np.isfinite(labels).all():
        row = int(np.flatnonzero(~np.isfinite(labels.reshape(len(labels), -1)).all(1))[0])
        raise ValueError(f"`y` has a missing or infinite label (NaN, inf) in row {row}; remove or relabel it")
    if labels.dtype == object and labels.ndim == 1:
        missing = [row for row, label in enumerate(labels) if _is_missing(label)]
        if missing:
            raise ValueError(f"`y` has a missing label in row {missing[0]}; remove or relabel it")
    kind = type_of_target(labels, input_name="y")
    if kind == "multilabel-indicator":
        per_row = labels.sum(axis=1)
        if (per_row != 1).any():
            raise ValueError(
                "`y` has rows with several labels or none; multilabel targets are not supported here, "
                "give one label a row"
            )
        return np.asarray(labels.argmax(axis=1))
    if kind not in ("binary", "multiclass"):
        raise ValueError(
            f"Unknown label type: {kind}. `y` must hold class labels (whole numbers, strings or bools), "
            "one a row; to over-sample a continuous target, bin it first."
        )
    return np.asarray(column_or_1d(labels))


def rows_to_make(strategy: SamplingStrategy, targets: Targets) -> dict[Any, int]:
    """How many synthetic rows each targeted class is to get; imbalanced-learn's meaning of every form.

    Args:
        strategy: "minority", "not minority", "not majority" or "auto" (the same), "all"; a float in (0, 1]
            (binary only): minority over majority after resampling; a mapping of class to final count; or a
            function of the labels that returns such a mapping.
        targets: The encoded labels.

    Returns:
        Class -> number of rows, for the targeted classes in sorted order. A float ratio makes
        ``floor(ratio * n_majority + 1e-9) - n_minority`` rows, so that 100 * 0.29 is 29.

    Raises:
        ValueError: If a class is unknown, a count is below what the class has, or the ratio is too small.
        TypeError: If a count is not a whole number.
    """
    if callable(strategy):
        strategy = strategy(targets.labels)
        if not isinstance(strategy, Mapping):
            raise TypeError(
                "`sampling_strategy` returned "
                f"{type(strategy).__name__}; the function must return a mapping of class to final count"
            )
    if isinstance(strategy, Mapping):
        return _from_mapping(strategy, targets)
    if isinstance(strategy, str):
        return _from_name(strategy, targets)
    return _from_ratio(float(strategy), targets)


def _from_name(name: str, targets: Targets) -> dict[Any, int]:
    most, least = max(targets.counts), min(targets.counts)
    majority, minority = targets.counts.index(most), targets.counts.index(least)
    every = set(range(len(targets.counts)))
    targeted = {
        "all": every,
        "minority": {minority},
        "not minority": every - {minority},
        "not majority": every - {majority},
        "auto": every - {majority},
    }[name]
    return {targets.keys[position]: most - targets.counts[position] for position in sorted(targeted)}


def _from_mapping(wanted: Mapping[Any, int], targets: Targets) -> dict[Any, int]:
    counts = dict(zip(targets.keys, targets.counts, strict=True))
    unknown = [key for key in wanted if key not in counts]
    if unknown:
        raise ValueError(
            f"`sampling_strategy` names the class {unknown[0]!r}, which is not present in the data; "
            f"the classes are {targets.keys}"
        )
    for key, count in wanted.items():
        if type(count) is bool or not hasattr(count, "__index__"):
            raise TypeError(f"`sampling_strategy` gives class {key!r} the count {count!r}; it must be an int")
        if count < 0:
            raise ValueError(f"`sampling_strategy` gives class {key!r} {count}; a count cannot be negative")
        if count < counts[key]:
            raise ValueError(
                f"`sampling_strategy` asks for {count} rows of class {key!r}, which has {counts[key]}; "
                "an over-sampler only adds rows: ask for at least that many, or use an under-sampler"
            )
    return {key: int(wanted[key]) - counts[key] for key in targets.keys if key in wanted}


def _from_ratio(ratio: float, targets: Targets) -> dict[Any, int]:
    if not 0 < ratio <= 1:
        raise ValueError(f"`sampling_strategy` as a float must be in (0, 1], got {ratio}")
    if len(targets.counts) != 2:
        raise ValueError(
            '"sampling_strategy" can be a float only when the type of target is binary, '
            f"but `y` has {len(targets.counts)} classes; use a dict of final counts"
        )
    majority = targets.counts.index(max(targets.counts))
    minority = 1 - majority
    n_new = math.floor(ratio * targets.counts[majority] + 1e-9) - targets.counts[minority]
    if n_new <= 0:
        now = targets.counts[minority] / targets.counts[majority]
        raise ValueError(
            f"`sampling_strategy`={ratio} adds no row: class {targets.keys[minority]!r} has "
            f"{targets.counts[minority]} already, and would have {targets.counts[minority] + n_new}; "
            f"give a ratio above {now:.4g}"
        )
    return {targets.keys[minority]: n_new}
