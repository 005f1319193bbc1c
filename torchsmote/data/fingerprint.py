"""What a saved position depends on besides the order of rows, in texts that are alike in every process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from ..short_text import short_text
from ..whole_files import digest

__all__ = ["fingerprint"]

# They say where and how fast, not which rows: `random_state` is not used by a dataset.
_NOT_THE_ROWS = ("random_state", "device", "backend", "n_jobs")


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
    made_by = short_text(resampler, _NOT_THE_ROWS)
    return {"labels": digest([values])[:16], "resampler": made_by, "n_new": short_text(n_new)}
