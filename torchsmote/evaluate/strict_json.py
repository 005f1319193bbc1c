"""Values as strict JSON takes them: JSON has no NaN and no infinity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["strict"]


def strict(value: Any) -> Any:
    """Replace what is not finite by None, tuples by lists, keys by texts, and numpy's values by Python's.

    >>> strict({1: (float("nan"), np.float64(0.5))})
    {'1': [None, 0.5]}
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): strict(own) for key, own in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [strict(own) for own in value]
    return value
