"""Which over-samplers work on tables that are not in memory, and what the others are told."""

from __future__ import annotations

from typing import Any

from ..over_sampling import ADASYN, SMOTE, BorderlineSMOTE, RandomOverSampler

__all__ = ["check_method", "not_in_memory", "searches"]

_METHODS = (SMOTE, BorderlineSMOTE, ADASYN, RandomOverSampler)


def check_method(resampler: Any, X: Any, kind: str | None = None) -> None:
    """Raise unless a resampler works on a table that is not in memory.

    Args:
        resampler: It is not changed.
        X: The table.
        kind: What it is called; None: a table of its type.

    Raises:
        TypeError: If it is another method.
        ValueError: If it has a ``constraint``, a ``shrinkage``, a ``device``, or an estimator for neighbours.
    """
    name, kind = type(resampler).__name__, kind or f"a table of type {type(X).__name__}"
    if isinstance(resampler, type):
        raise TypeError(f"an object is needed, such as SMOTE(), got the class {resampler.__name__}")
    if type(resampler) not in _METHODS:
        raise not_in_memory(name, kind)
    resampler.check_parameters()
    for argument in ("constraint", "shrinkage"):
        if getattr(resampler, argument, None) is not None:
            raise ValueError(
                f"{name}: `{argument}` needs the rows in memory, got {kind}; leave it out, or load the table"
            )
    if resampler.device is not None and str(resampler.device).partition(":")[0] != "cpu":
        raise ValueError(
            f"{name}: `device`={str(resampler.device)!r} is not where {kind} is searched; leave it out"
        )
    for argument in ("k_neighbors", "m_neighbors", "n_neighbors"):
        if hasattr(getattr(resampler, argument, None), "kneighbors"):
            raise ValueError(
                f"{name}: `{argument}` is an estimator and needs the rows in memory, got {kind}; give an int"
            )


def not_in_memory(name: str, kind: str) -> TypeError:
    """The error for a method that needs the rows of a table of some kind."""
    return TypeError(
        f"{name} needs `X` in memory, got {kind}; load it first, or use SMOTE, BorderlineSMOTE, ADASYN or "
        "RandomOverSampler"
    )


def searches(resampler: Any) -> bool:
    """Whether a resampler looks for neighbours, so that rows have to be finite numbers."""
    return not isinstance(resampler, RandomOverSampler)
