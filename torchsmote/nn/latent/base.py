"""What both latent methods share: codes of the real rows, synthetic codes, and rows decoded from them."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import replace
from numbers import Integral
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...over_sampling import SMOTE, RandomOverSampler
from ...over_sampling.base import OverSampler
from ...parameters import HasMethods, Interval, InvalidParameterError, what_is
from ...random import Purpose, stream_seed
from ...resampler import Resampler, shape_of
from ...strategy import rows_to_make
from ...table_reading import read_table
from ...tables import Table, take_rows
from ...targets import Targets
from ..checks import whole
from .running import decode_into, encode

__all__ = ["LatentSampler"]

Self = TypeVar("Self", bound="LatentSampler")


class LatentSampler(Resampler):
    """Base class: encode the real rows, over-sample their codes, decode the synthetic codes.

    A method gives ``_networks``: the encoder and the decoder for a table.

    Attributes:
        encoder_: The encoder.
        decoder_: The decoder.
        codes_: Codes of the real rows, shape (n, z).
        resampler_: The over-sampler of the codes.
        n_calls_: Calls of ``sample`` since the fit.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "resampler": [HasMethods(["fit_resample"]), None],
        "seed": [Interval(Integral, 0, 2**32 - 1, closed="both")],
    }

    resampler: Any
    seed: int
    device: Any = None
    batch_size: int

    @abstractmethod
    def _networks(self, rows: Tensor, targets: Targets) -> tuple[nn.Module, nn.Module]:
        """Encoder and decoder.

        Args:
            rows: The real rows in their shape, floating point, (n, ...).
            targets: Their labels.
        """

    def fit(self: Self, X: Any, y: Any) -> Self:
        """Encode the rows and keep their codes; `DeepSMOTE` trains its networks first.

        Args:
            X: The rows, as in ``fit_resample``.
            y: Labels, shape (n,).

        Returns:
            The resampler itself.
        """
        self._fit(X, y)
        return self

    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Fit, then over-sample: the given rows, unchanged and first, then decoded synthetic ones, by class.

        Args:
            X: Rows of shape (n, d) or (n, ...): a tensor on any device, array, data frame, list, or scipy
                CSR/CSC table. Never modified.
            y: Labels of any dtype, shape (n,).

        Returns:
            X and y in the containers, dtypes and on the device that came in.

        Raises:
            ValueError: If contents are unusable: NaN or inf, lengths that differ, one class only, a class
                with too few rows, a bad argument, a network whose output has the wrong shape.
            TypeError: If X is not numeric, or an argument is of the wrong kind.
        """
        table = self._fit(X, y)
        codes, labels = self.resampler_.fit_resample(self.codes_, y)
        self.draws_, self.sample_indices_ = self.resampler_.draws_, self.resampler_.sample_indices_
        return table.append((codes[len(self.codes_) :],), self._decoded), labels

    def sample(self, n: int, label: Any) -> Any:
        """Synthetic rows of one class, from the fitted codes; other ones at each call.

        They are a pure function of ``seed`` and of how many calls since the fit went before; the resampler's
        own ``random_state`` and ``sampling_strategy`` are not used. Each call searches neighbours anew.

        Args:
            n: How many, at least 1.
            label: The class; any of ``classes_``, the largest too.

        Returns:
            n rows in the container, dtype and on the device of the X that was fitted.

        Raises:
            NotFittedError: If nothing was fitted (it is a ValueError).
            TypeError: If ``n`` is not an int.
            ValueError: If ``n`` is below 1, the class is unknown, or it has too few rows for the resampler.
        """
        check_is_fitted(self, "codes_")
        whole(n, "n", 1)
        classes = self.classes_.tolist()
        if np.ndim(label) or label not in classes:
            raise ValueError(f"`label` must be one of the fitted classes {classes}, got {label!r}")
        codes = self._draw(n, classes[classes.index(label)])
        self.n_calls_ += 1
        return self._no_rows.append((codes,), self._decoded)

    def check_parameters(self) -> None:
        """See `SMOTE`; what is no over-sampler is named.

        Raises:
            ValueError: If an argument is of the wrong type or out of range (it is a TypeError too).
        """
        given, name = self.resampler, type(self).__name__
        if given is not None and not isinstance(given, (OverSampler, RandomOverSampler)):
            raise InvalidParameterError(
                f"{name}: `resampler` is {what_is(given)}; give an over-sampler object of torchsmote, such "
                "as SMOTE()"
            )
        if getattr(given, "votes", False):
            raise InvalidParameterError(
                f"{name}: {type(given).__name__} votes on categories, which codes have none of; give SMOTE()"
            )
        super().check_parameters()

    def _fit(self, X: Any, y: Any) -> Table:
        """Everything that ``fit`` does; returns the table."""
        self.check_parameters()
        self.resampler_ = self._own_resampler()
        self.resampler_.check_parameters()
        targets = self.check(X, y)
        table = self._read(X)
        self._shape = shape_of(X)[1:]
        if math.prod(self._shape) != table.rows.shape[1]:  # deeper lists, whose shape is not read
            raise TypeError(
                f"`X` is a {type(X).__name__} of rows that are no vectors; give a tensor or array"
            )
        rows = table.rows.reshape(-1, *self._shape)
        self.encoder_, self.decoder_ = self._networks(rows, targets)
        self.codes_ = encode(self.encoder_, rows, self.batch_size, self.seed)
        self._decoded(table.rows, (self.codes_[:1],))  # a decoder that does not fit is found before any draw
        self._labels, self.n_calls_ = targets.labels, 0
        none = np.empty(0, dtype=np.int64)
        self._no_rows = replace(table, given=take_rows(X, none), rows=table.rows[:0].clone())
        return table

    def _read(self, X: Any) -> Table:
        return read_table(X, self.device)

    def _own_resampler(self) -> Any:
        """A clone; one that has no ``random_state`` draws from ``seed``."""
        own = SMOTE() if self.resampler is None else clone(self.resampler)
        return own.set_params(random_state=self.seed) if own.random_state is None else own

    def _rows_asked_for(self, targets: Targets) -> dict[Any, int]:
        return rows_to_make(self.resampler_.sampling_strategy, targets)

    def _draw(self, n: int, label: Any) -> Tensor:
        """``n`` synthetic codes of a class, shape (n, z)."""
        count = int((self._labels == label).sum())
        generator = torch.Generator().manual_seed(stream_seed(self.seed, self.n_calls_, Purpose.DRAW))
        own, plenty = clone(self.resampler_), 2 * n + count
        # Some methods round what each base row makes, or leave a part out: then more is drawn than is needed.
        for wanted in (n, plenty):
            own.set_params(sampling_strategy={label: count + wanted}, random_state=generator)
            try:
                codes, _ = own.fit_resample(self.codes_, self._labels)
            except ValueError:
                if wanted == plenty:
                    raise
                continue
            made: Tensor = codes[len(self.codes_) :]
            if len(made) >= n:
                chosen = torch.randperm(len(made), generator=generator)[:n]
                return made.index_select(0, chosen.to(made.device))
        raise ValueError(
            f"{type(self).__name__}: {type(own).__name__} makes too few rows of class {label!r}: "
            f"{len(made)} where {plenty} were asked for; use SMOTE()"
        )

    def _decoded(self, rows: Tensor, drawn: Any, /, *, out: Tensor | None = None) -> Tensor:
        """Rows from their codes, as `Table` asks for them; the real rows only say dtype, device and width."""
        (codes,) = drawn
        made = rows.new_empty((len(codes), rows.shape[1])) if out is None else out
        decode_into(made, self.decoder_, codes, self._shape, self.batch_size, self.seed)
        return made
