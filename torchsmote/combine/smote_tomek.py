"""SMOTE, then without Tomek links: nearest neighbours of different classes both go."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..parameters import N_JOBS
from ..under_sampling import TomekLinks
from .base import CLEANER, Combiner

__all__ = ["SMOTETomek"]


class SMOTETomek(Combiner):
    r"""SMOTE, then drop both rows of each Tomek link.

    .. math:: \{a, b\}: \quad b \text{ is nearest to } a, \quad a \text{ is nearest to } b, \quad y_a \neq y_b

    Real and synthetic rows of every class are cleaned alike; far fewer go than by `SMOTEENN`.

    The cleaner measures distances, so each column must hold numbers: for `SMOTENC` on other columns take
    `SMOTEIPF` with an estimator that encodes them. Memory: the over-sampler's result, and the search in it.

    Args:
        sampling_strategy: See `SMOTE`; of the over-sampler. Must be left alone where ``smote`` is given.
        random_state: See `SMOTE`.
        smote: The over-sampler, any of torchsmote; None: `SMOTE`. A random_state, device or backend that it
            leaves open is as here.
        tomek: The cleaner, any resampler that chooses rows; None: `TomekLinks` of all
            classes. A random_state, device, backend or n_jobs that it leaves open is as here.
        n_jobs: Handed to the cleaner, whose work torch's own threads do; kept for imbalanced-learn's users.
        device: See `SMOTE`.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for, before the cleaning.
        classes_: The classes, sorted.
        smote_: The over-sampler that ran.
        tomek_: The cleaner that ran.
        draws_: `Draws` of the synthetic rows that stayed, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Batista, Bazzan and Monard, "Balancing training data for automated annotation of keywords: a case
        study", WOB 2003.

    >>> import torch
    >>> X, y = torch.arange(24, dtype=torch.float32).reshape(24, 1), torch.arange(24) // 16
    >>> X[16] = 15.25  # nearest to 15, of the other class
    >>> tomek = SMOTETomek(random_state=0)
    >>> X_new, y_new = tomek.fit_resample(X, y)
    >>> 15 in tomek.sample_indices_, y_new.bincount().tolist()
    (False, [15, 15])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Combiner._parameter_constraints,
        "tomek": CLEANER,
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        smote: Any = None,
        tomek: Any = None,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.tomek = tomek
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _validate_estimator(self) -> None:
        super()._validate_estimator()
        self.tomek_ = self._cleaner("tomek", TomekLinks(sampling_strategy="all"))

    def _clean(self, X: Any, y: Any) -> tuple[Any, Any, NDArray[np.int64]]:
        return self._cleaned_by(self.tomek_, X, y)
