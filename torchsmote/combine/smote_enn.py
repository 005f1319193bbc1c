"""SMOTE, then edited nearest neighbours: every row must look like its neighbours."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..parameters import N_JOBS
from ..under_sampling import EditedNearestNeighbours
from .base import CLEANER, Combiner

__all__ = ["SMOTEENN"]


class SMOTEENN(Combiner):
    r"""SMOTE, then drop each row that does not agree with its nearest neighbours.

    .. math:: x \text{ stays} \iff y_{j} = y_x \text{ for all } j \text{ of its 3 nearest rows}

    Real and synthetic rows of every class are cleaned alike. Where classes overlap much, most rows go, and a
    class may lose its last row, which a warning names.

    The cleaner measures distances, so each column must hold numbers: for `SMOTENC` on other columns take
    `SMOTEIPF` with an estimator that encodes them. Memory: the over-sampler's result, and the search in it.

    Args:
        sampling_strategy: See `SMOTE`; of the over-sampler. Must be left alone where ``smote`` is given.
        random_state: See `SMOTE`.
        smote: The over-sampler, any of torchsmote; None: `SMOTE`. A random_state, device or backend that it
            leaves open is as here.
        enn: The cleaner, any resampler that chooses rows; None: `EditedNearestNeighbours` of all
            classes. A random_state, device, backend or n_jobs that it leaves open is as here.
        n_jobs: Handed to the cleaner, whose work torch's own threads do; kept for imbalanced-learn's users.
        device: See `SMOTE`.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for, before the cleaning.
        classes_: The classes, sorted.
        smote_: The over-sampler that ran.
        enn_: The cleaner that ran.
        draws_: `Draws` of the synthetic rows that stayed, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Reference:
        Batista, Prati and Monard, "A study of the behavior of several methods for balancing machine learning
        training data", SIGKDD Explorations 6, 2004.

    >>> import torch
    >>> X = torch.arange(24, dtype=torch.float32).reshape(24, 1)
    >>> y = (X[:, 0] >= 16).long()
    >>> X_new, y_new = SMOTEENN(random_state=0).fit_resample(X, y)
    >>> y_new.bincount().tolist()
    [15, 15]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Combiner._parameter_constraints,
        "enn": CLEANER,
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        smote: Any = None,
        enn: Any = None,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.enn = enn
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _validate_estimator(self) -> None:
        super()._validate_estimator()
        self.enn_ = self._cleaner("enn", EditedNearestNeighbours(sampling_strategy="all"))

    def _clean(self, X: Any, y: Any) -> tuple[Any, Any, NDArray[np.int64]]:
        return self._cleaned_by(self.enn_, X, y)
