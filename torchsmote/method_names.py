"""The resamplers by name, as the command line and comparisons take them, and objects of them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from inspect import signature
from typing import Any

from . import combine, over_sampling, under_sampling
from .resampler import Resampler

__all__ = ["RESAMPLERS", "SHORT_NAMES", "make_resampler", "resampler_class"]

RESAMPLERS: dict[str, type[Resampler]] = {
    name: getattr(room, name)
    for room in (over_sampling, under_sampling, combine)
    for name in room.__all__
    if isinstance(getattr(room, name), type) and issubclass(getattr(room, name), Resampler)
}

# Only what the rule of `_plain` does not give: "smote-tomek", "SMOTETomek" and "adasyn" need no line here.
_OTHER_NAMES = {
    "random-over": "RandomOverSampler",
    "random-under": "RandomUnderSampler",
    "borderline": "BorderlineSMOTE",
    "svm": "SVMSMOTE",
    "kmeans": "KMeansSMOTE",
    "geometric": "GeometricSMOTE",
    "gaussian": "GaussianSMOTE",
    "safe-level": "SafeLevelSMOTE",
    "polynom-fit": "PolynomFitSMOTE",
    "lee": "LeeSMOTE",
    "tomek": "TomekLinks",
    "enn": "EditedNearestNeighbours",
    "renn": "RepeatedEditedNearestNeighbours",
    "cnn": "CondensedNearestNeighbour",
    "oss": "OneSidedSelection",
    "ncr": "NeighbourhoodCleaningRule",
    "iht": "InstanceHardnessThreshold",
}
_NEIGHBORS = ("k_neighbors", "n_neighbors")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


_CLASS_OF = {_plain(name): name for name in RESAMPLERS} | {
    _plain(name): own for name, own in _OTHER_NAMES.items()
}

SHORT_NAMES: tuple[str, ...] = (
    *_OTHER_NAMES,
    *sorted(name.lower() for name in RESAMPLERS if name not in _OTHER_NAMES.values()),
)


def resampler_class(name: str) -> type[Resampler]:
    """The resampler of a name: the class's own, or a short one; case, hyphens and underscores do not count.

    Args:
        name: Such as "SMOTE", "borderline", "random-over" or "smote_tomek".

    Raises:
        ValueError: If there is none; it lists the names.

    >>> resampler_class("smote-tomek").__name__, resampler_class("borderline").__name__
    ('SMOTETomek', 'BorderlineSMOTE')
    """
    plain = _plain(name)
    if plain not in _CLASS_OF:
        near = get_close_matches(plain, _CLASS_OF, n=1)
        hint = f"; did you mean {_CLASS_OF[near[0]]}?" if near else "."
        raise ValueError(f"no method is called {name!r}{hint} Known are: {', '.join(SHORT_NAMES)}")
    return RESAMPLERS[_CLASS_OF[plain]]


def make_resampler(
    name: str,
    *,
    k: int | None = None,
    sampling_strategy: Any = None,
    seed: int | None = None,
    categorical: Sequence[int] = (),
    n_features: int | None = None,
) -> Resampler:
    """A resampler by name, with those settings that are common to most.

    SMOTE of a table with categorical columns is SMOTENC, and SMOTEN where all columns are; random sampling
    takes any column.

    Args:
        name: See `resampler_class`.
        k: Neighbours; None: the method's own default.
        sampling_strategy: None: the method's own default.
        seed: For methods that draw; None: not reproducible.
        categorical: Positions of the columns that hold categories.
        n_features: Columns of the table; needed to tell SMOTENC from SMOTEN.

    Raises:
        ValueError: If the name is unknown, the method has no `k` or no `sampling_strategy` to set, or it
            would interpolate categories.

    >>> make_resampler("smote", k=3, seed=0, categorical=[1], n_features=2)
    SMOTENC(categorical_features=[1], k_neighbors=3, random_state=0)
    """
    kind = _for_columns(resampler_class(name), categorical, n_features)
    takes = signature(kind).parameters
    arguments: dict[str, Any] = {}
    if "categorical_features" in takes:
        arguments["categorical_features"] = list(categorical)
    if k is not None:
        arguments |= _neighbors(kind, k, seed, sampling_strategy)
    if sampling_strategy is not None and "smote" not in arguments:
        arguments["sampling_strategy"] = sampling_strategy
    if seed is not None and "random_state" in takes:
        arguments["random_state"] = seed
    resampler = kind(**arguments)
    resampler.check_parameters()
    return resampler


def _for_columns(
    kind: type[Resampler], categorical: Sequence[int], n_features: int | None
) -> type[Resampler]:
    """The class that does for these columns what ``kind`` does for numbers."""
    if kind.__name__ == "SMOTENC" and not categorical:
        raise ValueError("SMOTENC needs to know the columns that hold categories; without any, use SMOTE")
    if not categorical or kind.__name__ in ("RandomOverSampler", "RandomUnderSampler", "SMOTEN"):
        return kind
    if kind.__name__ in ("SMOTE", "SMOTENC"):
        return RESAMPLERS["SMOTEN" if n_features == len(categorical) else "SMOTENC"]
    raise ValueError(
        f"{kind.__name__} mixes or measures numbers and cannot take categorical columns; use SMOTE (it "
        "becomes SMOTENC), random sampling, or one-hot encode them"
    )


def _neighbors(kind: type[Resampler], k: int, seed: int | None, sampling_strategy: Any) -> dict[str, Any]:
    """The argument that sets the number of neighbours; a combination has it on its over-sampler.

    That has the strategy then, too: the combination's own would count for nothing beside it.
    """
    takes = signature(kind).parameters
    for argument in _NEIGHBORS:
        if argument in takes:
            return {argument: k}
    if "smote" in takes:
        own = {} if sampling_strategy is None else {"sampling_strategy": sampling_strategy}
        return {"smote": over_sampling.SMOTE(k_neighbors=k, random_state=seed, **own)}
    raise ValueError(f"{kind.__name__} has no number of neighbours to set; leave `k` out")
