"""Estimators that a fit uses, cloned and seeded."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

__all__ = ["freshly_seeded", "seeded"]


def seeded(estimator: Any, random_state: Any) -> Any:
    """A clone of the estimator; where it has no seed of its own, it gets an int ``random_state``.

    Without one it would draw from numpy's global state, and the same seed would not give the same rows.

    >>> from sklearn.svm import SVC
    >>> seeded(SVC(C=2.0), 3)
    SVC(C=2.0, random_state=3)
    """
    own = clone(estimator)
    if isinstance(random_state, Integral):
        own.set_params(**{name: random_state for name, given in _seeds(own) if given is None})
    return own


def freshly_seeded(estimator: Any, rng: np.random.RandomState, *, given_too: bool = False) -> Any:
    """A clone of the estimator; it, and each of its steps, gets a seed of its own.

    Args:
        estimator: Any of scikit-learn's.
        rng: Where the seeds are drawn from, in the order of the parameters' names.
        given_too: Whether a seed that one already has is replaced.
    """
    own = clone(estimator)
    names = [name for name, given in _seeds(own) if given is None or given_too]
    return own.set_params(**{name: rng.randint(2**31 - 1) for name in names})


def _seeds(estimator: Any) -> list[tuple[str, Any]]:
    """The parameters that seed an estimator and its steps, by name, and what they hold."""
    params = sorted(estimator.get_params().items())
    return [(name, given) for name, given in params if name.rpartition("__")[2] == "random_state"]
