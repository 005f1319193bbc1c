"""Instance hardness threshold: of the common classes, drop the rows that a classifier finds hard."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.utils import check_random_state

from ..devices import on_host
from ..exceptions import FewSamplesWarning
from ..over_sampling.seeded import freshly_seeded
from ..parameters import N_JOBS, RANDOM_STATE, HasMethods
from ..random import host_state
from ..strategy import SamplingStrategy
from ..targets import Targets
from .base import LabeledRows, UnderSampler, by_class

__all__ = ["InstanceHardnessThreshold"]


class InstanceHardnessThreshold(UnderSampler):
    r"""Drop the rows of each common class to which a classifier gives the lowest probability of their class.

    .. math:: x \text{ stays} \iff p(y_x \mid x) \ge \text{the } (1 - n_{keep} / n_c) \text{ quantile of its
        class}

    Probabilities come from folds in which the row was not learned from. Rows that share the quantile's
    probability all stay, so a class can keep more than asked for. The classifier runs on the host.

    Args:
        estimator: A classifier with ``predict_proba``; None: a ``RandomForestClassifier`` of 100 trees.
        sampling_strategy: See `RandomUnderSampler`.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator,
            which gives a seed.
        cv: Folds, default 5; or a splitter of scikit-learn.
        n_jobs: Processes for the folds.
        device: Where the rows are checked; the classifier runs on the host.
        backend: Not used, there are no neighbours; kept so that all classes take the same.

    Attributes:
        sampling_strategy_: Class -> rows to keep.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, ascending in each.
        estimator_: The classifier, unfitted: each fold fits a clone.

    Reference:
        Smith, Martinez and Giraud-Carrier, "An instance level analysis of data complexity", Machine Learning
        95, 2014.

    >>> import torch
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [8.0], [9.0], [9.5], [10.0]])
    >>> iht = InstanceHardnessThreshold(estimator=GaussianNB(), random_state=0, cv=3)
    >>> iht.fit_resample(X, torch.tensor([0, 0, 0, 0, 1, 1, 1]))[1].bincount().tolist()
    [3, 3]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "estimator": [HasMethods(["fit", "predict_proba"]), None],
        **UnderSampler._parameter_constraints,
        **RANDOM_STATE,
        "cv": ["cv_object"],
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        estimator: Any = None,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: Any = None,
        cv: Any = 5,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.estimator = estimator
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.cv = cv
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        targets = data.targets
        probability = self._probabilities(on_host(data.rows), targets)

        def easy(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            share = self.sampling_strategy_[targets.keys[position]] / len(rows)
            return rows[probability[rows] >= np.percentile(probability[rows], (1.0 - share) * 100.0)]

        return by_class(targets, targets.positions(self.sampling_strategy_), easy)

    def _probabilities(self, rows: NDArray[Any], targets: Targets) -> NDArray[np.float64]:
        """What the classifier gives each row's own class, where it had not seen the row, shape (n,)."""
        seed = host_state(self.random_state)
        state = check_random_state(seed)
        self.estimator_ = self._classifier(seed, state)
        cv = self.cv
        if isinstance(cv, int | np.integer):
            cv = StratifiedKFold(n_splits=int(cv), shuffle=True, random_state=state)
            self._check_folds(targets)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The least populated class")  # said by a warning of ours
            found = cross_val_predict(
                self.estimator_, rows, targets.codes, cv=cv, n_jobs=self.n_jobs, method="predict_proba"
            )
        return np.asarray(found[np.arange(len(rows)), targets.codes])

    def _classifier(self, seed: Any, state: np.random.RandomState) -> Any:
        """The classifier; one that is given gets fresh seeds, in the order of its parameters' names."""
        if self.estimator is None:
            return RandomForestClassifier(n_estimators=100, random_state=seed, n_jobs=self.n_jobs)
        if not is_classifier(self.estimator):
            raise ValueError(
                f"InstanceHardnessThreshold: estimator={self.estimator!r} is no classifier; give one with "
                "predict_proba, such as LogisticRegression()"
            )
        return freshly_seeded(self.estimator, state, given_too=True)

    def _check_folds(self, targets: Targets) -> None:
        least = min(targets.counts)
        label = targets.keys[targets.counts.index(least)]
        if max(targets.counts) < self.cv:
            raise ValueError(
                f"InstanceHardnessThreshold: cv={self.cv} needs a class of at least {self.cv} rows, but the "
                f"largest has {max(targets.counts)}; lower cv"
            )
        if least < self.cv:
            warnings.warn(
                f"InstanceHardnessThreshold: class {label!r} has {least} samples, fewer than cv={self.cv}; "
                "some folds are without it; lower cv",
                FewSamplesWarning,
                stacklevel=6,
            )
