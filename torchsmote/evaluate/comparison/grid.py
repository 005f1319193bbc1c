"""`grid=`: each method once for every combination of those arguments that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from sklearn.base import clone

from ...over_sampling import SMOTE
from ...under_sampling.base import CleaningSampler
from .methods import Method, over_sampler_of

__all__ = ["Variation", "check_grid", "multiply"]

_KEYS = ("k_neighbors", "sampling_strategy")
_ALIAS = "n_neighbors"
_INNER = "smote__"


@dataclass(frozen=True, eq=False)
class Variation:
    """A method at one point of the grid.

    Attributes:
        method: With the arguments set.
        arguments: Those of the grid that it has, by its own names.
        inner: Whether they were set on the over-sampler inside.
    """

    method: Method
    arguments: Mapping[str, Any]
    inner: bool = False


def check_grid(grid: Any) -> dict[str, list[Any]]:
    """The grid as lists by argument; empty for None.

    Raises:
        TypeError: If it is no mapping to lists.
        ValueError: If an argument is unknown or a list is empty.
    """
    if grid is None:
        return {}
    if not isinstance(grid, Mapping):
        raise TypeError(f"`grid` must be a dict of argument to list of values, got {type(grid).__name__}")
    found: dict[str, list[Any]] = {}
    for key, values in grid.items():
        name = "k_neighbors" if key == _ALIAS else key
        if name not in _KEYS:
            raise ValueError(f"`grid` has no argument {key!r}; it takes {' and '.join(_KEYS)}")
        if name in found:
            raise ValueError(f"`grid` names {name} twice, once as {_ALIAS}; leave one out")
        if isinstance(values, (str, Mapping)) or not isinstance(values, (Sequence, np.ndarray)):
            raise TypeError(f"`grid`: {key} must be a list of values, such as [{values!r}]")
        found[name] = np.asarray(values).tolist() if isinstance(values, np.ndarray) else list(values)
        if not found[name]:
            raise ValueError(f"`grid`: {key} is an empty list; give values, or leave it out")
    return found


def multiply(methods: Sequence[Method], grid: Mapping[str, list[Any]]) -> list[Variation]:
    """All methods at all points of the grid, in order; those that differ in nothing once.

    Raises:
        ValueError: If no method has an argument of the grid.
    """
    lacking = [name for name in grid if not any(_own_name(method, name) for method in methods)]
    if lacking:
        raise ValueError(f"`grid` gives {lacking[0]}, which none of the `methods` has; leave it out")
    return [variation for method in methods for variation in _points(method, grid)]


def _points(method: Method, grid: Mapping[str, list[Any]]) -> Iterator[Variation]:
    axes = {own: grid[name] for name in grid if (own := _own_name(method, name))}
    seen: list[tuple[Any, ...]] = []
    for values in product(*axes.values()):
        if values not in seen:
            seen.append(values)
            estimator = clone(method.estimator)
            for path, value in zip(axes, values, strict=True):
                _set(estimator, path, value)
            shown = {path.split("__")[-1]: value for path, value in zip(axes, values, strict=True)}
            inner = any(path.startswith(_INNER) for path in axes)
            yield Variation(replace(method, estimator=estimator), shown, inner)


def _own_name(method: Method, argument: str) -> str:
    """How the method's estimator calls an argument of the grid; "" where it has none of that meaning."""
    own = method.estimator
    inner = over_sampler_of(own)
    takes = (own if inner is None else inner).get_params(deep=False)
    prefix = "" if inner is None else _INNER
    if argument == "sampling_strategy":
        # That of a cleaning method says which classes lose rows, not how many are left.
        cleans = isinstance(own, CleaningSampler) or getattr(own, "_sampling_type", "") == "clean-sampling"
        return prefix + argument if argument in takes and not cleans else ""
    if method.is_ensemble:
        return ""
    return next((prefix + name for name in (argument, _ALIAS) if name in takes), "")


def _set(estimator: Any, path: str, value: Any) -> None:
    takes = estimator.get_params(deep=False)
    if path.startswith(_INNER) and takes["smote"] is None:
        inner = SMOTE(sampling_strategy=takes["sampling_strategy"])
        estimator.set_params(smote=inner, sampling_strategy="auto")
    estimator.set_params(**{path: value})
