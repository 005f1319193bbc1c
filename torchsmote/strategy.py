"""`sampling_strategy`: its words, ratios and counts to the rows that each class is to get, keep, or lose."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from .targets import Targets

__all__ = ["CleaningStrategy", "SamplingStrategy", "classes_to_clean", "rows_to_keep", "rows_to_make"]

SamplingStrategy = str | float | Mapping[Any, int] | Callable[[NDArray[Any]], Mapping[Any, int]]
CleaningStrategy = str | list[Any] | Callable[[NDArray[Any]], Iterable[Any]]


def rows_to_make(strategy: SamplingStrategy, targets: Targets) -> dict[Any, int]:
    """How many synthetic rows each targeted class is to get; imbalanced-learn's meaning of every form.

    Args:
        strategy: "minority", "not minority", "not majority" or "auto" (the same), "all"; a float in (0, 1]
            (binary only): minority over majority after resampling; a mapping of class to final count; or a
            function of the labels that returns such a mapping.
        targets: The encoded labels.

    Returns:
        Class -> number of rows, for the targeted classes in sorted order. A float ratio makes
        ``floor(ratio * n_majority + 1e-9) - n_minority`` rows, so that 100 * 0.29 is 29.

    Raises:
        ValueError: If a class is unknown, a count is below what the class has, or the ratio is too small.
        TypeError: If a count is not a whole number.
    """
    if isinstance(strategy, str):
        most = max(targets.counts)
        named = _named("not majority" if strategy == "auto" else strategy, targets)
        return {targets.keys[position]: most - targets.counts[position] for position in named}
    if callable(strategy) or isinstance(strategy, Mapping):
        return _counts_to_make(_wanted(strategy, targets), targets)
    return _ratio_to_make(float(strategy), targets)


def rows_to_keep(strategy: SamplingStrategy, targets: Targets) -> dict[Any, int]:
    """How many rows each targeted class is to keep; imbalanced-learn's meaning of every form.

    Args:
        strategy: "majority", "not minority" or "auto" (the same), "not majority", "all": these keep as many
            rows as the smallest class has; a float in (0, 1] (binary only): minority over majority after
            resampling; a mapping of class to final count; or a function of the labels that returns such a
            mapping.
        targets: The encoded labels.

    Returns:
        Class -> number of rows, for the targeted classes in sorted order. A float ratio keeps
        ``floor(n_minority / ratio + 1e-9)`` rows of the majority.

    Raises:
        ValueError: If a class is unknown, a count is above what the class has, or the ratio is too small.
        TypeError: If a count is not a whole number.
    """
    if isinstance(strategy, str):
        return _as_many_as_the_smallest(strategy, targets)
    if callable(strategy) or isinstance(strategy, Mapping):
        return _counts_to_keep(_wanted(strategy, targets), targets)
    return _ratio_to_keep(float(strategy), targets)


def classes_to_clean(strategy: CleaningStrategy, targets: Targets) -> dict[Any, int]:
    """Which classes a cleaning method may take rows from.

    Args:
        strategy: "majority", "not minority" or "auto" (the same), "not majority", "all"; a list of classes;
            or a function of the labels that returns the classes.
        targets: The encoded labels.

    Returns:
        Class -> rows of the smallest class, as imbalanced-learn has it, in sorted order of classes; how many
        rows go is the data's doing.

    Raises:
        ValueError: If a class is unknown, or counts are asked for.
    """
    if isinstance(strategy, str):
        return _as_many_as_the_smallest(strategy, targets)
    asked = strategy(targets.labels) if callable(strategy) else strategy
    if isinstance(asked, Mapping):
        raise ValueError(
            "`sampling_strategy` as a dict asks for counts, but how many rows a cleaning method removes is "
            f"the data's doing; give the classes to clean as a list: {list(asked)}"
        )
    wanted = list(asked)
    _check_known(wanted, targets)
    return {key: min(targets.counts) for key in targets.keys if key in wanted}


def _named(name: str, targets: Targets) -> list[int]:
    """Positions of the classes that a word means, ascending; of several largest or smallest, the first.

    Args:
        name: "all", "majority", "minority", "not majority" or "not minority".
        targets: The encoded labels.
    """
    every = set(range(len(targets.counts)))
    majority = {targets.counts.index(max(targets.counts))}
    minority = {targets.counts.index(min(targets.counts))}
    named = {
        "all": every,
        "majority": majority,
        "minority": minority,
        "not majority": every - majority,
        "not minority": every - minority,
    }
    return sorted(named[name])


def _check_known(labels: Iterable[Any], targets: Targets) -> None:
    keys = targets.keys
    unknown = [label for label in labels if label not in keys]
    if unknown:
        raise ValueError(
            f"`sampling_strategy` names the class {unknown[0]!r}, which is not present in the data; "
            f"the classes are {keys}"
        )


def _wanted(
    strategy: Mapping[Any, int] | Callable[[NDArray[Any]], Mapping[Any, int]], targets: Targets
) -> dict[Any, int]:
    """Final counts by class, given as a mapping or by a function of the labels, in sorted order of classes.

    Raises:
        ValueError: If a class is unknown or a count negative.
        TypeError: If a count is not a whole number, or the function returns no mapping.
    """
    wanted = strategy(targets.labels) if callable(strategy) else strategy
    if not isinstance(wanted, Mapping):
        raise TypeError(
            "`sampling_strategy` returned "
            f"{type(wanted).__name__}; the function must return a mapping of class to final count"
        )
    _check_known(wanted, targets)
    for key, count in wanted.items():
        if type(count) is bool or not hasattr(count, "__index__"):
            raise TypeError(f"`sampling_strategy` gives class {key!r} the count {count!r}; it must be an int")
        if count < 0:
            raise ValueError(f"`sampling_strategy` gives class {key!r} {count}; a count cannot be negative")
    return {key: int(wanted[key]) for key in targets.keys if key in wanted}


def _counts_to_make(wanted: dict[Any, int], targets: Targets) -> dict[Any, int]:
    counts = dict(zip(targets.keys, targets.counts, strict=True))
    for key, count in wanted.items():
        if count < counts[key]:
            raise ValueError(
                f"`sampling_strategy` asks for {count} rows of class {key!r}, which has {counts[key]}; "
                "an over-sampler only adds rows: ask for at least that many, or use an under-sampler"
            )
    return {key: count - counts[key] for key, count in wanted.items()}


def _two_classes(ratio: float, targets: Targets) -> tuple[int, int]:
    """Positions of the two classes that a ratio is about.

    Raises:
        ValueError: If the ratio is outside (0, 1], or there are more classes.
    """
    if not 0 < ratio <= 1:
        raise ValueError(f"`sampling_strategy` as a float must be in (0, 1], got {ratio}")
    if len(targets.counts) != 2:
        raise ValueError(
            '"sampling_strategy" can be a float only when the type of target is binary, '
            f"but `y` has {len(targets.counts)} classes; use a dict of final counts"
        )
    majority = targets.counts.index(max(targets.counts))
    return majority, 1 - majority


def _ratio_to_make(ratio: float, targets: Targets) -> dict[Any, int]:
    majority, minority = _two_classes(ratio, targets)
    n_new = math.floor(ratio * targets.counts[majority] + 1e-9) - targets.counts[minority]
    if n_new <= 0:
        now = targets.counts[minority] / targets.counts[majority]
        raise ValueError(
            f"`sampling_strategy`={ratio} adds no row: class {targets.keys[minority]!r} has "
            f"{targets.counts[minority]} already, and would have {targets.counts[minority] + n_new}; "
            f"give a ratio above {now:.4g}"
        )
    return {targets.keys[minority]: n_new}


def _as_many_as_the_smallest(name: str, targets: Targets) -> dict[Any, int]:
    named = _named("not minority" if name == "auto" else name, targets)
    return {targets.keys[position]: min(targets.counts) for position in named}


def _counts_to_keep(wanted: dict[Any, int], targets: Targets) -> dict[Any, int]:
    counts = dict(zip(targets.keys, targets.counts, strict=True))
    for key, count in wanted.items():
        if count > counts[key]:
            raise ValueError(
                f"`sampling_strategy` asks for {count} rows of class {key!r}, which has {counts[key]}; "
                "an under-sampler only removes rows: ask for at most that many, or use an over-sampler"
            )
    return wanted


def _ratio_to_keep(ratio: float, targets: Targets) -> dict[Any, int]:
    majority, minority = _two_classes(ratio, targets)
    kept = math.floor(targets.counts[minority] / ratio + 1e-9)
    if kept > targets.counts[majority]:
        now = targets.counts[minority] / targets.counts[majority]
        raise ValueError(
            f"`sampling_strategy`={ratio} removes no row: class {targets.keys[majority]!r} has "
            f"{targets.counts[majority]}, and would have {kept}; give a ratio of at least {now:.4g}"
        )
    return {targets.keys[majority]: kept}
