"""The iterative-partitioning filter: rows that classifiers trained on parts of the table find mislabeled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..devices import on_host
from ..over_sampling.seeded import freshly_seeded
from ..tables import take_rows

__all__ = ["centered", "host_rows", "partition_filter"]


def partition_filter(
    X: Any,
    codes: NDArray[np.int64],
    estimator: Any,
    rng: np.random.RandomState,
    *,
    n_partitions: int,
    n_rounds: int,
    min_removed: float,
    consensus: bool,
    owner: str,
) -> NDArray[np.int64]:
    """Rows that stay: those which the classifiers of the parts do not outvote, round after round.

    Each round predicts all rows, those that are gone too: this costs less than copying the rest.

    Args:
        X: A table for scikit-learn, n rows.
        codes: Class of each row, int64, shape (n,).
        estimator: The classifier; cloned for each part.
        rng: Where parts, and seeds of the classifiers, are drawn from.
        n_partitions: Parts of equal size.
        n_rounds: Stop after so many rounds in a row that remove less than ``min_removed``.
        min_removed: Share of the n rows, above 0.
        consensus: Whether all classifiers must be against a row's label; else more than half of them.
        owner: Name of the resampler, for messages.

    Returns:
        Row numbers, ascending, int64.

    Raises:
        ValueError: If fewer rows than parts are left, or the classifier cannot use the table.

    >>> codes = np.repeat([0, 1], 20)
    >>> X = (100 * codes + np.arange(40.0)).reshape(40, 1)
    >>> codes[5] = 1
    >>> from sklearn.neighbors import NearestCentroid
    >>> stay = partition_filter(X, codes, NearestCentroid(), np.random.RandomState(0), n_partitions=3,
    ...                         n_rounds=3, min_removed=0.01, consensus=False, owner="SMOTEIPF")
    >>> sorted({*range(40)} - {*stay.tolist()})
    [5]
    """
    kept, quiet = np.arange(len(codes)), 0
    needed = n_partitions if consensus else n_partitions // 2 + 1
    while quiet < n_rounds:
        if len(kept) < n_partitions:
            raise ValueError(
                f"{owner}: {len(kept)} rows cannot be split into n_partitions={n_partitions}; "
                "lower n_partitions, or give an estimator that finds fewer rows mislabeled"
            )
        against = np.zeros(len(codes), dtype=np.int64)
        for part in np.array_split(rng.permutation(kept), n_partitions):
            against += _predicted(X, codes, part, estimator, rng, owner) != codes
        noisy = against[kept] >= needed
        quiet = quiet + 1 if np.count_nonzero(noisy) < min_removed * len(codes) else 0
        kept = kept[~noisy]
    return kept


def host_rows(X: Any) -> Any:
    """A table of any container as scikit-learn takes it: tensors and lists as arrays of two axes."""
    if isinstance(X, Tensor):
        rows = X.detach().flatten(1)
        return on_host(rows) if rows.is_floating_point() else rows.cpu().numpy()
    if hasattr(X, "iloc"):
        return X
    if hasattr(X, "tocsr"):
        return X.tocsr()
    return np.asarray(X).reshape(len(X), -1)


def centered(rows: Any) -> Any:
    """Numbers less their column means, which changes no split of a tree; anything else as it is.

    scikit-learn's trees round to float32, where far-off numbers, such as seconds since 1970, fall together.
    """
    if hasattr(rows, "iloc"):
        if any(getattr(dtype, "kind", "O") not in "iuf" for dtype in rows.dtypes):
            return rows
        rows = rows.to_numpy(dtype=np.float64)
    if not isinstance(rows, np.ndarray) or rows.dtype.kind not in "iuf":
        return rows
    wide = rows.astype(np.float64)
    return wide - wide.mean(0)


def _predicted(
    X: Any,
    codes: NDArray[np.int64],
    part: NDArray[np.int64],
    estimator: Any,
    rng: np.random.RandomState,
    owner: str,
) -> Any:
    """The class of every row, as a classifier trained on one part sees it."""
    labels, classifier = codes[part], freshly_seeded(estimator, rng)
    if (labels == labels[0]).all():  # nothing to learn, and many classifiers refuse it
        return labels[0]
    try:
        return classifier.fit(take_rows(X, part), labels).predict(X)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{owner}: {type(estimator).__name__} cannot use this table; give `estimator` a classifier that "
            f"can, such as a pipeline that encodes its columns first. It says: {error}"
        ) from error
