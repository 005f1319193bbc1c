"""Rules for constructor arguments, as objects that check a value and describe themselves.

The rules are scikit-learn's. They live in a module that it calls private, so this is the one file of ours
that imports it; imbalanced-learn's own estimators and common checks build on the same objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import torch
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)

from .neighbors import available_backends

__all__ = [
    "CLEANING",
    "COUNT",
    "DEVICE_AND_BACKEND",
    "FEW_SAMPLES",
    "KEEPING",
    "NEIGHBORS",
    "N_JOBS",
    "RANDOM_STATE",
    "REDRAWS",
    "SAMPLING",
    "HasMethods",
    "Interval",
    "InvalidParameterError",
    "StrOptions",
    "validate_parameter_constraints",
    "what_is",
]

COUNT: list[Any] = [Interval(Integral, 1, None, closed="left")]

NEIGHBORS: list[Any] = [*COUNT, HasMethods(["kneighbors", "kneighbors_graph"])]

RANDOM_STATE: dict[str, list[Any]] = {"random_state": ["random_state", torch.Generator]}

SAMPLING: dict[str, list[Any]] = {
    "sampling_strategy": [
        Interval(Real, 0, 1, closed="right"),
        StrOptions({"auto", "minority", "not minority", "not majority", "all"}),
        Mapping,
        callable,
    ],
    **RANDOM_STATE,
}

_FEWER_OF = StrOptions({"auto", "majority", "not minority", "not majority", "all"})

KEEPING: dict[str, list[Any]] = {
    "sampling_strategy": [Interval(Real, 0, 1, closed="right"), _FEWER_OF, Mapping, callable],
}

CLEANING: dict[str, list[Any]] = {"sampling_strategy": [_FEWER_OF, list, Mapping, callable]}

N_JOBS: dict[str, list[Any]] = {"n_jobs": [Integral, None]}

DEVICE_AND_BACKEND: dict[str, list[Any]] = {
    "device": [str, torch.device, None],
    "backend": [StrOptions({"auto", *available_backends()})],
}

FEW_SAMPLES: dict[str, list[Any]] = {"few_samples": [StrOptions({"raise", "shrink", "duplicate"})]}

REDRAWS: dict[str, list[Any]] = {
    "constraint": [Callable, None],
    "max_redraws": [Interval(Integral, 0, 65_535, closed="both")],
}


def what_is(given: Any) -> str:
    """How a message names what was given: a class, or an object by its class.

    >>> what_is(int), what_is(3)
    ('the class int', 'a int')
    """
    return f"the class {given.__name__}" if isinstance(given, type) else f"a {type(given).__name__}"
