"""Labels and scores of the same rows, as users have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...table_columns import values_of
from ...targets import distinct

__all__ = ["read_rows"]


def read_rows(y_true: Any, p: Any) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Which rows are positive, and their scores.

    The positive class is 1 of 0 and 1 or of -1 and 1, and True of bools; of any other two labels the rarer
    one, and of two equally frequent ones the second in sorted order.

    Args:
        y_true: Labels of two classes, shape (n,): a tensor, array, series or list.
        p: Scores of the positive class, shape (n,), likewise.

    Returns:
        Bools, shape (n,), and floats, shape (n,).

    Raises:
        TypeError: If ``p`` holds no numbers.
        ValueError: If there are not two classes, lengths differ, ``p`` has another shape, or is not finite.

    >>> read_rows(["no", "no", "fraud"], [0.1, 0.2, 0.6])[0]
    array([False, False,  True])
    """
    _, classes, codes = distinct(y_true, "y_true")
    if len(classes) != 2:
        raise ValueError(
            f"`y_true` must have rows of two classes, but has {len(classes)}: {classes.tolist()}"
        )
    scores = values_of(p) if hasattr(p, "shape") else np.asarray(p)
    if scores.dtype.kind not in "fiu":
        raise TypeError(f"`p` must hold the probability of the positive class, got dtype {scores.dtype}")
    if scores.shape != codes.shape:
        remedy = "; of predict_proba's columns give the positive one, p[:, 1]" if scores.ndim == 2 else ""
        raise ValueError(f"`p` must have shape ({len(codes)},) like `y_true`, got {scores.shape}{remedy}")
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores))[0])
        raise ValueError(f"`p` must be finite, but row {row} has {scores[row]}")
    return codes == _positive(classes, codes), scores if scores.dtype.kind == "f" else scores.astype(float)


def _positive(classes: NDArray[Any], codes: NDArray[np.int64]) -> int:
    if classes.dtype.kind in "biuf" and classes[1] == 1 and classes[0] in (0, -1):
        return 1
    first, second = np.bincount(codes, minlength=2)
    return int(second <= first)
