"""What the combinations share: the over-sampler runs, the cleaner chooses rows, and both leave a trace."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, ClassVar, NoReturn, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone

from ..draws import Draws
from ..exceptions import NothingSampledWarning
from ..over_sampling import SMOTE
from ..parameters import HasMethods, InvalidParameterError, what_is
from ..resampler import Resampler
from ..variants import Variant

__all__ = ["CLEANER", "Combiner"]

CLEANER: list[Any] = [HasMethods(["fit_resample"]), None]

# What each argument needs, as messages say it.
_KINDS = {
    "smote": "an over-sampler object of torchsmote, such as SMOTE()",
    "tomek": "a cleaner object, such as TomekLinks()",
    "enn": "a cleaner object, such as EditedNearestNeighbours()",
}

Self = TypeVar("Self", bound="Combiner")


class Combiner(Resampler):
    """Base class of an over-sampler followed by a cleaner.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for, before the cleaning.
        classes_: The classes, sorted.
        smote_: The over-sampler that ran.
        draws_: `Draws` of the synthetic rows that stayed, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one, int64 array.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Resampler._parameter_constraints,
        "smote": [HasMethods(["fit_resample", "recipe"]), None],
    }

    random_state: Any
    smote: Any
    device: Any
    backend: str

    @abstractmethod
    def _clean(self, X: Any, y: Any) -> tuple[Any, Any, NDArray[np.int64]]:
        """Of a table and its labels, those that stay, in output order, and the numbers of their rows."""

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Check the data and set ``sampling_strategy_``; no row is made.

        Args:
            X: The table, as in ``fit_resample``.
            y: Labels, shape (n,).

        Returns:
            The resampler itself.
        """
        self._validate_estimator()
        self.smote_.fit(X, y)
        self._adopt()
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Over-sample, then clean: real and synthetic rows alike may go.

        Args:
            X: A table that the over-sampler takes, n rows. Never modified.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in, rows in the cleaner's order.

        Raises:
            ValueError: As the over-sampler and the cleaner do.
            TypeError: As the over-sampler and the cleaner do.
        """
        self._validate_estimator()
        self._check_in_memory(X)
        grown, grown_labels = self.smote_.fit_resample(X, y)
        self._adopt()
        rows, labels, kept = self._clean(grown, grown_labels)
        origin, made = self.smote_.sample_indices_, self.smote_.draws_
        self.sample_indices_ = origin[kept]
        self.draws_ = _chosen(made, kept - (len(origin) - len(made.base)))
        return rows, labels

    def recipe(self, X: Any, y: Any, generator: torch.Generator | None = None) -> NoReturn:
        """A cleaned set cannot be drawn from a recipe.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"SMOTEDataset: {self._outside_a_loop()}")

    @property
    def variant(self) -> Variant:
        """That of the over-sampler."""
        variant: Variant = self._over_sampler().variant
        return variant

    def batch_neighbors(self) -> tuple[int, int]:
        """None: a batch cannot be cleaned.

        Raises:
            TypeError: Always.
        """
        raise TypeError(f"EmbeddingSMOTE: {self._outside_a_loop()}")

    def _outside_a_loop(self) -> str:
        over = type(self._over_sampler()).__name__
        return (
            f"{type(self).__name__} cleans a finished table, so it cannot draw rows in a training loop; use "
            f"resampler={over}(...) there (SMOTE() if that needs the table too), and clean the real rows "
            "before if they need it"
        )

    def check_parameters(self) -> None:
        """See `SMOTE`; what is no object of the kind that an argument needs is named.

        Raises:
            ValueError: If an argument is of the wrong type or out of range (it is a TypeError too), or has no
                effect beside another.
            TypeError: If ``smote`` is a combination itself.
        """
        for argument, kind in _KINDS.items():
            given = getattr(self, argument, None)
            other = argument == "smote" and hasattr(given, "fit_resample") and not hasattr(given, "recipe")
            if isinstance(given, type) or other:
                of = given if isinstance(given, type) else type(given)
                raise InvalidParameterError(
                    f"{type(self).__name__}: `{argument}` is {what_is(given)} of "
                    f"{of.__module__.partition('.')[0]}; give {kind}"
                )
        super().check_parameters()
        self._over_sampler()

    def _validate_estimator(self) -> None:
        """Check the arguments and set the fitted parts; imbalanced-learn's tests call it by this name."""
        self.check_parameters()
        self.smote_ = self._over_sampler()

    def _over_sampler(self) -> Any:
        name = type(self).__name__
        if self.smote is None:
            return self._completed(SMOTE(sampling_strategy=self.sampling_strategy))
        if isinstance(self.smote, Combiner):
            raise TypeError(
                f"{name}: `smote` is a {type(self.smote).__name__}, which also cleans; give an over-sampler"
            )
        if self.sampling_strategy != "auto":
            raise ValueError(
                f"{name}: sampling_strategy={self.sampling_strategy!r} has no effect beside `smote`; set it "
                f"on the over-sampler: smote={type(self.smote).__name__}(sampling_strategy=...)"
            )
        return self._completed(self.smote)

    def _completed(self, part: Any) -> Any:
        """A clone of an over-sampler or cleaner; what it leaves open is as in the combination."""
        own = clone(part)
        given = own.get_params(deep=False)
        for name in ("random_state", "device", "backend", "n_jobs"):
            if name in given and (given[name] is None or given[name] == "auto") and hasattr(self, name):
                own.set_params(**{name: getattr(self, name)})
        return own

    def _cleaner(self, argument: str, default: Any) -> Any:
        given = getattr(self, argument)
        if hasattr(given, "recipe"):
            raise TypeError(
                f"{type(self).__name__}: `{argument}` is a {type(given).__name__}, which adds rows; give one "
                f"that removes some, such as {type(default).__name__}()"
            )
        return self._completed(default if given is None else given)

    def _cleaned_by(self, cleaner: Any, X: Any, y: Any) -> tuple[Any, Any, NDArray[np.int64]]:
        """What ``_clean`` gives, from a resampler that chooses rows."""
        with warnings.catch_warnings():
            # That nothing had to be cleaned is no news here: rows were added.
            warnings.simplefilter("ignore", NothingSampledWarning)
            rows, labels = cleaner.fit_resample(X, y)
        if not hasattr(cleaner, "sample_indices_"):
            raise TypeError(
                f"{type(self).__name__}: {type(cleaner).__name__} makes rows of its own, but a cleaner "
                "chooses among those there are; use one that has `sample_indices_` once fitted"
            )
        return rows, labels, np.asarray(cleaner.sample_indices_)

    def _adopt(self) -> None:
        for name in ("classes_", "sampling_strategy_", "n_features_in_"):
            setattr(self, name, getattr(self.smote_, name))
        if hasattr(self.smote_, "feature_names_in_"):
            self.feature_names_in_ = self.smote_.feature_names_in_
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_


def _chosen(draws: Draws, rows: NDArray[np.int64]) -> Draws:
    """The draws of some synthetic rows, in that order; a negative number is a real row's."""
    places = torch.from_numpy(rows[rows >= 0]).to(draws.base.device)
    return Draws(*(values.index_select(0, places) for values in draws))
