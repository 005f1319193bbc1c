"""From `methods=` to estimators: names, resampler objects, and the ensembles of imbalanced-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from ...extras import import_extra
from ...method_names import RESAMPLERS, make_resampler, resampler_class
from ...other_targets.base import OtherTargetSampler
from ...over_sampling import SMOTE
from ...targets import Targets
from ..features import Features
from .columns import for_columns
from .seeds import check_random_states

__all__ = ["ENSEMBLES", "Method", "check_strategy", "over_sampler_of", "read_method"]

ENSEMBLES: dict[str, str] = {
    "EasyEnsemble": "EasyEnsembleClassifier",
    "BalancedRandomForest": "BalancedRandomForestClassifier",
}

_WITH_CHECKS = tuple(RESAMPLERS.values())


@dataclass(frozen=True, eq=False)
class Method:
    """A way to treat the imbalance.

    Attributes:
        estimator: A resampler, or a classifier that brings its own.
        name: As tables show it; "" until it is told apart from the others.
        is_ensemble: Whether it is such a classifier.
    """

    estimator: Any
    name: str = ""
    is_ensemble: bool = False


def read_method(method: Any, features: Features) -> Method:
    """A method as the user gave it, checked.

    Args:
        method: A name, a resampler, "EasyEnsemble" or "BalancedRandomForest".
        features: The table.

    Raises:
        TypeError: If it is neither a name nor an object with ``fit_resample`` for classes.
        ValueError: If there is no such name, it would interpolate categories, or it is a pipeline that
            transforms.
        ImportError: If an ensemble is asked for and imbalanced-learn is missing.
    """
    if isinstance(method, str):
        return _by_name(method, features)
    return Method(for_columns(_checked(method), features))


def _checked(method: Any) -> Any:
    """A copy of a resampler that the user made."""
    if isinstance(method, type):
        raise TypeError(f"`methods` must hold objects, got the class {method.__name__}; add ()")
    kind = type(method).__name__
    if not hasattr(method, "fit_resample"):
        hint = "; a classifier goes into `model`" if hasattr(method, "predict") else ""
        raise TypeError(f"`methods`: {kind} has no fit_resample, so it is no resampler{hint}")
    if not hasattr(method, "get_params"):
        raise TypeError(f"`methods`: {kind} must be a scikit-learn estimator (with get_params)")
    if isinstance(method, OtherTargetSampler):
        raise TypeError(f"`methods`: {kind} is for other targets than one class a row")
    if transformers := [name for name, step in getattr(method, "steps", ()) if hasattr(step, "transform")]:
        raise ValueError(
            f"`methods`: step {transformers[0]!r} of the pipeline changes columns, but test rows pass "
            "only through the model; put it into a pipeline that you give as `model`"
        )
    check_random_states(method, "methods")
    return clone(method)


def _by_name(name: str, features: Features) -> Method:
    for ensemble, kind in ENSEMBLES.items():
        if _letters(name) in (ensemble.lower(), kind.lower()):
            return Method(_imbalanced_learn(ensemble, kind), ensemble, is_ensemble=True)
    try:
        resampler_class(name)
    except ValueError as error:
        raise ValueError(f"`methods`: {error}; and {', '.join(ENSEMBLES)}") from error
    try:
        own = make_resampler(name, categorical=features.categorical, n_features=len(features.names))
    except ValueError as error:
        raise ValueError(f"`methods`: {error}") from error
    return Method(own)


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _imbalanced_learn(ensemble: str, kind: str) -> Any:
    try:
        return getattr(import_extra("imblearn.ensemble"), kind)()
    except ImportError as error:
        raise ImportError(
            f"`methods`: {ensemble} is imbalanced-learn's, which is not installed; "
            "run: pip install imbalanced-learn",
            name="imblearn",
        ) from error


def over_sampler_of(estimator: Any) -> Any:
    """What adds rows in a combination; None elsewhere, and where imbalanced-learn's was given none to set.

    Its arguments are those that count: the combination's own ``sampling_strategy`` has no effect beside it.
    """
    takes = estimator.get_params(deep=False)
    if takes.get("smote") is not None:
        return takes["smote"] if hasattr(takes["smote"], "get_params") else None
    return SMOTE() if "smote" in takes and isinstance(estimator, _WITH_CHECKS) else None


def check_strategy(method: Method, features: Features, targets: Targets) -> None:
    """Refuse arguments that cannot work, as far as the counts of the whole table tell.

    Counts given by class are left to the folds: a training part has fewer rows than the table.

    Args:
        method: Named.
        features: The whole table, of which only the shape is looked at.
        targets: As many labels of each class.

    Raises:
        ValueError: If the arguments of one of our resamplers are out of range, a ratio is below what the
            table has, or counts are given for a class that it does not have.
    """
    own = method.estimator
    inner = over_sampler_of(own)
    if inner is not None:
        check_strategy(replace(method, estimator=inner), features, targets)
    strategy = own.get_params(deep=False).get("sampling_strategy")
    by_class = isinstance(strategy, Mapping) or callable(strategy)
    if isinstance(strategy, Mapping) and (unknown := [key for key in strategy if key not in targets.keys]):
        raise ValueError(
            f"`methods`: {method.name}: `sampling_strategy` names the class {unknown[0]!r}, but `y` has the "
            f"classes {targets.keys}"
        )
    try:
        if isinstance(own, _WITH_CHECKS):
            own.check_parameters()
            if not by_class:
                clone(own).check(np.broadcast_to(0.0, (len(features), len(features.names))), targets)
        elif strategy is not None and not by_class and (kind := getattr(own, "_sampling_type", None)):
            import_extra("imblearn.utils").check_sampling_strategy(strategy, targets.labels, kind)
    except ValueError as error:
        raise ValueError(f"`methods`: {method.name}: {error}") from error
