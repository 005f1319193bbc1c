"""scikit-learn's classifiers in a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import has_fit_parameter

from ...isolation import own_randomness
from ...short_text import short_text
from .models import Assignment
from .seeds import check_random_states, seeded_clone

__all__ = ["Classifier", "read_classifier"]


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier that gives probabilities.

    Attributes:
        estimator: Never fitted itself.
    """

    estimator: Any

    @property
    def text(self) -> str:
        """The arguments that are not at their defaults."""
        return short_text(self.estimator)

    @property
    def refuses_weights(self) -> str:
        """Why it cannot weigh classes; "" where it can."""
        _, last = _last_step(self.estimator)
        if "class_weight" in last.get_params(deep=False) or has_fit_parameter(last, "sample_weight"):
            return ""
        return f"{type(last).__name__} takes neither class_weight nor sample_weight"

    def check(self, n_features: int, n_classes: int) -> None:
        """Nothing can be known before it is fitted."""

    def probabilities(self, given: Assignment) -> NDArray[np.float64]:
        """Fit a clone and predict; see ``Model``."""
        own = seeded_clone(self.estimator, given.seed)
        arguments = _balance(own, given.y) if given.balanced else {}
        with own_randomness(given.seed, None):
            own.fit(given.rows, given.y, **arguments)
            found = own.predict_proba(given.test)
        every = np.zeros((len(given.test), given.n_classes))
        every[:, np.asarray(own.classes_, dtype=np.int64)] = found
        return every


def read_classifier(estimator: Any, classes: Sequence[Any]) -> Classifier:
    """A classifier as the user gave it, checked.

    Args:
        estimator: With ``fit`` and ``predict_proba``.
        classes: Labels in the order of their positions; a ``class_weight`` by label becomes one by position.

    Raises:
        TypeError: If it is a class, no estimator, or has no ``predict_proba``.
        ValueError: If it weighs a class that the table does not have.
    """
    name = type(estimator).__name__
    if isinstance(estimator, type):
        raise TypeError(f"`model` must be an object, got the class {estimator.__name__}; add ()")
    if not hasattr(estimator, "get_params"):
        raise TypeError(f"`model` must be a scikit-learn estimator (with get_params), got {name}")
    if not hasattr(estimator, "predict_proba"):
        way_out = (
            "; wrap it: CalibratedClassifierCV(...) from sklearn.calibration"
            if hasattr(estimator, "decision_function")
            else ""
        )
        raise TypeError(f"`model` must give probabilities, but {name} has no predict_proba{way_out}")
    check_random_states(estimator, "model")
    own = clone(estimator)
    by_place = {
        key: _by_place(value, classes)
        for key, value in own.get_params(deep=True).items()
        if key.split("__")[-1] == "class_weight" and isinstance(value, Mapping)
    }
    return Classifier(own.set_params(**by_place))


def _by_place(weights: Mapping[Any, Any], classes: Sequence[Any]) -> dict[int, Any]:
    places = {label: place for place, label in enumerate(classes)}
    if unknown := [label for label in weights if label not in places]:
        raise ValueError(
            f"`model`: class_weight names the class {unknown[0]!r}, but `y` has the classes {list(classes)}"
        )
    return {places[label]: weight for label, weight in weights.items()}


def _last_step(estimator: Any) -> tuple[str, Any]:
    """The classifier at the end of a pipeline, and the prefix of its parameters."""
    prefix = ""
    while hasattr(estimator, "steps"):
        name, estimator = estimator.steps[-1]
        prefix += f"{name}__"
    return prefix, estimator


def _balance(estimator: Any, y: NDArray[np.int64]) -> dict[str, Any]:
    """Let every class weigh the same: by a parameter, else by the arguments of ``fit`` that are returned."""
    prefix, last = _last_step(estimator)
    if "class_weight" in last.get_params(deep=False):
        estimator.set_params(**{f"{prefix}class_weight": "balanced"})
        return {}
    return {f"{prefix}sample_weight": compute_sample_weight("balanced", y)}
