"""What every under-sampler shares: rows are chosen by number, and leave in the container that came in."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..exceptions import DataWarning, NothingSampledWarning
from ..parameters import CLEANING, DEVICE_AND_BACKEND, KEEPING
from ..resampler import Resampler
from ..strategy import classes_to_clean, rows_to_keep
from ..table_reading import read_table
from ..tables import take_rows
from ..targets import Targets

__all__ = ["CleaningSampler", "LabeledRows", "RowSelector", "UnderSampler", "by_class", "warn_of_outcome"]

Self = TypeVar("Self", bound="UnderSampler")


@dataclass(frozen=True, eq=False)
class LabeledRows:
    """A table and its classes, on the computing device.

    Attributes:
        rows: Floating, shape (n, d).
        codes: Class position of each row, int64, shape (n,).
        targets: The encoded labels, on the host.
    """

    rows: Tensor
    codes: Tensor
    targets: Targets

    def of_class(self, position: int) -> Tensor:
        """Rows of one class, ascending."""
        return (self.codes == position).nonzero()[:, 0]

    def in_classes(self, positions: list[int]) -> Tensor:
        """Which rows are of one of these classes, bool, shape (n,)."""
        named = torch.zeros(len(self.targets.counts), dtype=torch.bool, device=self.codes.device)
        named[positions] = True
        return named[self.codes]

    @property
    def minority(self) -> int:
        """Position of the smallest class; of several, the one that comes first in y."""
        least = min(self.targets.counts)
        smallest = [position for position, count in enumerate(self.targets.counts) if count == least]
        return min(smallest, key=lambda position: int(self.targets.rows_of(position)[0]))


class RowSelector(Resampler):
    """Base class of the resamplers whose output is some rows of the input.

    Attributes:
        sampling_strategy_: Class -> rows it is to keep.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row, int64 array.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**KEEPING, **DEVICE_AND_BACKEND}

    backend: str
    device: Any

    @abstractmethod
    def _select(self, X: Any, targets: Targets) -> NDArray[np.int64]:
        """Numbers of the rows that stay, in output order."""

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        return rows_to_keep(self.sampling_strategy, targets)

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Under-sample: some of the given rows, unchanged.

        Args:
            X: Numbers, shape (n, d) or (n, ...): a tensor on any device, array, data frame, list, or scipy
                CSR/CSC table. Never modified.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: If contents are unusable: NaN or inf, lengths that differ, one class only, fewer rows
                than neighbours, an impossible `sampling_strategy`, a bad parameter.
            TypeError: If X is not numeric or a count is not an int.
        """
        targets = self.check(X, y)
        self.sample_indices_ = self._select(X, targets)
        return take_rows(X, self.sample_indices_), take_rows(y, self.sample_indices_)


class UnderSampler(RowSelector):
    """Base class of the under-samplers that look at the rows: a method gives ``_choose``."""

    @abstractmethod
    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        """Numbers of the rows that stay, in output order."""

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Check the data and set ``sampling_strategy_``; no row is chosen.

        Args:
            X: The table, as in ``fit_resample``.
            y: Labels, shape (n,).

        Returns:
            The resampler itself.
        """
        self._read(X, self.check(X, y))
        return self

    def _select(self, X: Any, targets: Targets) -> NDArray[np.int64]:
        return self._choose(self._read(X, targets))

    def _read(self, X: Any, targets: Targets) -> LabeledRows:
        rows = read_table(X, self.device, makes_rows=False).rows
        return LabeledRows(rows, torch.from_numpy(targets.codes).to(rows.device), targets)


class CleaningSampler(UnderSampler):
    """Base class of the methods where the data decide how many rows go; the strategy says of what."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**CLEANING, **DEVICE_AND_BACKEND}

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        return classes_to_clean(self.sampling_strategy, targets)

    def _select(self, X: Any, targets: Targets) -> NDArray[np.int64]:
        chosen = super()._select(X, targets)
        name = type(self).__name__
        # By the class's own name, since a combination has a `sampling_strategy` of another meaning.
        remedy = f"leave it out of {name}(sampling_strategy=[...]) to keep it"
        warn_of_outcome(name, targets, chosen, list(self.sampling_strategy_), remedy)
        return chosen


def warn_of_outcome(
    owner: str, targets: Targets, chosen: NDArray[np.int64], asked: list[Any], remedy: str
) -> None:
    """Say that a cleaning removed nothing, or a whole class.

    Args:
        owner: Name of the resampler.
        targets: The labels before.
        chosen: Rows that stay.
        asked: The classes that were to be cleaned.
        remedy: How to keep a class that is gone.
    """
    if len(chosen) >= len(targets.codes):
        warnings.warn(
            f"{owner}: no row of {asked} had to go",
            NothingSampledWarning,
            stacklevel=4,
        )
    left = np.bincount(targets.codes[chosen], minlength=len(targets.counts))
    for position in np.flatnonzero(left == 0):
        warnings.warn(
            f"{owner}: class {targets.keys[position]!r} is cleaned away: none of its "
            f"{targets.counts[position]} rows is left; {remedy}",
            DataWarning,
            stacklevel=4,
        )


def by_class(
    targets: Targets,
    positions: list[int],
    choose: Callable[[int, NDArray[np.int64]], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """Rows class by class, in sorted order of classes.

    Args:
        targets: The encoded labels.
        positions: Which classes are chosen from; of the others every row stays.
        choose: From a class's position and its rows, the rows that stay.
    """
    parts = []
    for position in range(len(targets.counts)):
        rows = targets.rows_of(position)
        parts.append(choose(position, rows) if position in positions else rows)
    return np.concatenate(parts)
