"""Resamplers given as objects meet a table with categorical columns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...exceptions import DataWarning
from ...method_names import RESAMPLERS
from ..features import Features

__all__ = ["for_columns"]

_ANY_COLUMN = ("RandomOverSampler", "RandomUnderSampler", "SMOTEN")


def for_columns(resampler: Any, features: Features) -> Any:
    """Tell a resampler which columns of the scaled table are categories, or refuse it.

    Args:
        resampler: A copy, which may be changed.
        features: The table; a resampler sees its columns in their order, categories as codes.

    Raises:
        ValueError: If it would interpolate categories.
    """
    kind = type(resampler).__name__
    if "categorical_features" in resampler.get_params(deep=False):
        return resampler.set_params(categorical_features=_positions(resampler, features))
    if not features.categorical or kind in _ANY_COLUMN:
        return resampler
    if kind in RESAMPLERS:
        raise ValueError(
            f"`methods`: {kind} mixes or measures numbers, but columns {list(features.code_names)} hold "
            "categories; give SMOTENC, the name 'SMOTE' (it becomes SMOTENC), random sampling, or one-hot "
            "encode them"
        )
    warnings.warn(
        f"{kind} sees the categories of columns {list(features.code_names)} as the numbers of their codes",
        DataWarning,
        stacklevel=6,
    )
    return resampler


def _positions(resampler: Any, features: Features) -> list[int]:
    given = resampler.get_params(deep=False)["categorical_features"]
    name = type(resampler).__name__
    if isinstance(given, str) and given == "auto":
        found = list(features.categorical)
    else:
        found = _named(name, given, features)
    if not found:
        raise ValueError(f"`methods`: {name} is for tables with categorical columns, and this one has none")
    if missing := sorted(set(features.categorical) - set(found)):
        names = [features.names[place] for place in missing]
        raise ValueError(
            f"`methods`: {name} would interpolate the categories of columns {names}; add them to its "
            'categorical_features, or give "auto"'
        )
    return found


def _named(name: str, given: Any, features: Features) -> list[int]:
    """Positions from positions, names, or a boolean mask."""
    values: Sequence[Any] = np.atleast_1d(np.asarray(given)).tolist()
    if values and all(isinstance(value, bool) for value in values):
        return np.flatnonzero(values).tolist()
    unknown = [value for value in values if isinstance(value, str) and value not in features.names]
    if unknown:
        raise ValueError(
            f"`methods`: {name} names the column {unknown[0]!r}; there are {list(features.names)}"
        )
    return [features.names.index(value) if isinstance(value, str) else int(value) for value in values]
