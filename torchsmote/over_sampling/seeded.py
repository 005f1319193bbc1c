"""Estimators that a fit uses, cloned and seeded."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from sklearn.base import clone

__all__ = ["seeded"]


def seeded(estimator: Any, random_state: Any) -> Any:
    """A clone of the estimator; where it has no seed of its own, it gets an int ``random_state``.

    Without one it would draw from numpy's global state, and the same seed would not give the same rows.

    >>> from sklearn.svm import SVC
    >>> seeded(SVC(C=2.0), 3)
    SVC(C=2.0, random_state=3)
    """
    own = clone(estimator)
    if isinstance(random_state, Integral):
        params = own.get_params()
        unseeded = (name for name in params if name.rpartition("__")[2] == "random_state")
        own.set_params(**{name: random_state for name in unseeded if params[name] is None})
    return own
