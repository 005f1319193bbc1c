"""The table that is examined: its columns, its classes, and what its code needs to know of its container."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from ...table_columns import is_polars
from ...targets import Targets, encode
from ..features import Features, read_features
from .column_facts import ColumnFacts, measure_columns
from .words import shortened

__all__ = ["Table", "read"]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns and classes.

    Attributes:
        features: Numbers and categories.
        targets: Classes.
        facts: Of the columns of numbers.
        container: "tensor", "sparse tensor", "sparse", "pandas", "polars" or "array" (lists too).
        on_host: Code that makes X a numpy array.
        labels_on_host: Code that makes y one.
        axes: Of X.
        floating: Whether all its numbers came as floats.
        text_names: Whether the names of its columns are all text.
    """

    features: Features
    targets: Targets
    facts: ColumnFacts
    container: str
    on_host: str
    labels_on_host: str
    axes: int
    floating: bool
    text_names: bool

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def codes(self) -> NDArray[np.int64]:
        """Class of each row, as a position among the classes."""
        return self.targets.codes.astype(np.int64, copy=False)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each class."""
        return np.array(self.targets.counts, np.int64)

    @property
    def varies(self) -> bool:
        """Whether any column holds two values."""
        return bool((~self.facts.constant).any()) or any(size > 1 for size in self.features.n_categories)

    @property
    def largest(self) -> int:
        """Position of the largest class; of several, the first."""
        return int(self.counts.argmax())

    @property
    def rarest(self) -> int:
        """Position of the smallest class; of several, the last, so that it is never the largest."""
        return int(len(self.counts) - 1 - self.counts[::-1].argmin())

    @property
    def ratio(self) -> float:
        """Largest class over smallest."""
        return float(self.counts.max() / self.counts.min())

    @property
    def minorities(self) -> list[int]:
        """Positions of all classes but the largest, the rarest first."""
        order = np.argsort(self.counts, kind="stable").tolist()
        return [position for position in order if position != self.largest]

    @cached_property
    def labels(self) -> list[str]:
        """The classes as text."""
        return [str(key) for key in self.targets.keys]

    def named(self, positions: Sequence[int]) -> list[str]:
        """Texts of some classes."""
        return [self.labels[position] for position in positions]

    def class_name(self, position: int) -> str:
        """A class as sentences name it."""
        return f'class "{shortened(self.labels[position])}"'


def read(X: Any, y: Any) -> Table:
    """Read and measure a table.

    Raises:
        ValueError: If it is empty, lengths differ, or ``y`` has one class or values that are no labels.
        TypeError: If a column is neither numbers nor categories.
    """
    features, targets = read_features(X), encode(y)
    if len(features) != len(targets.codes):
        raise ValueError(
            f"`X` and `y` must have the same number of rows, got {len(features):,} and "
            f"{len(targets.codes):,} labels"
        )
    codes = targets.codes.astype(np.int64, copy=False)
    facts = measure_columns(features.numbers, codes, len(targets.counts))
    axes = X.ndim if isinstance(X, (Tensor, np.ndarray)) else 2
    text_names = all(isinstance(name, str) for name in getattr(X, "columns", ()))
    return Table(
        features,
        targets,
        facts,
        _container(X),
        _on_host("X", X),
        _on_host("y", y),
        axes,
        _is_floating(X, features),
        text_names,
    )


def _on_host(name: str, values: Any) -> str:
    if sparse.issparse(values):
        return f"{name}.toarray()"
    if not isinstance(values, Tensor):
        return f"np.asarray({name})"
    dense = "" if values.layout == torch.strided else ".to_dense()"
    known = ".float()" if values.dtype == torch.bfloat16 else ""  # numpy has no bfloat16
    return f"{name}{'.detach()' if values.requires_grad else ''}{dense}{known}.cpu().numpy()"


def _container(X: Any) -> str:
    if isinstance(X, Tensor):
        return "tensor" if X.layout == torch.strided else "sparse tensor"
    if sparse.issparse(X):
        return "sparse"
    if is_polars(X):
        return "polars"
    return "pandas" if hasattr(X, "columns") else "array"


def _is_floating(X: Any, features: Features) -> bool:
    if isinstance(X, Tensor):
        return X.is_floating_point()
    if isinstance(X, np.ndarray) or sparse.issparse(X):
        return bool(X.dtype.kind == "f")
    dtypes = list(getattr(X, "dtypes", [np.dtype(object)] * len(features.names)))
    return all("float" in str(dtypes[place]).lower() for place in features.numerical)
