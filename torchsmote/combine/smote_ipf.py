"""SMOTE-IPF: drop the rows, real and synthetic, that classifiers trained on parts find mislabeled."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import check_random_state

from ..parameters import COUNT, HasMethods, Interval, StrOptions
from ..random import host_state
from ..tables import take_rows
from ..targets import encode
from ..under_sampling.base import warn_of_outcome
from .base import Combiner
from .partition_filter import centered, host_rows, partition_filter

__all__ = ["SMOTEIPF"]


class SMOTEIPF(Combiner):
    r"""SMOTE, then an iterative-partitioning filter.

    In each round the rows are split at random into n parts of equal size, and a classifier :math:`h_j` is
    trained on each. A row goes when most of them are against its label,

    .. math:: \sum_{j=1}^{n} [h_j(x) \neq y] > \frac{n}{2},

    or, by consensus, all of them. It stops after k rounds in a row that each remove less than the share p of
    the rows that SMOTE returned. Memory: as SMOTE, one array of the result on the host, and the classifiers.

    Args:
        sampling_strategy: See `SMOTE`; of the over-sampler.
        random_state: See `SMOTE`; parts and classifiers draw from it too, on the host.
        smote: The over-sampler, any of torchsmote; None: `SMOTE`. A random_state, device or backend that it
            leaves open is as here.
        estimator: A scikit-learn classifier, run on the host; None: a ``DecisionTreeClassifier`` with leaves
            of two rows or more, like the paper's C4.5. One that learns its part by heart finds no row of it
            mislabeled, so by consensus it removes nothing.
        n_partitions: The paper's n, default 9; odd, so that there are no ties.
        voting: "majority" (default) or "consensus".
        n_rounds: The paper's k, default 3.
        min_removed: The paper's p, default 0.01, above 0.
        device: See `SMOTE`.
        backend: See `SMOTE`.

    Attributes:
        sampling_strategy_: Class -> synthetic rows asked for, before the cleaning.
        classes_: The classes, sorted.
        smote_: The over-sampler that ran.
        estimator_: The classifier that was cloned for each part.
        draws_: `Draws` of the synthetic rows that stayed, in output order.
        sample_indices_: Input row of each output row, -1 for a synthetic one.

    Raises:
        ValueError: If fewer rows than ``n_partitions`` are left, or the classifier cannot use the table.

    Reference:
        Saez, Luengo, Stefanowski and Herrera, "SMOTE-IPF: addressing the noisy and borderline examples
        problem in imbalanced classification by a re-sampling method with filtering", Information Sciences
        291, 2015.

    >>> import torch
    >>> X = torch.arange(60, dtype=torch.float32).reshape(60, 1)
    >>> y = (X[:, 0] >= 40).long()
    >>> y[7] = 1  # a mislabeled row
    >>> ipf = SMOTEIPF(random_state=0)
    >>> X_new, y_new = ipf.fit_resample(X, y)
    >>> 7 in ipf.sample_indices_, y_new.bincount().tolist()
    (False, [36, 38])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **Combiner._parameter_constraints,
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_partitions": COUNT,
        "voting": [StrOptions({"majority", "consensus"})],
        "n_rounds": COUNT,
        "min_removed": [Interval(Real, 0, 1, closed="right")],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        random_state: Any = None,
        smote: Any = None,
        estimator: Any = None,
        n_partitions: int = 9,
        voting: str = "majority",
        n_rounds: int = 3,
        min_removed: float = 0.01,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.estimator = estimator
        self.n_partitions = n_partitions
        self.voting = voting
        self.n_rounds = n_rounds
        self.min_removed = min_removed
        self.device = device
        self.backend = backend

    def _validate_estimator(self) -> None:
        super()._validate_estimator()
        tree = DecisionTreeClassifier(min_samples_leaf=2)
        self.estimator_ = tree if self.estimator is None else self.estimator

    def _clean(self, X: Any, y: Any) -> tuple[Any, Any, NDArray[np.int64]]:
        targets = encode(y)
        kept = partition_filter(
            centered(host_rows(X)) if self.estimator is None else host_rows(X),
            targets.codes,
            self.estimator_,
            check_random_state(host_state(self.random_state)),
            n_partitions=self.n_partitions,
            n_rounds=self.n_rounds,
            min_removed=self.min_removed,
            consensus=self.voting == "consensus",
            owner=type(self).__name__,
        )
        remedy = "use fewer partitions, or an estimator that learns more from few rows"
        warn_of_outcome(type(self).__name__, targets, kept, targets.keys, remedy)
        return take_rows(X, kept), take_rows(y, kept), kept
