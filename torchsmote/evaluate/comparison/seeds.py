"""Seeds for estimators that were given none."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from sklearn.base import clone

__all__ = ["check_random_states", "seeded_clone"]

_NAME = "random_state"
_LARGEST = 2**32  # what scikit-learn takes


def seeded_clone(estimator: Any, seed: int) -> Any:
    """A fresh copy whose ``random_state`` is ``seed`` wherever it is None, in nested estimators too."""
    copy = clone(estimator)
    unset = [key for key, value in _random_states(copy).items() if value is None]
    return copy.set_params(**dict.fromkeys(unset, seed % _LARGEST)) if unset else copy


def check_random_states(estimator: Any, argument: str) -> None:
    """Refuse a random state that moves on while it is used: folds would depend on the order they run in.

    Raises:
        TypeError: If one is neither None nor an int.
    """
    for key, value in _random_states(estimator).items():
        if value is not None and not isinstance(value, Integral):
            raise TypeError(
                f"`{argument}`: {type(estimator).__name__} has {key}={type(value).__name__}; give an int, or "
                "None to take the comparison's own seed"
            )


def _random_states(estimator: Any) -> dict[str, Any]:
    every = estimator.get_params(deep=True)
    return {key: value for key, value in every.items() if key.split("__")[-1] == _NAME}
