"""What every resampler shares: scikit-learn's estimator habits and the checks before any work starts."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils.validation import validate_data

from .engines import engine_of
from .parameters import DEVICE_AND_BACKEND, SAMPLING, validate_parameter_constraints
from .strategy import rows_to_make
from .table_reading import check_shape
from .tags import ResamplerTags, resampler_tags
from .targets import Targets, encode

__all__ = ["Resampler", "shape_of"]

Self = TypeVar("Self", bound="Resampler")


class Resampler(OneToOneFeatureMixin, BaseEstimator):
    """Base class of resamplers: parameters, tags, and the labels' checks.

    Attributes:
        sampling_strategy_: Class -> rows asked for.
        classes_: The classes, sorted.
        n_features_in_: Columns of X.
        feature_names_in_: Their names, where X has string names.
    """

    _estimator_type = "sampler"
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**SAMPLING, **DEVICE_AND_BACKEND}

    sampling_strategy: Any

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Check the data and set ``sampling_strategy_``; no row is made.

        Args:
            X: The table, n rows.
            y: Labels, shape (n,).

        Returns:
            The resampler itself.
        """
        self.check(X, y)
        return self

    def check_parameters(self) -> None:
        """Check the constructor's arguments, which are stored unchecked; every fit does so first.

        Raises:
            ValueError: If one is of the wrong type or out of range (it is a TypeError too).
        """
        name = type(self).__name__
        validate_parameter_constraints(self._parameter_constraints, self.get_params(deep=False), name)

    def check(self, X: Any, y: Any) -> Targets:
        """Check parameters and labels, set the fitted attributes that follow, return the encoded labels.

        Args:
            X: The table, of which only the shape and the columns' names are looked at here.
            y: Labels, shape (n,).

        Raises:
            ValueError: As in ``fit_resample``.
            TypeError: If an engine holds X, which this resampler does not work on.
        """
        self.check_parameters()
        self._check_in_memory(X)
        targets = self._targets(y)
        shape = shape_of(X)
        check_shape(shape)
        if shape[0] != len(targets.codes):
            raise ValueError(
                f"`X` has {shape[0]} rows but `y` has {len(targets.codes)} labels; they must match"
            )
        validate_data(self, X=X, reset=True, skip_check_array=True)
        self.classes_ = targets.classes
        self.sampling_strategy_ = self._rows_asked_for(targets)
        return targets

    def _check_in_memory(self, X: Any) -> None:
        if engine_of(X) is not None:
            raise TypeError(
                f"{type(self).__name__} needs `X` in memory, got a table of type {type(X).__name__}; load it "
                "first, or call fit_resample or recipe of SMOTE, BorderlineSMOTE, ADASYN or RandomOverSampler"
            )

    def _targets(self, y: Any) -> Targets:
        """What a row can be of, and which rows are: here, of a class."""
        return encode(y)

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        """What ``sampling_strategy`` means to this kind of resampler: class -> rows; here, rows to add."""
        return rows_to_make(self.sampling_strategy, targets)

    def __sklearn_tags__(self) -> ResamplerTags:
        return resampler_tags()


def shape_of(X: Any) -> tuple[int, ...]:
    """Shape of a table; of a list, from its first row, since the rest may be of any kind."""
    if hasattr(X, "shape"):
        return tuple(X.shape)
    if not hasattr(X, "__len__") or not hasattr(X, "__getitem__"):
        raise TypeError(
            f"`X` must be a table (tensor, array, data frame or list of rows), got {type(X).__name__}"
        )
    first = X[0] if len(X) else ()
    return (len(X), len(first)) if hasattr(first, "__len__") and not isinstance(first, str) else (len(X),)
